"""Prism: which model goes on which GPU, so that no GPU runs short of memory for its KV cache."""
