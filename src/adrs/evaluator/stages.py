"""stages: the Evaluator: smoke, train with early stops, then for a new best a second play and validation.

Games run wherever the executor says. `test` workloads are played by `measure` alone, which no part of the search can reach.
"""

from __future__ import annotations

import bisect
import math
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any

from adrs.core.failure import Foul, Refusal
from adrs.core.parts import Bar, Evaluator
from adrs.core.task import Guard, Split, Task, Verdict
from adrs.core.trial import Candidate, Evaluation, Outcome, Trial
from adrs.evaluator.executors.local import WorkerDied
from adrs.evaluator.referee import Game, Played, play
from adrs.sandbox import Watch

POPULATION = 30
ENOUGH = 6
"""Members before the lower third of the population stops anybody."""
BOUND_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Table:
    """How games of a run are played: where the task is found, and what all games share.

    Args:
        task, options: as `catalog.load_task` takes them in any process.
        seed: of the run.
        secret: of the run; chooses what the crew canary replays.
        chunks: into how many games a stage is cut, so that idle workers help.
    """

    task: str
    options: Mapping[str, Any]
    seed: int = 0
    secret: str = ""
    unsafe: bool = False
    chunks: int = 1


class Cascade(Evaluator):
    """Plays candidates in stages.

    Args:
        task: the task, for its workloads' names, totals, bound and guards; it is judged in the workers.
        slack: how far below the best score a program is still validated; above 0 only while shrinking.
    """

    def __init__(self, task: Task[Any], table: Table, executor: Executor, *, slack: float = 0.0) -> None:
        self.task, self.table, self.executor, self.slack = task, table, executor, slack
        self._names: dict[Split, list[str]] = {"train": [], "validation": [], "test": []}
        for workload in task.workloads():
            self._names[workload.split].append(workload.name)
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
        """After how many train workloads a stage ends: one, a third, all."""
        count = len(self._names["train"])
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
        """Smoke, a third, all of train; ends early at a foul or below a floor."""
        names = self._names["train"]
        total = _Total()
        start = 0
        for end in self._ends():
            total.add(self._play(source, names[start:end], short=start == 0))
            start = end
            if total.foul is not None:
                return total.evaluation(self.task, foul=total.foul)
            partial = math.fsum(verdict.score for verdict in total.verdicts) / end
            if end < len(names) and partial < bar.floors.get(end, -math.inf):
                return total.evaluation(self.task, partial=partial, stopped="smoke" if end == 1 else "third")
        return self._scored(total, bar)

    def _scored(self, total: _Total, bar: Bar) -> Evaluation:
        """A complete evaluation, if the bound believes it and no guard got worse."""
        score = self.task.total(total.verdicts)
        if foul := _beyond(self.task, score):
            return total.evaluation(self.task, foul=foul)
        evaluation = total.evaluation(self.task, score=score)
        for guard in self.task.guards:
            value, seed = _metric(evaluation, guard), bar.guarded.get(guard.metric)
            if seed is not None and guard.broken(value, seed):
                foul = Foul("misaligned_objective", f"the guard {guard} got worse: {value:.6g}, the seed has {seed:.6g}")
                return total.evaluation(self.task, foul=foul)
        return evaluation

    def _confirmed(self, source: str, first: Evaluation, bar: Bar) -> Evaluation:
        """A second play with fresh randomness, whose score counts because nobody chose it, and then validation."""
        total = _Total()
        total.add(self._play(source, self._names["train"], draw=1, watch="crew"))
        second = total.evaluation(self.task, foul=total.foul) if total.foul else self._scored(total, bar)
        spread = None if second.score is None or first.score is None else abs(second.score - first.score)
        again = replace(
            second,
            spread=spread,
            referee_seconds=first.referee_seconds + second.referee_seconds,
            player_seconds=first.player_seconds + second.player_seconds,
        )
        if again.foul is not None or not self._names["validation"]:
            return again
        return self._validated(source, again)

    def _validated(self, source: str, evaluation: Evaluation) -> Evaluation:
        total = _Total()
        total.add(self._play(source, self._names["validation"], watch="crew"))
        validation = None if total.foul else self.task.total(total.verdicts)
        foul = total.foul or _beyond(self.task, validation)
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
        """Play whole splits, `test` among them if asked; nothing stops early, and the search learns nothing of it.

        A total that the bound does not believe is a foul, as it is in a search.
        """
        began = time.monotonic()
        total = _Total()
        for split in splits:
            total.add(self._play(source, self._names[split], watch=watch))
        fouls = [_beyond(self.task, _split_total(self.task, total.outcomes, split)) for split in splits]
        foul = total.foul or next((each for each in fouls if each), None)
        scores = {split: split_score(self.task, total.outcomes, split) for split in splits}
        evaluation = total.evaluation(self.task, score=scores.get("train"), foul=foul)
        return replace(evaluation, validation=scores.get("validation"), seconds=time.monotonic() - began)

    def _play(
        self, source: str, names: Sequence[str], *, draw: int = 0, watch: Watch = "few", short: bool = False
    ) -> list[Played]:
        """Play workloads in up to `chunks` games at once; what follows a foul is dropped."""
        table = self.table
        game = Game(table.task, table.options, source, (), table.seed, draw, table.secret, watch, short, table.unsafe)
        size = max(1, math.ceil(len(names) / table.chunks))
        games = [replace(game, workloads=tuple(names[at : at + size])) for at in range(0, len(names), size)]
        futures = [self.executor.submit(play, each) for each in games]
        return [self._result(future.result, each) for future, each in zip(futures, games, strict=True)]

    def _result(self, result: Any, game: Game) -> Played:
        """A program that ends the referee twice has fouled: it cannot stop a run."""
        try:
            played: Played = result()
        except WorkerDied:
            try:
                played = self.executor.submit(play, game).result()
            except WorkerDied:
                split = next(split for split, names in self._names.items() if game.workloads[0] in names)
                foul = Foul("crash", "the program took the referee's process down, twice")
                return Played(tuple(Outcome(name, split, foul) for name in game.workloads))
        return played


