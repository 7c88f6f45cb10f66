"""How good a program is: a trusted referee and a sandboxed player, never in one process."""
