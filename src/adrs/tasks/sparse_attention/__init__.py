"""Sparse attention: which keys a query reads, and with what probability."""
