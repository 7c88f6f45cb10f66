"""Where games are played: one file a kind of executor."""
