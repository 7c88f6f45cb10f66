"""bound: a lower bound on the dollars of any plan, and the plans that others are compared with. It sees no candidate.

A bill is egress + instances, and each has a lower bound of its own.

* Egress. The hops that a part crosses lead from the source to every destination, so they contain a directed Steiner tree with
  relays; its least price a gigabyte is computed exactly (Dreyfus and Wagner 1971, for directed trees, on shortest paths).
* Instances. All regions of a plan are rented until the last hop is done; the source and the destinations are among them. Limits
  hold for sums: what leaves the source together is no faster than its egress limit, nor than all its links together, and
  everything must leave it once; a destination's ingress likewise. If the hops of one side carry c_e parts at f_e, then
  max c_e / f_e >= sum c_e / sum f_e >= parts / limit. The bill rounds seconds to hundredths, and so does the bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from adrs.tasks.cache import cached, digest
from adrs.tasks.cloudcast.baselines import direct, steiner
from adrs.tasks.cloudcast.kit import Model
from adrs.tasks.cloudcast.network import VM_DOLLARS_PER_HOUR, VMS, Floats, Transfer

VERSION = "1"
"""Raise it when a change may change a number: cached numbers are then discarded."""


@dataclass(frozen=True)
class References:
    """Dollars that a plan is compared with, and the parts of the bound.

    Args:
        direct, steiner: dollars of the programs of these names.
        egress: least dollars of egress.
        seconds: least time.
        bound: least dollars.
    """

    direct: float
    steiner: float
    egress: float
    seconds: float
    bound: float


def references(transfer: Transfer) -> References:
    """The reference values of a transfer, computed once on a machine."""
    numbers = cached("cloudcast", digest(VERSION, transfer.digest), (5,), lambda: _references(transfer))
    return References(*numbers.tolist())


def _references(transfer: Transfer) -> Floats:
    problem = transfer.problem()
    model = Model(problem)
    paid = [model.bill(program.broadcast(problem)).dollars for program in (direct, steiner)]
    egress = transfer.volume_gb * steiner_price(transfer.network.dollars, transfer.source, transfer.destinations)
    seconds = least_seconds(transfer)
    rent = VMS * VM_DOLLARS_PER_HOUR / 3600 * round(seconds - 1e-9, 2)  # float errors of a bill round down too
    return np.array([*paid, egress, seconds, egress + (1 + len(transfer.destinations)) * rent])


def steiner_price(prices: Floats, source: int, destinations: Sequence[int]) -> float:
    """The least price of a tree that leads from the source to all destinations, over relays where these are cheaper.

    Args:
        prices: (nodes, nodes) price of every edge, 0 on the diagonal; none below 0.
    """
    far = shortest(prices)
    full = (1 << len(destinations)) - 1
    tree = np.zeros((full + 1, len(prices)))  # [set of destinations, root] -> least price
    for group in range(1, full + 1):
        if group & (group - 1) == 0:
            tree[group] = far[:, destinations[group.bit_length() - 1]]
            continue
        part, split = (group - 1) & group, np.full(len(prices), np.inf)
        while part > group ^ part:
            split = np.minimum(split, tree[part] + tree[group ^ part])
            part = (part - 1) & group
        tree[group] = (far + split).min(axis=1)
    return float(tree[full, source])


def shortest(prices: Floats) -> Floats:
    """(nodes, nodes) the price of the cheapest path between any two nodes."""
    far = prices.copy()
    for node in range(len(far)):
        far = np.minimum(far, far[:, node, None] + far[node])
    return far


def least_seconds(transfer: Transfer) -> float:
    """The least seconds of any plan: the source must send everything once, and each destination must receive it."""
    rates = VMS * transfer.network.gbit_s
    ingress, egress = transfer.limits(transfer.ingress), transfer.limits(transfer.egress)
    source = min(egress[transfer.source], float(rates[transfer.source].sum()))
    received = [min(ingress[at], float(rates[:, at].sum())) for at in transfer.destinations]
    return transfer.volume_gb * 8 / min(source, *received)
