"""A quarter's report in one go: parameters checked, notebooks run, pages published whole."""

import sys

# Of all that nbformat imports by way of jsonschema, this one grammar takes most of a second to build. It is for
# addresses in a form that no notebook is checked for, and jsonschema does without where it is not there.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
