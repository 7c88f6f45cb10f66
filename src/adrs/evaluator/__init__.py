"""Scores programs: a trusted referee and a sandboxed player, never in the same process."""
