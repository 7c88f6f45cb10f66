"""Greedy: spot where the job stands; if there is none, look at the next region; on demand when the deadline is near."""

import math
from typing import Any


# EVOLVE-BLOCK-START
class Policy:
    def __init__(self, job: dict[str, Any]) -> None:
        self.job = job

    def decide(self, obs: dict[str, Any]) -> tuple[int, str]:
        job, here = self.job, obs["region"]
        remaining = job["work_s"] - obs["done_s"]
        left = math.floor((job["deadline_s"] - obs["elapsed_s"]) / job["tick_s"])
        need = math.ceil((remaining + job["restart_s"]) / job["tick_s"])
        need_twice = math.ceil((remaining + 2 * job["restart_s"]) / job["tick_s"])
        if need >= left:
            return here, "ON_DEMAND"
        if need_twice >= left:
            return here, "SPOT" if obs["current"] == "SPOT" else "ON_DEMAND"
        if obs["spot_available"][here]:
            return here, "SPOT"
        return (here + 1) % job["n_regions"], "NONE"


# EVOLVE-BLOCK-END
