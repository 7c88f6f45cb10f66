"""The cost model: what the referee charges for a plan. For programs that compare plans before they answer.

    model = Model(problem)
    bill = model.bill(plan)        # plan: what broadcast() returns
    bill.dollars, bill.egress, bill.instances, bill.seconds, bill.regions, bill.slowest

Nothing is checked here: the bill of an illegal plan is meaningless. The referee computes its own.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

Hop = tuple[str, str]
Plan = Mapping[str, Sequence[Sequence[str]]]


class Bill(NamedTuple):
    """The bill of a plan."""

    dollars: float
    """egress + instances"""
    egress: float
    instances: float
    seconds: float
    """until the last gigabyte has arrived"""
    regions: int
    """regions in use, each with all its VMs for all this time"""
    slowest: Hop
    """the hop that finishes last"""
    parts: dict[Hop, int]
    """number of parts that cross each hop"""
    gbit_s: dict[Hop, float]
    """bandwidth of each hop, after the limits of its two ends"""


class Model:
    """Prices and bandwidths of a problem by hop, and the bill of a plan."""

    def __init__(self, problem: Mapping[str, Any]) -> None:
        self.problem = problem
        self.dollars: dict[Hop, float] = {(u, v): price for u, v, price, _ in problem["edges"]}
        self.gbit_s: dict[Hop, float] = {(u, v): rate for u, v, _, rate in problem["edges"]}

    def bill(self, plan: Plan) -> Bill:
        """The bill of a plan: a part crosses a hop once, however many destinations lie behind it."""
        problem = self.problem
        crossing: dict[Hop, set[int]] = {}
        order: dict[str, None] = {}
        for destination in problem["destinations"]:
            for part, path in enumerate(plan[destination]):
                for hop in pairwise(path):
                    crossing.setdefault(hop, set()).add(part)
                    order[hop[0]] = order[hop[1]] = None
        parts = {hop: len(held) for hop, held in crossing.items()}
        flow = self._flow(parts, list(order))
        gigabytes = problem["volume_gb"] / problem["parts"]
        times = {hop: parts[hop] * gigabytes * 8 / flow[hop] for hop in parts}
        slowest = max(times, key=times.__getitem__)
        egress = sum(parts[hop] * gigabytes * self.dollars[hop] for hop in parts)
        rent = problem["vms"] * problem["vm_dollars_per_hour"] / 3600
        instances = len(order) * rent * round(times[slowest], 2)
        return Bill(egress + instances, egress, instances, times[slowest], len(order), slowest, parts, flow)

    def _flow(self, hops: Mapping[Hop, int], nodes: Sequence[str]) -> dict[Hop, float]:
        """Gbit/s of each hop. In the order of their first appearance, nodes reduce hops above a limit to equal shares."""
        flow = {hop: self.gbit_s[hop] for hop in hops}
        incoming: dict[str, list[Hop]] = {node: [] for node in nodes}
        outgoing: dict[str, list[Hop]] = {node: [] for node in nodes}
        for hop in hops:
            outgoing[hop[0]].append(hop)
            incoming[hop[1]].append(hop)
        for node in nodes:
            sides = (
                (incoming[node], self.problem["ingress_gbit_s"][node]),
                (outgoing[node], self.problem["egress_gbit_s"][node]),
            )
            sums = [sum(flow[hop] for hop in side) for side, _ in sides]
            for (side, limit), total in zip(sides, sums, strict=True):
                if total > limit:
                    for hop in side:
                        flow[hop] = min(flow[hop], limit / len(side))
        return flow
