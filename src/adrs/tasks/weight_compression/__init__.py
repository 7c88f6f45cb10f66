"""Adaptive weight compression: the number of bits for each column of a small transformer."""
