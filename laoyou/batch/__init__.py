"""A quarter's report in one go: parameters checked, notebooks run, pages published whole."""
