"""Prism: models are placed on GPUs so that no GPU runs short of memory for its KV caches."""
