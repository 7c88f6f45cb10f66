"""The typed edits, by what they change."""
