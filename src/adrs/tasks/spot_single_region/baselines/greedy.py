"""Greedy: spot while there is some, else wait; on demand once waiting could miss the deadline.

The leaderboard's baseline (problem "cant_be_late"), and the start program.
"""

import math
from typing import Any


# EVOLVE-BLOCK-START
class Policy:
    def __init__(self, job: dict[str, float]) -> None:
        self.job = job

    def decide(self, obs: dict[str, Any]) -> str:
        job = self.job
        remaining = job["work_s"] - obs["done_s"]
        left = math.floor((job["deadline_s"] - obs["elapsed_s"]) / job["tick_s"])
        need = math.ceil((remaining + job["restart_s"]) / job["tick_s"])
        need_twice = math.ceil((remaining + 2 * job["restart_s"]) / job["tick_s"])
        if need >= left:
            return "ON_DEMAND"
        if need_twice >= left:
            return "SPOT" if obs["current"] == "SPOT" else "ON_DEMAND"
        return "SPOT" if obs["spot_available"] else "NONE"


# EVOLVE-BLOCK-END
