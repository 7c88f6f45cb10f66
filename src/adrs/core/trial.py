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
    """What writing a candidate has cost. Dollars and tokens are as billed; what a provider did not report is counted at the
    most that it can have cost, and the call says so (`Usage.measured`). `tries` are programs that its author had played on
    train while it wrote; each counts as an attempt."""

    dollars: float = 0.0
    input_tokens: int = 0
    output_tokens: int = 0
    calls: int = 0
    seconds: float = 0.0
    tries: int = 0

    def __add__(self, other: Spend) -> Spend:
        return Spend(
            self.dollars + other.dollars,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.calls + other.calls,
            self.seconds + other.seconds,
            self.tries + other.tries,
        )

    @property
    def tokens(self) -> int:
        return self.input_tokens + self.output_tokens


@dataclass(frozen=True)
class Usage:
    """The tokens of one request to a model.

    Args:
        input_tokens: all that was sent; cached and cache-written ones are among them.
        cached_tokens, cache_write_tokens: of the input, what was read from or written to the provider's cache.
        output_tokens: all that was written; reasoning is among them.
        reasoning_tokens: of the output, what was thought and not shown.
        measured: False when the provider did not say: the numbers are then the most that it can have been.
    """

    input_tokens: int = 0
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    measured: bool = True

    @property
    def tokens(self) -> int:
        return self.input_tokens + self.output_tokens


@dataclass(frozen=True)
class Call:
    """One request to a model that has cost something, or may have: what was asked, what came back, what it was billed.

    Args:
        model: as the user named it.
        purpose: "propose" if `adrs.llm.program_of` makes the program from this reply (a replay checks that); else any word.
        system, text: what was sent.
        reply: what came back; "" when nothing could be read.
        finish: why the reply ended: "stop", "length", "refusal", "other"; "lost" when it never arrived whole.
        usage: tokens, measured or bounded.
        dollars: the bill for them; None when the model has no known price.
        error: what went wrong, in a sentence without secrets; "" when nothing did.
        seconds: wall seconds, waiting for a busy endpoint included.
        attempts: requests sent for it, those that were turned away free of charge included.
        answered: the model that replied, as the endpoint names it.
        note: what was left out of the request because the endpoint refuses it.
    """

    model: str
    purpose: str
    system: str
    text: str
    reply: str
    finish: str
    usage: Usage
    dollars: float | None
    error: str = ""
    seconds: float = 0.0
    attempts: int = 1
    answered: str = ""
    note: str = ""


@dataclass(frozen=True)
class Candidate:
    """A program that somebody proposes. It bears no score.

    Args:
        source: the whole program, evolve-block markers included.
        parents: numbers of the trials it was made from, the main one first.
        niche: where the selector asked for it: an island, a cell; "" when the selector has none.
        author: the generator, model or person that wrote it: "seed", "offline", a model's name.
        note: what changed, in one line that a person can read.
        foul: a reply without a usable program: there is nothing to evaluate.
        calls: the requests to models behind it, earlier failed ones of the same generator included.
        operators: the edits that made it, in order, for generators that edit: ("swap", "const").
    """

    source: str
    parents: tuple[int, ...] = ()
    niche: str = ""
    author: str = ""
    note: str = ""
    phase: Phase = "search"
    spend: Spend = field(default_factory=Spend)
    foul: Foul | None = None
    calls: tuple[Call, ...] = ()
    operators: tuple[str, ...] = ()


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
