"""score: the costs that placements are compared with, and the published scores. Nothing here sees a candidate."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from adrs.tasks.cache import Numbers, cached, digest
from adrs.tasks.model_placement.baselines import bisect_best_fit, kvpr_greedy, local_search
from adrs.tasks.model_placement.instance import Instance
from adrs.tasks.model_placement.packing import least_pressure
from adrs.tasks.model_placement.relocation import least_cost
from adrs.tasks.model_placement.splits import Batch

VERSION = "1"
"""Raise it when a change to packing.py, relocation.py or a baseline may change a number: cached ones are then discarded."""

BOUND, GREEDY, LOCAL_SEARCH = 0, 1, 2
"""Rows of `references`."""


def references(batch: Batch) -> Numbers:
    """(3, instances) the least cost (or a proven lower bound), the costs of KVPR greedy and of local search.

    Computed once for a workload on a machine.
    """
    shape = (3, len(batch.instances))
    return cached("model_placement", digest(VERSION, batch.digest), shape, lambda: _references(batch.instances))


def _references(instances: Sequence[Instance]) -> Numbers:
    found = [
        (bound(each), each.cost(kvpr_greedy.place(*each.shown)), each.cost(local_search.place(*each.shown)))
        for each in instances
    ]
    return np.array(found).T


def bound(instance: Instance) -> float:
    """A lower bound of every placement, even with the rates of the scored epoch known; reached if the search ended."""
    if instance.move_cost:
        return least_cost(instance, bisect_best_fit.place(*instance.shown))
    known = least_pressure(instance.weights, instance.sizes, instance.memory_gb, instance.stay)
    return float(known.low)


def points(instance: Instance, pressure: float) -> float:
    """The leaderboard's points for one instance, unrounded; 100 points if the memory of all GPUs were pooled."""
    trivial, ideal = max(instance.pressures(instance.stay)), instance.pooled()
    if trivial <= ideal:
        return 0.0
    return 100 * math.sqrt(min(1.0, max(0.0, (trivial - pressure) / (trivial - ideal))))
