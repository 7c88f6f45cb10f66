"""trial: what happened: a candidate, its evaluation, and the trial that joins them. Nothing here decides anything."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from adrs.core.failure import Foul
from adrs.core.task import Split, Verdict

Phase = Literal["seed", "search", "shrink"]
"""When a candidate was written: handed in at the start, found by the search, or shortened after it."""


@dataclass(frozen=True)
class Spend:
    """What writing a candidate has cost. Dollars are exact to the cent of a cent and never estimated upwards or down."""

    dollars: float = 0.0
    input_tokens: int = 0
    output_tokens: int = 0
    calls: int = 0
    seconds: float = 0.0

    def __add__(self, other: Spend) -> Spend:
        return Spend(
            self.dollars + other.dollars,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.calls + other.calls,
            self.seconds + other.seconds,
        )

    @property
    def tokens(self) -> int:
        return self.input_tokens + self.output_tokens


@dataclass(frozen=True)
class Candidate:
    """A program that somebody proposes. It bears no score.

    Args:
        source: the whole program, evolve-block markers included.
        parents: numbers of the trials it was made from, the main one first.
        niche: where the selector asked for it: an island, a cell; "" when the selector has none.
        author: who wrote it: "seed", "offline:swap+const", a model's name, a person's.
        note: what changed, in one line that a person can read.
        foul: a reply without a usable program: there is nothing to evaluate.
    """

    source: str
    parents: tuple[int, ...] = ()
    niche: str = ""
    author: str = ""
    note: str = ""
    phase: Phase = "search"
    spend: Spend = field(default_factory=Spend)
    foul: Foul | None = None


@dataclass(frozen=True)
class Outcome:
    """How one workload went: a verdict, or the foul that ended it."""

    workload: str
    split: Split
    result: Verdict | Foul


@dataclass(frozen=True)
class Evaluation:
    """How good a candidate is, as far as it was played.

    Args:
        score: the total over all train workloads; None when there is no such number (a foul, or stopped early).
        partial: the mean over the train workloads played, for a candidate that was stopped early; else None.
        validation: the total over the validation workloads; None when they were not played.
        outcomes: workload by workload, in the order played.
        foul: the first foul, None for a legal program.
        stopped: the stage after which play ended because the candidate could no longer matter ("smoke", "third"), or "".
        metrics: the task's summary over the train workloads, for a complete evaluation.
        spread: how far the second play of a new best on train differed from the first; None when it was played once.
        seconds, referee_seconds, player_seconds: wall, CPU of the referee, CPU of the players.
        isolation: the layers that were on.
    """

    score: float | None = None
    partial: float | None = None
    validation: float | None = None
    outcomes: tuple[Outcome, ...] = ()
    foul: Foul | None = None
    stopped: str = ""
    metrics: dict[str, float] = field(default_factory=dict)
    spread: float | None = None
    seconds: float = 0.0
    referee_seconds: float = 0.0
    player_seconds: float = 0.0
    isolation: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """True for a legal program that was played on every train workload: only these are bred and ranked by score."""
        return self.score is not None and self.foul is None

    def verdicts(self, split: Split = "train") -> dict[str, Verdict]:
        """Workload name -> verdict, of one split, in the order played."""
        return {
            outcome.workload: outcome.result
            for outcome in self.outcomes
            if outcome.split == split and isinstance(outcome.result, Verdict)
        }

    @property
    def behaviour(self) -> tuple[float, ...]:
        """The verdict vector: the score on every train workload, in the order of the workloads' names."""
        return tuple(verdict.score for _, verdict in sorted(self.verdicts("train").items()))

    @property
    def rank(self) -> tuple[int, float]:
        """A sort key, more is better: complete programs by score, then stopped ones by partial score, then fouls."""
        if self.complete and self.score is not None:
            return (2, self.score)
        if self.foul is None and self.partial is not None:
            return (1, self.partial)
        return (0, 0.0)


@dataclass(frozen=True)
class Trial:
    """The only thing that is stored of an attempt.

    Args:
        number: 0, 1, 2 … without a gap, in the order in which attempts ended.
        question: which question of the run this answers; its random state comes from (seed, question).
        seen: how many trials the parts had been told when the question was asked. With it a run replays exactly at
            any width.
    """

    number: int
    candidate: Candidate
    evaluation: Evaluation
    question: int = 0
    seen: int = 0

    @property
    def score(self) -> float | None:
        return self.evaluation.score

    @property
    def breeds(self) -> bool:
        """Whether a selector may offer it as a parent."""
        return self.evaluation.complete


@dataclass(frozen=True)
class Measurement:
    """A program played outside the search for comparison: a baseline, the tuned seed, the champion on the test split."""

    program: str
    purpose: Literal["reference", "verify"]
    evaluation: Evaluation
    source: str = ""
