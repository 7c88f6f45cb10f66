"""statistics: counts over trials, updated trial by trial, shared by the live panel and the reports."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from adrs.core.failure import FoulKind
from adrs.core.parts import Part
from adrs.core.trial import Phase, Spend, Trial

Behaviour = tuple[tuple[str, float], ...]


@dataclass
class Row:
    """Counts of the trials of one generator or one operator.

    Args:
        fouls: trials with a foul, including unusable replies.
        same: complete programs whose train verdicts equal their parent's.
        beat: complete programs that score above their parent.
        records: programs that were a new best on train.
    """

    trials: int = 0
    fouls: int = 0
    same: int = 0
    beat: int = 0
    records: int = 0
    spend: Spend = field(default_factory=Spend)


class Tally(Part):
    """Counts of a run so far; expects every trial in order. Rates are over attempts, without start programs."""

    def __init__(self) -> None:
        self.trials = 0
        self.attempts = 0
        self.complete = 0
        self.stopped = 0
        self.unusable = 0
        self.neutral = 0
        self.fouls: Counter[FoulKind] = Counter()
        self.curve: list[tuple[int, float]] = []
        """(number, score) of every program that was a new best on train, including start programs."""
        self.seed_score: float | None = None
        self.spend = Spend()
        self.authors: dict[str, Row] = {}
        self.operators: dict[str, Row] = {}
        self.phases: dict[Phase, Row] = {}
        self._scores: list[float] = []
        self._behaviours: dict[int, Behaviour] = {}
        self._seen: set[Behaviour] = set()
        self._score_of: dict[int, float] = {}

    def tell(self, trial: Trial) -> None:
        candidate, evaluation = trial.candidate, trial.evaluation
        self.trials += 1
        self.spend += candidate.spend
        record = trial.breeds and trial.score is not None and (self.best is None or trial.score > self.best)
        parent = candidate.parents[0] if candidate.parents else None
        behaviour = tuple(sorted((name, verdict.score) for name, verdict in evaluation.verdicts().items()))
        same = trial.breeds and parent in self._behaviours and self._behaviours[parent] == behaviour
        beat = trial.score is not None and trial.breeds and parent in self._score_of and trial.score > self._score_of[parent]
        for row in self._rows(trial):
            row.trials += 1
            row.fouls += evaluation.foul is not None
            row.same += same
            row.beat += beat
            row.records += record
            row.spend += candidate.spend
        if evaluation.foul is not None:
            self.fouls[evaluation.foul.kind] += 1
        if candidate.phase != "seed":
            self._count_attempt(trial, behaviour)
        if trial.breeds and trial.score is not None:
            self._behaviours[trial.number], self._score_of[trial.number] = behaviour, trial.score
            self._seen.add(behaviour)
            if candidate.phase == "seed" and self.seed_score is None:
                self.seed_score = trial.score
        if record and trial.score is not None:
            self.curve.append((trial.number, trial.score))

    def _count_attempt(self, trial: Trial, behaviour: Behaviour) -> None:
        self.attempts += 1
        self.unusable += trial.candidate.foul is not None
        self.stopped += trial.evaluation.foul is None and not trial.breeds
        if trial.breeds and trial.score is not None:
            self.complete += 1
            self.neutral += behaviour in self._seen
            self._scores.append(trial.score)

    def _rows(self, trial: Trial) -> list[Row]:
        """The rows in which a trial counts; one proposal may have used several operators."""
        rows = [self.phases.setdefault(trial.candidate.phase, Row())]
        if trial.candidate.phase != "seed":
            rows.append(self.authors.setdefault(trial.candidate.author, Row()))
        return rows + [self.operators.setdefault(name, Row()) for name in dict.fromkeys(trial.candidate.operators)]

    @property
    def best(self) -> float | None:
        """The highest score on train of a legal program, including start programs."""
        return self.curve[-1][1] if self.curve else None

    @property
    def median(self) -> float | None:
        """The median score of the complete programs among the attempts."""
        return statistics.median(self._scores) if self._scores else None

    @property
    def acceptance(self) -> float:
        """The fraction of attempts that are legal and score above their parent."""
        beat = sum(row.beat for phase, row in self.phases.items() if phase != "seed")
        return beat / self.attempts if self.attempts else 0.0

    @property
    def neutral_share(self) -> float:
        """The fraction of attempts whose train verdicts equal those of an earlier program."""
        return self.neutral / self.attempts if self.attempts else 0.0

    @property
    def foul_share(self) -> float:
        """The fraction of attempts that ended in a foul."""
        fouls = sum(row.fouls for phase, row in self.phases.items() if phase != "seed")
        return fouls / self.attempts if self.attempts else 0.0


def tally(trials: Iterable[Trial]) -> Tally:
    """The counts of a stored run."""
    counted = Tally()
    for trial in trials:
        counted.tell(trial)
    return counted
