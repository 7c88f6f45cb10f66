"""pareto: parents are programs that lead some workload, drawn in proportion to the number of workloads they lead.

A mean hides specialists; here a program that is best on one workload is kept, however bad it is on others (instance-wise Pareto
selection: Agrawal et al., *GEPA*, 2025). With one train workload it is greedy.
"""

from __future__ import annotations

import random
from collections import Counter

from adrs.core.failure import Refusal
from adrs.core.parts import SolutionSelector
from adrs.core.program import size
from adrs.core.selection import Selection
from adrs.core.trial import Trial


class Pareto(SolutionSelector):
    """Draws the parent by the number of train workloads that it leads; the inspiration leads most of the remaining ones.

    Args:
        tolerance: a program leads a workload if its score is at most this far below the best.
        leaders: maximal number of programs that lead one workload; at equal score shorter ones are kept, then older ones.
    """

    def __init__(self, *, tolerance: float = 1e-6, leaders: int = 5) -> None:
        if leaders < 1:
            raise Refusal(f"selector pareto: leaders is {leaders}: give 1 or more")
        self.tolerance = tolerance
        self.leaders = leaders
        self._best: dict[str, float] = {}
        self._front: dict[str, list[Trial]] = {}

    def tell(self, trial: Trial) -> None:
        if not trial.breeds or trial.candidate.phase == "shrink":
            return
        for workload, verdict in trial.evaluation.verdicts().items():
            best = self._best[workload] = max(verdict.score, self._best.get(workload, verdict.score))
            near = [*self._front.get(workload, ()), trial]
            kept = [one for one in near if one.evaluation.verdicts()[workload].score >= best - self.tolerance]
            kept.sort(key=lambda one: (size(one.candidate.source), one.number))
            self._front[workload] = kept[: self.leaders]

    def ask(self, rng: random.Random) -> Selection:
        if not self._front:
            raise IndexError("ask() was called before a complete trial arrived")
        led = Counter(trial.number for front in self._front.values() for trial in front)
        known = {trial.number: trial for front in self._front.values() for trial in front}
        numbers = sorted(led)
        parent = rng.choices(numbers, [led[number] for number in numbers])[0]
        lacking = [front for front in self._front.values() if all(trial.number != parent for trial in front)]
        others = Counter(trial.number for front in lacking for trial in front)
        if not others:
            return Selection(known[parent])
        companion = max(sorted(others), key=lambda number: others[number])
        return Selection(known[parent], (known[companion],))
