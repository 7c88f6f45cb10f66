"""The seed's rule as three small functions of numbers; a start that small edits can work on."""
# ruff: noqa: ARG001

from itertools import pairwise
from typing import Any


# EVOLVE-BLOCK-START
def estimate(near: float, far: float, expected: float, near_doubt: float, far_doubt: float) -> float:
    """Mbit/s that a counter should show; doubts are the shares of a router's flows on which the two ends differ."""
    if near < 0.01 * far:
        return far
    return near


def certainty(value: float, near: float, far: float, expected: float, near_doubt: float, far_doubt: float) -> float:
    """How sure that is, from 0 to 1."""
    if abs(near - far) < 0.05 * near:
        return 0.9
    return 0.6


def is_up(told_up: bool, far_up: bool, traffic: float, expected: float) -> bool:
    """Whether an interface is up; traffic is what is estimated to cross the link, both ways."""
    return told_up


# EVOLVE-BLOCK-END


def foretold(demands: Any, paths: Any) -> dict[str, float]:
    """Mbit/s that leave through each interface if the demands take their paths; empty where neither is known."""
    loads: dict[str, float] = {}
    for source, targets in (paths or {}).items():
        for target, ways in targets.items():
            for path, share in ways:
                for a, b in pairwise(path):
                    loads[f"{a}_to_{b}"] = loads.get(f"{a}_to_{b}", 0.0) + share * demands[source][target]
    return loads


def doubts(telemetry: dict[str, Any], topology: dict[str, Any]) -> dict[str, float]:
    """For each router the share of its flows whose two ends differ by more than 5 %."""
    found = {}
    for router, names in topology.items():
        differ = 0
        for name in names:
            told, other = telemetry[name], telemetry[telemetry[name]["connected_to"]]
            for a, b in ((told["rx_rate"], other["tx_rate"]), (told["tx_rate"], other["rx_rate"])):
                differ += abs(a - b) > 0.05 * max(a, b)
        found[router] = differ / max(2 * len(names), 1)
    return found


def run_repair(
    telemetry: dict[str, Any], topology: dict[str, Any], external: Any = None, demands: Any = None, paths: Any = None
) -> dict[str, Any]:
    loads = foretold(demands, paths)
    doubt = doubts(telemetry, topology)
    answer: dict[str, Any] = {}
    for name, told in telemetry.items():
        partner = told["connected_to"]
        other = telemetry[partner]
        mine, yours = doubt[told["local_router"]], doubt[told["remote_router"]]
        answer[name] = {}
        for key, far, sender in (("rx_rate", other["tx_rate"], partner), ("tx_rate", other["rx_rate"], name)):
            near = told[key]
            expected = loads.get(sender, 0.0) if loads else near
            value = min(max(float(estimate(near, far, expected, mine, yours)), 0.0), 1e9)
            sure = float(certainty(value, near, far, expected, mine, yours))
            answer[name][key] = (near, value, min(max(sure, 0.0), 1.0))
        traffic = answer[name]["rx_rate"][1] + answer[name]["tx_rate"][1]
        expected = loads.get(name, 0.0) + loads.get(partner, 0.0) if loads else traffic
        up = is_up(told["interface_status"] == "up", other["interface_status"] == "up", traffic, expected)
        answer[name]["interface_status"] = (told["interface_status"], "up" if up else "down", 0.9)
    return answer
