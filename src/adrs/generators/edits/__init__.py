"""Typed edits of a program's syntax tree: what a search without a language model is made of."""
