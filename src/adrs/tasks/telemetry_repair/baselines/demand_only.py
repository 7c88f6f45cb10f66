"""Demand only: ignore the counters and report the load that demands and paths predict. Without demands, pass-through."""

from itertools import pairwise
from typing import Any


def foretold(demands: Any, paths: Any) -> dict[str, float]:
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
    loads = foretold(demands, paths)
    answer = {}
    for name, told in telemetry.items():
        rx = loads.get(told["connected_to"], 0.0) if loads else told["rx_rate"]
        tx = loads.get(name, 0.0) if loads else told["tx_rate"]
        status = ("up" if rx + tx > 0 else "down") if loads else told["interface_status"]
        answer[name] = {
            "rx_rate": (told["rx_rate"], rx, 0.8),
            "tx_rate": (told["tx_rate"], tx, 0.8),
            "interface_status": (told["interface_status"], status, 0.8),
        }
    return answer
