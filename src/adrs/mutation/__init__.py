"""Typed random edits of Python syntax trees."""
