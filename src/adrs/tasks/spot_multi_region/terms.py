"""terms: observations by name, for generators without a model. Quantities only, no decisions, no number fitted to data.

Regions are positions in lists, which such generators must not take for quantities, so no term is a region: where to go is in
the results, and in the sort key of the start program.
"""

from __future__ import annotations

from adrs.core.task import Term

HERE = 'obs["spot_available"][obs["region"]]'

TERMS = (
    Term("spot", "bool", HERE, "spot is available in this tick where the job stands"),
    Term("somewhere", "bool", 'any(obs["spot_available"])', "spot is available in this tick in some region"),
    Term("on_spot", "bool", 'obs["current"] == "SPOT"', "a spot instance is up and was not preempted"),
    Term("on_demand", "bool", 'obs["current"] == "ON_DEMAND"', "an on-demand instance is up"),
    Term(
        "work_left",
        "float",
        '(self.job["work_s"] - obs["done_s"]) / self.job["tick_s"]',
        "ticks of work still to do",
        "ticks",
        0,
        890,
    ),
    Term(
        "time_left",
        "float",
        '(self.job["deadline_s"] - obs["elapsed_s"]) / self.job["tick_s"]',
        "ticks until the deadline",
        "ticks",
        0,
        1034,
    ),
    Term("slack", "float", "time_left - work_left", "ticks that may be lost before the deadline binds", "ticks", 0, 148),
    Term("restart", "float", 'self.job["restart_s"] / self.job["tick_s"]', "ticks that a launch costs", "ticks", 0, 4),
    Term("pending", "float", 'obs["pending_s"] / self.job["tick_s"]', "ticks of a launch still to be paid", "ticks", 0, 4),
    Term("work_share", "float", 'obs["done_s"] / self.job["work_s"]', "share of the work that is done", "share", 0, 1),
    Term("time_share", "float", 'obs["elapsed_s"] / self.job["deadline_s"]', "share of the time that is gone", "share", 0, 1),
    Term(
        "open_share",
        "float",
        'sum(obs["spot_available"]) / self.job["n_regions"]',
        "share of the regions with spot in this tick",
        "share",
        0,
        1,
    ),
    Term("price_here", "float", 'obs["spot_price"][obs["region"]]', "spot price where the job stands", "dollars", 0.9, 1.9),
    Term(
        "price_least",
        "float",
        'min(obs["spot_price"])',
        "least spot price of all regions, to be had or not",
        "dollars",
        0.9,
        1.9,
    ),
    Term(
        "run_length",
        "float",
        'abs(self.runs[obs["region"]]) - 1',
        "ticks since availability last changed where the job stands",
        "ticks",
        0,
        180,
        'self.runs = [0] * job["n_regions"]',
        'self.runs = [max(run, 0) + 1 if up else min(run, 0) - 1 for run, up in zip(self.runs, obs["spot_available"])]',
    ),
    Term(
        "recent_spot",
        "float",
        "self.recent",
        "share of the recent ticks in which some region had spot, older ones fading at a rate of 0.03",
        "share",
        0,
        1,
        "self.recent = 0.5",
        "self.recent = self.recent + 0.03 * (somewhere - self.recent)",
    ),
)
"""The vocabulary of several regions: sixteen terms in ticks, shares and dollars an hour."""

CHEAPEST = (
    'min(range(len(obs["spot_price"])), key=lambda region: (not obs["spot_available"][region], obs["spot_price"][region]))'
)

RESULTS = (
    '(obs["region"], "SPOT")',
    '(obs["region"], "ON_DEMAND")',
    '(obs["region"], "NONE")',
    f'({CHEAPEST}, "SPOT")',
)
