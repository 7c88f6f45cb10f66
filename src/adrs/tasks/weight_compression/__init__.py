"""Adaptive weight compression: how many bits each column of a small transformer keeps."""
