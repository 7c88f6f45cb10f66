"""score: balances and scores of placements, and the balances that scores are measured from. It sees no candidate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from adrs.tasks.cache import cached, digest
from adrs.tasks.expert_placement.bound import best_balance
from adrs.tasks.expert_placement.reference import deepseek_global, uniform
from adrs.tasks.expert_placement.series import Floats, Ints, Series
from adrs.tasks.expert_placement.simulator import balance, gpu_loads, slot_loads

Objective = Literal["forecast", "fit"]

VERSION = "1"
"""Raise it when a change to bound.py or reference.py may change a number: cached numbers are then discarded."""

SPEED_SHARE = 0.1
"""The most that slowness can cost on the common scale."""


@dataclass(frozen=True)
class Marks:
    """Reference balances of a series: a blind placement, DeepSeek's global greedy, and the bound."""

    trivial: float
    deepseek: float
    bound: float


def balances(series: Series, windows: Sequence[int], placements: Sequence[Ints]) -> list[float]:
    """Balance over GPUs of each placement on its own window."""
    gpus = series.cluster.gpus
    return [balance(gpu_loads(series.load[at], placed, gpus)) for at, placed in zip(windows, placements, strict=True)]


def slot_balances(series: Series, windows: Sequence[int], placements: Sequence[Ints]) -> list[float]:
    """Balance over slots of each placement on its own window."""
    return [balance(slot_loads(series.load[at], placed)) for at, placed in zip(windows, placements, strict=True)]


def marks(series: Series, objective: Objective) -> Marks:
    """The marks of a series, computed once on a machine."""
    found = cached("expert_placement", digest(VERSION, series.digest), (2, 3), lambda: _marks(series))
    return Marks(*found[0 if objective == "forecast" else 1].tolist())


def _marks(series: Series) -> Floats:
    blind, greedy = ([rule(load, series.cluster) for load in series.load[:-1]] for rule in (uniform, deepseek_global))
    shown, following = range(series.pairs), range(1, series.pairs + 1)
    bounds = np.array([best_balance(load, series.cluster) for load in series.load])
    return np.array(
        [
            [np.mean(balances(series, on, blind)), np.mean(balances(series, on, greedy)), bounds[on].mean()]
            for on in (following, shown)
        ]
    )


def leaderboard_score(balance: float, seconds: float) -> float:
    """The leaderboard's score of a mean balance over GPUs and the seconds of one call, 0 to 100, never rounded or clipped."""
    late = min(20 * seconds, 20.0) if seconds > 0.010 else 0.0
    return 90 * balance + 5 * min(0.002 / seconds, 2.0) - late


def slowness(seconds: float, reference: float) -> float:
    """0 for at most twice the time of the reference program, towards 1 for unlimited time.

    Twice, because `seconds` is a mean over calls and `reference` the best of them.
    """
    return 1.0 - min(1.0, 2 * reference / seconds)
