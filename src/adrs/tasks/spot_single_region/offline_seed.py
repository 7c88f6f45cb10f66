"""Short greedy with one quantity for each name and one threshold for each guard; a start for small edits."""

from typing import Any


# EVOLVE-BLOCK-START
class Policy:
    def __init__(self, job: dict[str, float]) -> None:
        self.job = job

    def decide(self, obs: dict[str, Any]) -> str:
        spot = obs["spot_available"]
        work_left = (self.job["work_s"] - obs["done_s"]) / self.job["tick_s"]
        time_left = (self.job["deadline_s"] - obs["elapsed_s"]) / self.job["tick_s"]
        slack = time_left - work_left
        if slack < 2:
            return "ON_DEMAND"
        if spot:
            return "SPOT"
        return "NONE"


# EVOLVE-BLOCK-END
