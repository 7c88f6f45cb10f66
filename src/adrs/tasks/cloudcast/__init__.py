"""Cloudcast: one source, many destinations, three clouds; replicate all data for as few dollars as possible."""
