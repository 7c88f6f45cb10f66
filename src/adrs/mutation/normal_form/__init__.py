"""Puts every program into one normal form that computes the same."""
