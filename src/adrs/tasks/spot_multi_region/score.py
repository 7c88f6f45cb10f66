"""score: the schedules that a policy's dollars are compared with. Nothing here sees a candidate."""

from __future__ import annotations

import numpy as np

from adrs.tasks.cache import cached, digest
from adrs.tasks.spot.rules import Floats, Rules
from adrs.tasks.spot_multi_region.optimum import market, optimal_cost
from adrs.tasks.spot_multi_region.reference import uniform_progress_any_region
from adrs.tasks.spot_multi_region.simulator import play
from adrs.tasks.spot_multi_region.windows import Window, together

VERSION = "1"
"""Raise it when a change to optimum.py or reference.py may change a number: cached numbers are then discarded."""


def references(window: Window, rules: Rules) -> Floats:
    """(2, games) dollars of the clairvoyant optimum and of Uniform Progress with any region, computed once on a machine."""
    key = digest(VERSION, rules, window.digest)
    return cached("spot_multi_region", key, (2, len(window.sets)), lambda: _references(window, rules))


def _references(window: Window, rules: Rules) -> Floats:
    optimal = []
    for game in window.games:
        rows = window.traces(game.zones)
        offers = market(window.up[rows].T, window.price[rows].T, rules)
        optimal.append(optimal_cost(offers, game.deadline_h * 3600, game.restart_h * 3600))
    return np.stack([optimal, play(together([window]), uniform_progress_any_region, rules).cost])
