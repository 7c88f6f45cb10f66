"""games: plays workloads of a task, chosen by name, in worker processes and sums up the outcomes.

Covers train and validation workloads only; see `examination` for the test split.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from adrs.core.failure import Foul, Refusal
from adrs.core.task import Split, Task, Verdict
from adrs.core.trial import Evaluation, Outcome
from adrs.evaluator.executors.local import WorkerDied
from adrs.evaluator.referee import SEARCH_SPLITS, Game, Played, play
from adrs.sandbox import Watch

BOUND_TOLERANCE = 1e-9


@dataclass(frozen=True)
class GameSettings:
    """The settings that all games of a run share.

    Args:
        task, options: arguments of `catalog.load_task`, valid in any process.
        seed: random seed of the run.
        secret: hex digits; chooses which games of a crew are replayed.
        unsafe: play even if a layer of the sandbox is missing.
        chunks: number of games into which a stage is split, so that idle workers are used.
    """

    task: str
    options: Mapping[str, Any]
    seed: int = 0
    secret: str = ""
    unsafe: bool = False
    chunks: int = 1


class Games:
    """Plays programs on the train and validation workloads of a task. It does not hold the names of test workloads.

    Args:
        task: provides names of workloads, total and bound; the workers load their own copy to judge.
        executor: runs the games.
    """

    splits: ClassVar[tuple[Split, ...]] = SEARCH_SPLITS

    def __init__(self, task: Task[Any], settings: GameSettings, executor: Executor) -> None:
        self.task, self.settings, self.executor = task, settings, executor
        self._names: dict[Split, list[str]] = {split: [] for split in self.splits}
        for workload in task.workloads():
            if workload.split in self._names:
                self._names[workload.split].append(workload.name)

    def names(self, split: Split) -> list[str]:
        """The names of a split's workloads, cheapest first.

        Raises:
            ValueError: these games do not include the split.
        """
        if split not in self._names:
            raise ValueError(f"the {split} split is not part of these games")
        return self._names[split]

    def _submit(self, game: Game) -> Future[Played]:
        return self.executor.submit(play, game)

    def measure(self, source: str, splits: Sequence[Split], watch: Watch = "few") -> Evaluation:
        """Play whole splits without early stops. A total above the task's bound is a foul, as in a search."""
        began = time.monotonic()
        total = Total()
        for split in splits:
            total.add(self.play(source, self.names(split), watch=watch))
        fouls = [beyond_bound(self.task, _split_total(self.task, total.outcomes, split)) for split in splits]
        foul = total.foul or next((each for each in fouls if each), None)
        scores = {split: split_score(self.task, total.outcomes, split) for split in splits}
        evaluation = total.evaluation(self.task, score=scores.get("train"), foul=foul)
        return replace(evaluation, validation=scores.get("validation"), seconds=time.monotonic() - began)

    def play(
        self, source: str, names: Sequence[str], *, draw: int = 0, watch: Watch = "few", short: bool = False
    ) -> list[Played]:
        """Play workloads in up to `chunks` games at once; outcomes after a foul are dropped."""
        settings = self.settings
        game = Game(
            settings.task, settings.options, source, (), settings.seed, draw, settings.secret, watch, short, settings.unsafe
        )
        size = max(1, math.ceil(len(names) / settings.chunks))
        games = [replace(game, workloads=tuple(names[at : at + size])) for at in range(0, len(names), size)]
        futures = [self._submit(each) for each in games]
        return [self._result(future.result, each) for future, each in zip(futures, games, strict=True)]

    def _result(self, result: Any, game: Game) -> Played:
        """Wait for a game; a program that kills the referee process twice has fouled, so that it cannot stop a run."""
        try:
            played: Played = result()
        except WorkerDied:
            try:
                played = self._submit(game).result()
            except WorkerDied:
                split = next(split for split, names in self._names.items() if game.workloads[0] in names)
                foul = Foul("crash", "the program took the referee's process down, twice")
                return Played(tuple(Outcome(name, split, foul) for name in game.workloads))
        return played


class Total:
    """Sums up the outcomes and costs of one candidate."""

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
    """The total of one split; None if it was not played completely, or if the total exceeds the bound."""
    score = _split_total(task, outcomes, split)
    return None if beyond_bound(task, score) else score


def _split_total(task: Task[Any], outcomes: Iterable[Outcome], split: Split) -> float | None:
    results = [outcome.result for outcome in outcomes if outcome.split == split]
    verdicts = [result for result in results if isinstance(result, Verdict)]
    return task.total(verdicts) if verdicts and len(verdicts) == len(results) else None


def beyond_bound(task: Task[Any], score: float | None) -> Foul | None:
    """The foul for a total above the task's bound; None if the total is within it."""
    if score is None or task.bound is None or score <= task.bound + BOUND_TOLERANCE:
        return None
    return Foul("reward_hacking", f"the score {score:.6g} beats the proven bound {task.bound:.6g}")


def without_task_errors(evaluation: Evaluation) -> Evaluation:
    """The evaluation of a program that a person asks for, or of a baseline.

    Raises:
        Refusal: the task's own code failed.
    """
    if evaluation.foul is not None and evaluation.foul.kind == "task":
        raise Refusal(f"{evaluation.foul.reason}: fix the task")
    return evaluation
