"""Reordering the rows and columns of a table so that prompts made from its rows share long prefixes."""
