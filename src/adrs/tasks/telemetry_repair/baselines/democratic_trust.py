"""Democratic Trust Propagation: counters, demands and flow conservation vote on every flow; the surest flow is settled first.

Source: Krentsel et al., "A case for validating inputs to software-defined WANs" (Hodor), HotNets 2024, and its successor
CrossCheck, NSDI 2026. A flow (a direction of a link, or what enters or leaves a router from outside) has the readings of its
ends and the load that the demands predict as votes of 0.66 each; each router at its ends adds one: what balances the router
most often when every unsettled flow takes one of its readings at random, weighted with how often that was. The flow whose best
value has most votes is settled there, and counts as known from then on. Without external counters nothing balances, so only
readings vote.
"""

from itertools import pairwise
from typing import Any

import numpy as np

TRIALS = 30
VOTE = 0.66
CLOSE = 0.05
ENOUGH = 1.65
"""Votes from which on a flow counts as certain."""
OUTSIDE = ""

Flow = tuple[str, str]


def predicted(demands: Any, paths: Any) -> dict[Flow, float]:
    """Mbit/s of every flow that the demands and paths lead to."""
    loads: dict[Flow, float] = {}
    for source, targets in (paths or {}).items():
        for target, ways in targets.items():
            rate = demands[source][target]
            loads[OUTSIDE, source] = loads.get((OUTSIDE, source), 0.0) + rate
            loads[target, OUTSIDE] = loads.get((target, OUTSIDE), 0.0) + rate
            for path, share in ways:
                for hop in pairwise(path):
                    loads[hop] = loads.get(hop, 0.0) + share * rate
    return loads


def readings(telemetry: Any, external: Any, loads: dict[Flow, float]) -> dict[Flow, list[float]]:
    """The direct readings of every flow."""
    flows: dict[Flow, list[float]] = {}
    for reported in telemetry.values():
        flows.setdefault((reported["local_router"], reported["remote_router"]), []).append(reported["tx_rate"])
        flows.setdefault((reported["remote_router"], reported["local_router"]), []).append(reported["rx_rate"])
    for router, reported in (external or {}).items():
        flows[OUTSIDE, router] = [reported["origination"]]
        flows[router, OUTSIDE] = [reported["termination"]]
    if loads:
        for flow, values in flows.items():
            values.append(loads.get(flow, 0.0))
    return flows


def most_voted(votes: list[tuple[float, float]]) -> tuple[float, float]:
    """The mean of the heaviest cluster of (value, weight), and its weight."""
    best, heaviest = 0.0, -1.0
    for value, _ in votes:
        near = [(each, weight) for each, weight in votes if abs(each - value) <= CLOSE * max(each, value)]
        weight = sum(weight for _, weight in near)
        if weight > heaviest + 1e-9:
            heaviest, best = weight, sum(each * weight for each, weight in near) / max(weight, 1e-9)
    return best, heaviest


def balance(router: str, around: list[Flow], flows: dict[Flow, list[float]], rng: Any) -> dict[Flow, tuple[float, float]]:
    """For each unsettled flow at a router, the value that balances it most often and the share of trials."""
    open_flows = [place for place, flow in enumerate(around) if len(flows[flow]) > 1]
    if not open_flows:
        return {}
    count = np.array([len(flows[flow]) for flow in around])
    known = np.array([(flows[flow] * 3)[:3] for flow in around])
    drawn = known[np.arange(len(around)), (rng.random((TRIALS, len(around))) * count).astype(int)]
    sign = np.array([1.0 if flow[1] == router else -1.0 for flow in around])
    surplus = (drawn * sign).sum(axis=1)
    derived = np.abs(drawn - sign * surplus[:, None])[:, open_flows].T
    near = np.abs(derived[:, :, None] - derived[:, None]) <= CLOSE * np.maximum(derived[:, :, None], derived[:, None])
    votes = near.sum(axis=2)
    best = votes.argmax(axis=1)
    rows = np.arange(len(open_flows))
    values = (derived * near[rows, best]).sum(axis=1) / votes[rows, best]
    shares = votes[rows, best] / TRIALS
    return {around[place]: (float(values[row]), float(shares[row])) for row, place in enumerate(open_flows)}


def settle(flows: dict[Flow, list[float]], balanced: bool) -> dict[Flow, tuple[float, float]]:
    """(value, votes) of every flow, the surest settled first."""
    rng = np.random.default_rng(0)
    around: dict[str, list[Flow]] = {}
    for flow in flows:
        for router in flow:
            if router != OUTSIDE:
                around.setdefault(router, []).append(flow)
    open_flows = {flow: list(values) for flow, values in flows.items()}
    believed = {router: balance(router, around[router], open_flows, rng) if balanced else {} for router in around}
    settled: dict[Flow, tuple[float, float]] = {}
    polls: dict[Flow, tuple[float, float]] = {}
    while len(settled) < len(flows):
        for flow, read in flows.items():
            if flow not in settled and flow not in polls:
                votes = [(value, VOTE) for value in read]
                votes += [believed[router][flow] for router in flow if router != OUTSIDE and flow in believed[router]]
                polls[flow] = most_voted(votes)
        inner = [flow for flow in polls if OUTSIDE not in flow] or list(polls)
        best = max(inner, key=lambda flow: polls[flow][1])
        settled[best] = polls.pop(best)
        open_flows[best] = [settled[best][0]]
        for router in best if balanced else ():
            if router != OUTSIDE:
                believed[router] = balance(router, around[router], open_flows, rng)
                for flow in around[router]:
                    polls.pop(flow, None)
    return settled


def run_repair(
    telemetry: dict[str, Any], topology: dict[str, Any], external: Any = None, demands: Any = None, paths: Any = None
) -> dict[str, Any]:
    loads = predicted(demands, paths)
    flows = readings(telemetry, external, loads)
    settled = settle(flows, bool(external))
    enough = ENOUGH if external else 2 * VOTE
    answer: dict[str, Any] = {}
    for name, reported in telemetry.items():
        here, there = reported["local_router"], reported["remote_router"]
        answer[name] = {}
        for key, flow in (("rx_rate", (there, here)), ("tx_rate", (here, there))):
            value, votes = settled[flow]
            answer[name][key] = (reported[key], value, min(0.97, votes / enough))
        flows_at_all = answer[name]["rx_rate"][1] + answer[name]["tx_rate"][1] > 0
        says = (reported["interface_status"], telemetry[reported["connected_to"]]["interface_status"])
        status = "up" if flows_at_all or not (loads or "down" in says) else "down"
        answer[name]["interface_status"] = (reported["interface_status"], status, 0.9)
    return answer
