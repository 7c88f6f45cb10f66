"""Half confident: believe every counter with confidence 0.5; the public leaderboard's start program.

Its "human state of the art" answers the same: the pattern by which it looks for interfaces matches none of them.
"""

from typing import Any


def run_repair(
    telemetry: dict[str, Any], topology: dict[str, Any], external: Any = None, demands: Any = None, paths: Any = None
) -> dict[str, Any]:
    return {
        name: {key: (reported[key], reported[key], 0.5) for key in ("rx_rate", "tx_rate", "interface_status")}
        for name, reported in telemetry.items()
    }
