"""The systems problems: a folder a task."""
