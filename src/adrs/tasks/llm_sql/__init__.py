"""Reordering the rows and columns of a table so that prompts made of its rows share long prefixes."""
