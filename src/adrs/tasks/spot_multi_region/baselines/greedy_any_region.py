"""Greedy with any region: spot here, else spot in the cheapest region that has some, else wait; on demand when time runs short.

All regions are visible at every tick, so it need not try regions out as greedy does.
"""

import math
from typing import Any


class Policy:
    def __init__(self, job: dict[str, Any]) -> None:
        self.job = job

    def decide(self, obs: dict[str, Any]) -> tuple[int, str]:
        job, here, up, price = self.job, obs["region"], obs["spot_available"], obs["spot_price"]
        remaining = job["work_s"] - obs["done_s"]
        left = math.floor((job["deadline_s"] - obs["elapsed_s"]) / job["tick_s"])
        need_twice = math.ceil((remaining + 2 * job["restart_s"]) / job["tick_s"])
        if need_twice >= left:
            return here, "SPOT" if obs["current"] == "SPOT" else "ON_DEMAND"
        if up[here]:
            return here, "SPOT"
        if any(up):
            return min((region for region in range(len(up)) if up[region]), key=lambda region: price[region]), "SPOT"
        return here, "NONE"
