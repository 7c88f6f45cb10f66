"""Cloudcast: one source, many destinations, three clouds; send everybody everything for as few dollars as possible."""
