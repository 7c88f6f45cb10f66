"""Contracts that people's own parts, tasks and stores can be tested against."""
