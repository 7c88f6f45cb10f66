"""The seed's rule as three small functions of shares; a start that small edits can work on."""

from itertools import pairwise
from typing import Any


# EVOLVE-BLOCK-START
def trust(gap_near: float, gap_far: float, gap_expected: float, gap_balance: float, silent: bool) -> float:
    """How much to trust a value; of the near end, the far end and the expected load the most trusted is reported.

    Gaps from 0 to 1: how much it differs from the counter itself, from the far end, from the load that demands and paths lead
    to, and from what balances the router. silent: whether it is 0.
    """
    if silent:
        return 0.05 - gap_far
    return 2 - gap_near - 0.3 * gap_far


def certainty(gap_near: float, gap_far: float, gap_expected: float, gap_balance: float) -> float:
    """How sure the reported value is, from 0 to 1."""
    if gap_far < 0.05:
        return 0.9
    return 0.6


def is_up(told_up: bool, far_up: bool, flows: bool, expected: bool) -> bool:
    """Whether an interface is up; flows and expected: whether any traffic is reported for the link, and predicted."""
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


def surplus(telemetry: dict[str, Any], topology: dict[str, Any], external: Any) -> dict[str, float]:
    """For each router the inflow minus the outflow, by its own counters."""
    return {
        router: external[router]["origination"]
        - external[router]["termination"]
        + sum(telemetry[name]["rx_rate"] - telemetry[name]["tx_rate"] for name in names)
        for router, names in topology.items()
        if external
    }


def gap(a: float, b: float) -> float:
    return abs(a - b) / max(a, b, 1e-9)


def run_repair(
    telemetry: dict[str, Any], topology: dict[str, Any], external: Any = None, demands: Any = None, paths: Any = None
) -> dict[str, Any]:
    loads = foretold(demands, paths)
    over = surplus(telemetry, topology, external)
    answer: dict[str, Any] = {}
    for name, told in telemetry.items():
        partner = told["connected_to"]
        other = telemetry[partner]
        answer[name] = {}
        for key, far, sender in (("rx_rate", other["tx_rate"], partner), ("tx_rate", other["rx_rate"], name)):
            near = told[key]
            expected = loads.get(sender, 0.0) if loads else near
            sign = -1 if key == "rx_rate" else 1
            balance = max(near + sign * over.get(told["local_router"], 0.0), 0.0)
            value, gaps, best = near, (0.0, 0.0, 0.0, 0.0), -1e9
            for each in (near, far, expected):
                found = (gap(each, near), gap(each, far), gap(each, expected), gap(each, balance))
                believed = float(trust(*found, each == 0))
                if believed > best:
                    value, gaps, best = each, found, believed
            answer[name][key] = (near, value, min(max(float(certainty(*gaps)), 0.0), 1.0))
        flows = answer[name]["rx_rate"][1] + answer[name]["tx_rate"][1] > 0
        expected = loads.get(name, 0.0) + loads.get(partner, 0.0) if loads else 1.0
        up = is_up(told["interface_status"] == "up", other["interface_status"] == "up", flows, expected > 0)
        answer[name]["interface_status"] = (told["interface_status"], "up" if up else "down", 0.9)
    return answer
