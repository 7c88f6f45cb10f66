"""The systems problems: one folder for each task."""
