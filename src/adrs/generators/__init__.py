"""Who writes the next program: one file an author."""
