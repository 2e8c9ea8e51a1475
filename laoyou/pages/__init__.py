"""What a reader sees: the view of a quarter, its sentences, tables and figures, and the page itself."""
