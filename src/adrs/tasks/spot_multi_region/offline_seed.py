"""Short greedy over all regions with one quantity for each name, one threshold for each guard and one sort key."""

from typing import Any


# EVOLVE-BLOCK-START
class Policy:
    def __init__(self, job: dict[str, Any]) -> None:
        self.job = job

    def decide(self, obs: dict[str, Any]) -> tuple[int, str]:
        here = obs["region"]
        up = obs["spot_available"]
        price = obs["spot_price"]
        work_left = (self.job["work_s"] - obs["done_s"]) / self.job["tick_s"]
        time_left = (self.job["deadline_s"] - obs["elapsed_s"]) / self.job["tick_s"]
        slack = time_left - work_left
        target = min(range(len(up)), key=lambda region: price[region] - 9 * up[region])
        if slack < 6:
            return here, "ON_DEMAND"
        if up[here]:
            return here, "SPOT"
        if up[target]:
            return target, "SPOT"
        return here, "NONE"


# EVOLVE-BLOCK-END
