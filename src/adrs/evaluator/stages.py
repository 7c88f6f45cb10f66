"""stages: the Evaluator: smoke, train with early stops, then for a new best a second evaluation and validation.

Covers train and validation workloads only: its `Games` hold no others.
"""

from __future__ import annotations

import bisect
import math
import time
from collections.abc import Sequence
from dataclasses import replace

from adrs.core.failure import Foul, Refusal
from adrs.core.parts import Bar, Evaluator
from adrs.core.task import Guard, Split
from adrs.core.trial import Candidate, Evaluation, Trial
from adrs.evaluator.games import Games, Total, beyond_bound
from adrs.sandbox import Watch

POPULATION = 30
ENOUGH = 6
"""Size of the population from which its lower third stops candidates early."""


class Stages(Evaluator):
    """Evaluates candidates in stages.

    Args:
        games: the task's train and validation workloads.
        slack: a program at most this far below the best score is still validated; above 0 only while shrinking.
    """

    def __init__(self, games: Games, *, slack: float = 0.0) -> None:
        self.games, self.task, self.slack = games, games.task, slack
        self._best: float | None = None
        self._population: list[tuple[float, tuple[float, ...]]] = []
        self._guarded: dict[str, float] = {}

    # learning

    def tell(self, trial: Trial) -> None:
        evaluation = trial.evaluation
        if not evaluation.complete or evaluation.score is None:
            return
        if self._best is None:
            self._guarded = {guard.metric: _metric(evaluation, guard) for guard in self.task.guards}
        self._best = evaluation.score if self._best is None else max(self._best, evaluation.score)
        vector = tuple(verdict.score for verdict in evaluation.verdicts("train").values())
        member = (-evaluation.score, vector)
        place = bisect.bisect_left(self._population, member)
        if place == len(self._population) or self._population[place] != member:
            self._population.insert(place, member)
            del self._population[POPULATION:]

    def bar(self) -> Bar:
        """The best score, and for each stage the lower third of the population on the same workloads."""
        floors: dict[int, float] = {}
        if len(self._population) >= ENOUGH:
            for end in self._ends()[:-1]:
                partial = sorted(math.fsum(vector[:end]) / end for _, vector in self._population if len(vector) >= end)
                if partial:
                    floors[end] = partial[len(partial) // 3]
        return Bar(self._best, floors, self._guarded)

    def _ends(self) -> list[int]:
        """Number of train workloads at the end of each stage: one, a third, all."""
        count = len(self.games.names("train"))
        return sorted({min(1, count), max(1, math.ceil(count / 3)), count})

    # playing

    def evaluate(self, candidate: Candidate, bar: Bar) -> Evaluation:
        """See `core.parts.Evaluator`."""
        began = time.monotonic()
        evaluation = self._staged(candidate.source, bar)
        score = evaluation.score
        if score is not None and (bar.best is None or score > bar.best - self.slack):
            evaluation = self._confirmed(candidate.source, evaluation, bar)
        return replace(evaluation, seconds=time.monotonic() - began)

    def _staged(self, source: str, bar: Bar) -> Evaluation:
        """Play smoke, a third, all of train; stop early at a foul or below a floor."""
        names = self.games.names("train")
        total = Total()
        start = 0
        for end in self._ends():
            total.add(self.games.play(source, names[start:end], short=start == 0))
            start = end
            if total.foul is not None:
                return total.evaluation(self.task, foul=total.foul)
            partial = math.fsum(verdict.score for verdict in total.verdicts) / end
            if end < len(names) and partial < bar.floors.get(end, -math.inf):
                return total.evaluation(self.task, partial=partial, stopped="smoke" if end == 1 else "third")
        return self._scored(total, bar)

    def _scored(self, total: Total, bar: Bar) -> Evaluation:
        """A complete evaluation; a score above the bound or a worse guard is a foul."""
        score = self.task.total(total.verdicts)
        if foul := beyond_bound(self.task, score):
            return total.evaluation(self.task, foul=foul)
        evaluation = total.evaluation(self.task, score=score)
        for guard in self.task.guards:
            value, seed = _metric(evaluation, guard), bar.guarded.get(guard.metric)
            if seed is not None and guard.broken(value, seed):
                foul = Foul("misaligned_objective", f"the guard {guard} got worse: {value:.6g}, the seed has {seed:.6g}")
                return total.evaluation(self.task, foul=foul)
        return evaluation

    def _confirmed(self, source: str, first: Evaluation, bar: Bar) -> Evaluation:
        """Evaluate again with fresh randomness, then validate. The second score counts: it is free of selection bias."""
        total = Total()
        total.add(self.games.play(source, self.games.names("train"), draw=1, watch="crew"))
        second = total.evaluation(self.task, foul=total.foul) if total.foul else self._scored(total, bar)
        spread = None if second.score is None or first.score is None else abs(second.score - first.score)
        again = replace(
            second,
            spread=spread,
            referee_seconds=first.referee_seconds + second.referee_seconds,
            player_seconds=first.player_seconds + second.player_seconds,
        )
        if again.foul is not None or not self.games.names("validation"):
            return again
        return self._validated(source, again)

    def _validated(self, source: str, evaluation: Evaluation) -> Evaluation:
        total = Total()
        total.add(self.games.play(source, self.games.names("validation"), watch="crew"))
        validation = None if total.foul else self.task.total(total.verdicts)
        foul = total.foul or beyond_bound(self.task, validation)
        return replace(
            evaluation,
            score=None if foul else evaluation.score,
            validation=None if foul else validation,
            foul=foul,
            outcomes=(*evaluation.outcomes, *total.outcomes),
            referee_seconds=evaluation.referee_seconds + total.referee_seconds,
            player_seconds=evaluation.player_seconds + total.player_seconds,
        )

    def measure(self, source: str, splits: Sequence[Split], watch: Watch = "few") -> Evaluation:
        """Play whole splits of the search without early stops; the search does not learn from the result."""
        return self.games.measure(source, splits, watch)


def _metric(evaluation: Evaluation, guard: Guard) -> float:
    """The value of the metric that a guard checks.

    Raises:
        Refusal: the task's summary does not contain the metric.
    """
    if guard.metric not in evaluation.metrics:
        known = ", ".join(evaluation.metrics) or "none"
        raise Refusal(f"the task guards the metric {guard.metric}, which its summary lacks (it has {known}): fix the task")
    return evaluation.metrics[guard.metric]
