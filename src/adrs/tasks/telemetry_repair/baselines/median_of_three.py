"""Median of three: report the median of the near end, the far end and the load that the demands predict."""

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
    answer: dict[str, Any] = {}
    for name, reported in telemetry.items():
        other = telemetry[reported["connected_to"]]
        answer[name] = {}
        for key, far, sender in (
            ("rx_rate", other["tx_rate"], reported["connected_to"]),
            ("tx_rate", other["rx_rate"], name),
        ):
            low, middle, high = sorted((reported[key], far, loads.get(sender, 0.0) if loads else reported[key]))
            gap = min(middle - low, high - middle)
            answer[name][key] = (reported[key], middle, 0.95 if gap <= 0.05 * middle else 0.3)
        flows = answer[name]["rx_rate"][1] + answer[name]["tx_rate"][1] > 0
        answer[name]["interface_status"] = (reported["interface_status"], "up" if flows else "down", 0.9)
        if not loads:
            answer[name]["interface_status"] = (reported["interface_status"], reported["interface_status"], 0.9)
    return answer
