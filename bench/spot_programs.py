"""spot_programs: greedy in two forms and Uniform Progress for single-region spot, as programs. Baselines of the measures."""

SHORT = '''"""Greedy: spot while there is slack, then on-demand."""


class Policy:
    def __init__(self, job):
        self.job = job

    # EVOLVE-BLOCK-START
    def decide(self, obs):
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
'''

CANONICAL = '''"""Greedy, as the leaderboard has it."""

import math


class Policy:
    def __init__(self, job):
        self.job = job

    # EVOLVE-BLOCK-START
    def decide(self, obs):
        remaining = self.job["work_s"] - obs["done_s"]
        if remaining <= 1e-9:
            return "NONE"
        left = math.floor((self.job["deadline_s"] - obs["elapsed_s"]) / self.job["tick_s"])
        need_once = math.ceil((remaining + self.job["restart_s"]) / self.job["tick_s"])
        need_twice = math.ceil((remaining + 2 * self.job["restart_s"]) / self.job["tick_s"])
        if need_once >= left:
            return "ON_DEMAND"
        if need_twice >= left:
            if obs["current"] == "SPOT" and obs["spot_available"]:
                return "SPOT"
            return "ON_DEMAND"
        if obs["spot_available"]:
            return "SPOT"
        return "NONE"
    # EVOLVE-BLOCK-END
'''

UNIFORM_PROGRESS = '''"""Uniform Progress (NSDI 2024)."""

import math


class Policy:
    def __init__(self, job):
        self.job = job

    def decide(self, obs):
        job = self.job
        has, current, done, gap = obs["spot_available"], obs["current"], obs["done_s"], job["tick_s"]
        rate = job["work_s"] / job["deadline_s"]
        rest = job["work_s"] - done
        left = math.floor((job["deadline_s"] - obs["elapsed_s"]) / gap)
        answer = "SPOT" if has else "NONE"
        if done < obs["elapsed_s"] * rate:
            answer = "SPOT" if has else "ON_DEMAND"
        if current == "ON_DEMAND" and (not has or done <= (obs["elapsed_s"] + 2 * job["restart_s"]) * rate):
            answer = "ON_DEMAND"
        if math.ceil((rest + 2 * job["restart_s"]) / gap) >= left and current in ("NONE", "ON_DEMAND"):
            answer = "ON_DEMAND"
        if math.ceil((rest + job["restart_s"]) / gap) >= left:
            answer = "SPOT" if current == "SPOT" and obs["pending_s"] < 1e-3 else "ON_DEMAND"
        return answer
'''
