"""The command line: every command reads and writes runs through the store."""
