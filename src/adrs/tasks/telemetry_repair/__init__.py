"""Telemetry Repair: interface counters of a wide-area network, some of them wrong, mended by what the others say."""
