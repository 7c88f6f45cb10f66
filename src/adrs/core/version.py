"""version: the version of adrs, as runs record it."""

__version__ = "0.1.0"
