"""terms: observations by name, for generators without a model. Quantities only, no decisions, no number fitted to data."""

from __future__ import annotations

from adrs.core.task import Term
from adrs.tasks.spot.terms import SHARED

TERMS = (
    Term("spot", "bool", 'obs["spot_available"]', "spot is available in this tick"),
    *SHARED,
    Term(
        "run_length",
        "float",
        "abs(self.run) - 1",
        "ticks since availability last changed",
        "ticks",
        0,
        60,
        "self.run = 0",
        "self.run = max(self.run, 0) + 1 if spot else min(self.run, 0) - 1",
    ),
    Term(
        "spot_share",
        "float",
        'self.spot_ticks / (obs["tick"] + 1)',
        "share of the ticks so far in which spot was available",
        "share",
        0,
        1,
        "self.spot_ticks = 0",
        "self.spot_ticks = self.spot_ticks + spot",
    ),
    Term(
        "recent_spot",
        "float",
        "self.recent",
        "share of the recent ticks in which spot was available, older ones fading at a rate of 0.1",
        "share",
        0,
        1,
        "self.recent = 0.5",
        "self.recent = self.recent + 0.1 * (spot - self.recent)",
    ),
)
"""The spot vocabulary: twelve terms in ticks and shares."""

RESULTS = ('"SPOT"', '"ON_DEMAND"', '"NONE"')
