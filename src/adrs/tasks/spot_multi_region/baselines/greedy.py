"""Greedy: the leaderboard's baseline. Spot where the job stands, else try the next region, which takes a tick.

Source: ADRS-Leaderboard, problem "cant_be_late_multi"; the start program, with its check of the last tick.
"""

import math
from typing import Any


class Policy:
    def __init__(self, job: dict[str, Any]) -> None:
        self.job = job

    def decide(self, obs: dict[str, Any]) -> tuple[int, str]:
        job, here = self.job, obs["region"]
        has = obs["spot_available"][here]
        remaining = job["work_s"] - obs["done_s"]
        left = math.floor((job["deadline_s"] - obs["elapsed_s"]) / job["tick_s"])
        need = math.ceil((remaining + job["restart_s"]) / job["tick_s"])
        need_twice = math.ceil((remaining + 2 * job["restart_s"]) / job["tick_s"])
        if remaining <= 1e-3:
            return here, "NONE"
        if need >= left:
            return here, "SPOT" if obs["last"] == "SPOT" and obs["pending_s"] < 1e-3 else "ON_DEMAND"
        if need_twice >= left:
            return here, "SPOT" if obs["last"] == "SPOT" and has else "ON_DEMAND"
        if has:
            return here, "SPOT"
        return (here + 1) % job["n_regions"], "NONE"
