"""A run from its recipe to its verification: the only folder that knows every part."""
