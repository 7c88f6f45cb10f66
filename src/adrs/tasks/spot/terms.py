"""terms: observations by name that both tasks offer to generators without a model. Quantities only, no decisions."""

from __future__ import annotations

from adrs.core.task import Term

SHARED = (
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
    Term(
        "time_share", "float", 'obs["elapsed_s"] / self.job["deadline_s"]', "share of the time that has passed", "share", 0, 1
    ),
)
"""In ticks and shares; the limits are those of the single-region task."""
