"""Pass-through: believe every counter with confidence 1; score 0."""

from typing import Any


def run_repair(
    telemetry: dict[str, Any], topology: dict[str, Any], external: Any = None, demands: Any = None, paths: Any = None
) -> dict[str, Any]:
    return {
        name: {key: (reported[key], reported[key], 1.0) for key in ("rx_rate", "tx_rate", "interface_status")}
        for name, reported in telemetry.items()
    }
