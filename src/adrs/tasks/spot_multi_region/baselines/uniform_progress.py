"""Uniform Progress in one region: it stays where the job begins, whatever the other regions offer.

Source: Wu et al., "Can't Be Late: Optimizing Spot Instance Savings under Deadlines", NSDI 2024; the simulator's
`rc_cr_threshold`. Later rules override earlier ones.
"""

import math
from typing import Any


class Policy:
    def __init__(self, job: dict[str, Any]) -> None:
        self.job = job

    def decide(self, obs: dict[str, Any]) -> tuple[int, str]:
        work, deadline, restart, tick = (self.job[key] for key in ("work_s", "deadline_s", "restart_s", "tick_s"))
        here = obs["region"]
        spot = obs["spot_available"][here]
        current, done, elapsed = obs["current"], obs["done_s"], obs["elapsed_s"]
        left = math.floor((deadline - elapsed) / tick)
        need = math.ceil((work - done + restart) / tick)
        need_twice = math.ceil((work - done + 2 * restart) / tick)

        action = "SPOT" if spot else "NONE"
        if done < elapsed * work / deadline:  # behind
            action = "SPOT" if spot else "ON_DEMAND"
        if current == "ON_DEMAND" and (not spot or done <= (elapsed + 2 * restart) * work / deadline):  # hysteresis
            action = "ON_DEMAND"
        if need_twice >= left and current != "SPOT":  # late
            action = "ON_DEMAND"
        if need >= left:  # last
            action = "SPOT" if current == "SPOT" and obs["pending_s"] < 1e-3 else "ON_DEMAND"
            if restart == 0 and spot:
                action = "SPOT"
        return here, action
