"""Sparse attention: the keys that a query reads, and their probabilities."""