def _metric(evaluation: Evaluation, guard: Guard) -> float:
    """What a guard looks at.

    Raises:
        Refusal: the task guards a metric that it does not report.
    """
    if guard.metric not in evaluation.metrics:
        known = ", ".join(evaluation.metrics) or "none"
        raise Refusal(f"the task guards the metric {guard.metric}, which its summary lacks (it has {known}): mend the task")
    return evaluation.metrics[guard.metric]


class _Total:
    """Outcomes and costs of one candidate, added up."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []
        self.referee_seconds = self.player_seconds = 0.0
        self.isolation: tuple[str, ...] = ()
        self.foul: Foul | None = None

    def add(self, games: Iterable[Played]) -> None:
        for game in games:
            self.referee_seconds += game.referee_seconds
            self.player_seconds += game.player_seconds
            self.isolation = self.isolation or game.isolation
            if self.foul is None:
                self.outcomes += game.outcomes
                self.foul = game.foul

    @property
    def verdicts(self) -> list[Verdict]:
        return [outcome.result for outcome in self.outcomes if isinstance(outcome.result, Verdict)]

    def evaluation(
        self,
        task: Task[Any],
        *,
        score: float | None = None,
        partial: float | None = None,
        stopped: str = "",
        foul: Foul | None = None,
    ) -> Evaluation:
        complete = score is not None and foul is None
        train = [each.result for each in self.outcomes if each.split == "train" and isinstance(each.result, Verdict)]
        return Evaluation(
            score=score if complete else None,
            partial=partial,
            stopped=stopped,
            foul=foul,
            outcomes=tuple(self.outcomes),
            metrics=task.summary(train) if complete and train else {},
            referee_seconds=self.referee_seconds,
            player_seconds=self.player_seconds,
            isolation=self.isolation,
        )


def split_score(task: Task[Any], outcomes: Iterable[Outcome], split: Split) -> float | None:
    """The total of one split; None when it was not played to its end, or when the bound does not believe it."""
    score = _split_total(task, outcomes, split)
    return None if _beyond(task, score) else score


def _split_total(task: Task[Any], outcomes: Iterable[Outcome], split: Split) -> float | None:
    results = [outcome.result for outcome in outcomes if outcome.split == split]
    verdicts = [result for result in results if isinstance(result, Verdict)]
    return task.total(verdicts) if verdicts and len(verdicts) == len(results) else None


def _beyond(task: Task[Any], score: float | None) -> Foul | None:
    """The foul of a total that no honest program can have."""
    if score is None or task.bound is None or score <= task.bound + BOUND_TOLERANCE:
        return None
    return Foul("reward_hacking", f"the score {score:.6g} beats the proven bound {task.bound:.6g}")
