"""score: the schedules that a policy's dollars are compared with. Nothing here sees a candidate."""

from __future__ import annotations

import numpy as np

from adrs.tasks.cache import cached, digest
from adrs.tasks.spot.rules import Floats
from adrs.tasks.spot_single_region.optimum import optimal_costs
from adrs.tasks.spot_single_region.reference import uniform_progress
from adrs.tasks.spot_single_region.simulator import play
from adrs.tasks.spot_single_region.windows import RESTARTS_H, Window, together

VERSION = "1"
"""Raise it when a change to optimum.py or reference.py may change a number: cached numbers are then discarded."""


def references(window: Window) -> Floats:
    """(2, games) dollars of the clairvoyant optimum and of Uniform Progress, computed once for a window on a machine."""
    key = digest(VERSION, window.digest)
    return cached("spot_single_region", key, (2, len(window.games)), lambda: _references(window))


def _references(window: Window) -> Floats:
    restarts = [restart * 3600 for restart in RESTARTS_H]
    deadlines = [deadline * 3600.0 for deadline in window.deadlines_h]
    optimal = np.array([optimal_costs(up, deadlines, restarts) for up in window.up]).ravel()
    return np.stack([optimal, play(together([window]), uniform_progress).cost])
