"""AI-Driven Research for Systems: state a problem and how to measure an answer; adrs searches for the algorithm."""

__version__ = "0.1.0"
