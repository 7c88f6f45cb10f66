"""Executors that run games: one file for each kind."""
