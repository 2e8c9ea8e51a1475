"""Synthetic figures, made the same to the byte by a fixed seed."""
