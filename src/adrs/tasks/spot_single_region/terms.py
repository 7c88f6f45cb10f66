"""terms: observations by name, for generators without a model. Quantities only, no decisions, no number fitted to data."""

from __future__ import annotations

from adrs.core.task import Term

TERMS = (
    Term("spot", "bool", 'obs["spot_available"]', "spot is available in this tick"),
    Term("on_spot", "bool", 'obs["current"] == "SPOT"', "a spot instance is up and was not preempted"),
    Term("on_demand", "bool", 'obs["current"] == "ON_DEMAND"', "an on-demand instance is up"),
    Term(
        "work_left",
        "float",
        '(self.job["work_s"] - obs["done_s"]) / self.job["tick_s"]',
        "ticks of work still to do",
        "ticks",
        0,
        288,
    ),
    Term(
        "time_left",
        "float",
        '(self.job["deadline_s"] - obs["elapsed_s"]) / self.job["tick_s"]',
        "ticks until the deadline",
        "ticks",
        0,
        420,
    ),
    Term("slack", "float", "time_left - work_left", "ticks that may be lost before the deadline binds", "ticks", 0, 132),
    Term("restart", "float", 'self.job["restart_s"] / self.job["tick_s"]', "ticks that a launch costs", "ticks", 0, 1),
    Term("work_share", "float", 'obs["done_s"] / self.job["work_s"]', "share of the work that is done", "share", 0, 1),
    Term("time_share", "float", 'obs["elapsed_s"] / self.job["deadline_s"]', "share of the time that is gone", "share", 0, 1),
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
