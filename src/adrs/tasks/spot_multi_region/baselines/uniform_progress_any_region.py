"""Uniform Progress with any region: spot anywhere counts as spot. Here if available, else in the first region that has some.

Source: the rules of Wu et al., "Can't Be Late: Optimizing Spot Instance Savings under Deadlines", NSDI 2024 (the simulator's
`rc_cr_threshold`), with "spot is available" read as "in some region"; the job moves only to run on spot.
"""

import math
from typing import Any


class Policy:
    def __init__(self, job: dict[str, Any]) -> None:
        self.job = job

    def decide(self, obs: dict[str, Any]) -> tuple[int, str]:
        work, deadline, restart, tick = (self.job[key] for key in ("work_s", "deadline_s", "restart_s", "tick_s"))
        here, up = obs["region"], obs["spot_available"]
        spot = any(up)
        target = here if up[here] or not spot else up.index(True)
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
        return target if action == "SPOT" else here, action
