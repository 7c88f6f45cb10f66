"""terms: observations by name, for generators without a model. Quantities only, no decisions, no number fitted to data.

Regions are positions in lists, which such generators must not take for quantities, so no term is a region: where to go is in
the results, and in the sort key of the start program.
"""

from __future__ import annotations

from dataclasses import replace

from adrs.core.task import Term
from adrs.tasks.spot import terms

SHARED = {term.name: term for term in terms.SHARED}

HERE = 'obs["spot_available"][obs["region"]]'

TERMS = (
    Term("spot", "bool", HERE, "spot is available in this tick where the job stands"),
    Term("somewhere", "bool", 'any(obs["spot_available"])', "spot is available in this tick in some region"),
    SHARED["on_spot"],
    SHARED["on_demand"],
    replace(SHARED["work_left"], high=890),
    replace(SHARED["time_left"], high=1034),
    replace(SHARED["slack"], high=148),
    replace(SHARED["restart"], high=4),
    Term("pending", "float", 'obs["pending_s"] / self.job["tick_s"]', "ticks of a launch still to be paid", "ticks", 0, 4),
    SHARED["work_share"],
    SHARED["time_share"],
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
        "least spot price of all regions, available or not",
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
