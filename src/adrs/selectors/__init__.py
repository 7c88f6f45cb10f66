"""Parent selectors: one file for each strategy."""
