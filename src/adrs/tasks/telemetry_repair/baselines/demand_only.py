"""Demand only: ignore the counters and report the load that demands and paths predict. Without demands, pass-through."""

from itertools import pairwise
from typing import Any


def predicted(demands: Any, paths: Any) -> dict[str, float]:
    """Mbit/s that leave through each interface."""
    loads: dict[str, float] = {}
    for source, targets in (paths or {}).items():
        for target, ways in targets.items():
            for path, share in ways:
                for a, b in pairwise(path):
                    loads[f"{a}_to_{b}"] = loads.get(f"{a}_to_{b}", 0.0) + share * demands[source][target]
    return loads


def run_repair(
    telemetry: dict[str, Any], topology: dict[str, Any], external: Any = None, demands: Any = None, paths: Any = None
) -> dict[str, Any]:
    loads = predicted(demands, paths)
    answer = {}
    for name, reported in telemetry.items():
        rx = loads.get(reported["connected_to"], 0.0) if loads else reported["rx_rate"]
        tx = loads.get(name, 0.0) if loads else reported["tx_rate"]
        status = ("up" if rx + tx > 0 else "down") if loads else reported["interface_status"]
        answer[name] = {
            "rx_rate": (reported["rx_rate"], rx, 0.8),
            "tx_rate": (reported["tx_rate"], tx, 0.8),
            "interface_status": (reported["interface_status"], status, 0.8),
        }
    return answer
