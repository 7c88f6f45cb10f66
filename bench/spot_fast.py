"""spot_fast: single-region spot, played in this process, to measure generators quickly. No sandbox: typed edits only.

The rules are those of the task (Can't Be Late, NSDI 2024; the leaderboard's simulator with its guard). A workload is a window
of the traces: six pools, deadlines of 52 and 70 h, restart overheads of 0.02, 0.05 and 0.1 h, 36 games.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from adrs.core.failure import Foul
from adrs.core.parts import Bar, Part
from adrs.core.task import Verdict
from adrs.core.trial import Candidate, Evaluation, Outcome, Trial
from adrs.selectors.archive import Population

GAP = 600.0
WORK = 48 * 3600.0
ON_DEMAND, SPOT = 3.06 / 6, 0.9731 / 6
ANCHOR, SPAN = 146.88, 100.1712
NOTHING, BOUND = 147.39, 98.0469
"""Mean cost on the later windows: all on-demand, and the clairvoyant optimum."""
LATER = (1767, 1824, 1880, 1937, 1994, 2050, 2107, 2164, 2220, 2277)

Window = list[list[bool]]
"""Availability of one window, pool by pool."""


def later(data: Path) -> list[Window]:
    """The ten windows after those of the leaderboard."""
    raw = np.load(data / "raw_2022-10-26_ticks0-2830.npz")["unavailable"]
    return [[(raw[pool, start : start + 554] == 0).tolist() for pool in range(6)] for start in LATER]


def leaderboard(data: Path) -> list[Window]:
    """The leaderboard's thirty windows: 1080 games."""
    pack = np.load(data / "lb_windows.npz")
    rows = [int(np.flatnonzero(pack["window_id"] == name)[0]) for name in pack["leaderboard_ids"]]
    return [[(pack["unavailable"][pool, row] == 0).tolist() for pool in range(6)] for row in rows]


def cost(policy: Any, available: Sequence[bool], deadline: float, restart: float) -> float:
    """Dollars of one game. From the first tick at which the guard overrules on, the policy is not asked any more."""
    decide: Callable[[dict[str, Any]], Any] = policy.decide
    done, pending, last, spent, tick = 0.0, 0.0, "NONE", 0.0, 0
    ticks_left = int(deadline // GAP)
    free = True
    while True:
        has = available[tick]
        current = "NONE" if last == "SPOT" and not has else last
        if free and WORK - done > 1e-3 and math.ceil((WORK - done + restart) / GAP) >= ticks_left - tick:
            free = False
        if free:
            wish = decide(
                {
                    "tick": tick,
                    "elapsed_s": tick * GAP,
                    "done_s": done,
                    "pending_s": pending,
                    "last": last,
                    "current": current,
                    "spot_available": has,
                }
            )
            if wish == "SPOT":
                if not has:
                    wish = "NONE"
            elif wish not in ("ON_DEMAND", "NONE"):
                raise Foul("illegal_answer", f"decide answered {wish!r}")
        else:
            wish = "SPOT" if current == "SPOT" and pending < 1e-3 else "ON_DEMAND"
        if wish != "NONE":
            if wish != current:
                pending = restart
            worked = GAP - pending if pending < GAP else 0.0
            pending -= GAP - worked
            if pending < 1e-3:
                pending = 0.0
            done += min(worked, WORK - done)
            spent += SPOT if wish == "SPOT" else ON_DEMAND
        last = wish
        tick += 1
        if WORK - done <= 1e-8:
            return spent


def window_cost(make: Callable[[dict[str, float]], Any], window: Window) -> float:
    """Mean dollars over the 36 games of a window."""
    costs = []
    for available in window:
        for deadline in (52 * 3600.0, 70 * 3600.0):
            for restart in (72.0, 180.0, 360.0):
                job = {"work_s": WORK, "deadline_s": deadline, "restart_s": restart, "tick_s": GAP}
                costs.append(cost(make(job | {"price_od": 3.06, "price_spot": 0.9731}), available, deadline, restart))
    return math.fsum(costs) / len(costs)


def leaderboard_score(mean_cost: float) -> float:
    """The leaderboard's score, unrounded and unclipped."""
    return 100 * (ANCHOR - mean_cost) / SPAN


def load(source: str) -> Callable[[dict[str, float]], Any]:
    """The candidate's class `Policy`."""
    names: dict[str, Any] = {"__name__": "candidate"}
    exec(compile(source, "candidate", "exec"), names)
    made: Callable[[dict[str, float]], Any] = names["Policy"]
    return made


def board(source: str, windows: Sequence[Window]) -> float:
    """Leaderboard score of a program over `windows`."""
    make = load(source)
    return leaderboard_score(math.fsum(window_cost(make, window) for window in windows) / len(windows))


class Judge(Part):
    """Plays candidates with early stops after one and after four of the ten windows, against the population's lower third."""

    def __init__(self, windows: Sequence[Window], capacity: int = 30) -> None:
        self.windows = windows
        self.population = Population(capacity)
        self.stages = (1, max(2, round(len(windows) / 3)))

    def tell(self, trial: Trial) -> None:
        self.population.add(trial)

    def bar(self) -> Bar:
        """Floors from the members' own scores on the same windows; none while there are few members."""
        rows = [[v.score for v in member.evaluation.verdicts().values()] for member in self.population.members]
        if len(rows) < 6:
            return Bar()
        return Bar(floors={n: sorted(sum(row[:n]) / n for row in rows)[len(rows) // 3] for n in self.stages})

    def evaluate(self, candidate: Candidate, bar: Bar) -> Evaluation:
        """Windows in order; a foul or a floor ends play."""
        outcomes: list[Outcome] = []
        scores: list[float] = []
        try:
            make = load(candidate.source)
            for number, window in enumerate(self.windows):
                score = (NOTHING - window_cost(make, window)) / (NOTHING - BOUND)
                scores.append(score)
                outcomes.append(Outcome(f"w{number}", "train", Verdict(score)))
                floor = bar.floors.get(number + 1)
                if floor is not None and sum(scores) / len(scores) < floor:
                    return Evaluation(partial=sum(scores) / len(scores), outcomes=tuple(outcomes), stopped="third")
        except Foul as foul:
            return Evaluation(foul=foul, outcomes=tuple(outcomes))
        except (ArithmeticError, TypeError, ValueError, LookupError, AttributeError, NameError) as error:
            return Evaluation(foul=Foul("crash", f"{type(error).__name__}: {error}"), outcomes=tuple(outcomes))
        return Evaluation(score=sum(scores) / len(scores), outcomes=tuple(outcomes))


def rng(seed: int, question: int) -> random.Random:
    """The random state of one request."""
    return random.Random(f"{seed}:{question}")
