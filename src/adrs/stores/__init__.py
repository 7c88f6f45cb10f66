"""Append-only stores of runs: in a database or in memory."""
