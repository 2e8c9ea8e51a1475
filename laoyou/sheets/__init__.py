"""Files as grids of cells: workbooks old and new, and text, read without trusting any of it."""
