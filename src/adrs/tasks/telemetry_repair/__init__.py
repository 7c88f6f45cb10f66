"""Telemetry Repair: repairs wrong interface counters of a wide-area network by means of redundant information."""
