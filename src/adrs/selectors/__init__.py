"""Whom to breed next: one file a strategy."""
