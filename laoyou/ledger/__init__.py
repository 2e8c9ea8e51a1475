"""The observations: files only ever added to, checked, corrected by declaration, read as known on a day."""
