"""schedules: metrics of an order: its makespan beside those of the trivial order, the state of the art and the bound."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from adrs.core.task import Verdict
from adrs.tasks.scale import share
from adrs.tasks.transactions.batches import Requests

SUMS = ("makespan", "first_come", "bound", "smf", "transactions")
"""Metrics that add up over batches."""


def metrics(requests: Requests, makespan: int, usual: Sequence[int]) -> dict[str, float]:
    """Metrics of one order, in time units.

    Args:
        usual: the order of the state of the art.
    """
    reached = requests.batch.makespan(usual)
    return {
        "makespan": float(makespan),
        "first_come": float(requests.first_come),
        "bound": float(requests.bound),
        "smf": float(reached),
        "transactions": float(requests.batch.n),
        "throughput": requests.batch.n / makespan,
        "gap_closed": share(reached, makespan, requests.bound),
    }


def summary(verdicts: Sequence[Verdict]) -> dict[str, float]:
    """Sums over the batches of a split, and derived metrics."""
    sums = {name: math.fsum(_number(verdict.metrics, name) for verdict in verdicts) for name in SUMS}
    return {
        **sums,
        "throughput": sums["transactions"] / sums["makespan"],
        "gap_closed": share(sums["smf"], sums["makespan"], sums["bound"]),
    }


def score(requests: Requests, makespan: int) -> float:
    """0 for first come first served, 1 for the bound."""
    return share(requests.first_come, makespan, requests.bound)


def _number(values: Mapping[str, float | str], name: str) -> float:
    return float(values[name])
