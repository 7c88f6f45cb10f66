"""trial: a candidate, its evaluation, and the trial that joins them. Plain records without decisions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from adrs.core.failure import Foul
from adrs.core.task import Split, Verdict

Phase = Literal["seed", "search", "shrink"]
"""The phase that produced a candidate: given at the start, found by the search, or shortened after it."""


@dataclass(frozen=True)
class Spend:
    """The cost of writing a candidate. Dollars and tokens are as billed; what a provider did not report counts at its maximum,
    and `Usage.measured` is False. `tries` are programs that the generator had evaluated on train while it wrote; each counts
    as an attempt."""

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
        input_tokens: all tokens sent, including cached and cache-written ones.
        cached_tokens, cache_write_tokens: input tokens read from or written to the provider's cache.
        output_tokens: all tokens generated, including reasoning.
        reasoning_tokens: output tokens of hidden reasoning.
        measured: False if the provider did not report usage: the numbers are then upper bounds.
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
    """One request to a model that was billed, or may have been: the prompt, the reply, the bill.

    Args:
        model: as the user named it.
        purpose: "propose" if `adrs.llm.program_of` makes the program from this reply (a replay checks that); else any word.
        system, text: what was sent.
        reply: what came back; "" when nothing could be read.
        finish: why the reply ended: "stop", "length", "refusal", "other"; "lost" if it never arrived completely.
        usage: tokens, measured or an upper bound.
        dollars: the bill for them; None when the model has no known price.
        error: what went wrong, in one sentence without secrets; "" if nothing did.
        seconds: wall seconds, including waits for a busy endpoint.
        attempts: number of requests sent for it, including those rejected free of charge.
        answered: the model that replied, as named by the endpoint.
        note: parameters that were left out of the request because the endpoint rejects them.
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
    """A proposed program. It has no score.

    Args:
        source: the whole program, evolve-block markers included.
        parents: numbers of the trials it was derived from, the main one first.
        niche: the niche for which the selector requested it: an island, a cell; "" if the selector has no niches.
        author: the generator, model or person that wrote it: "seed", "offline", a model's name.
        note: what changed, in one line that a person can read.
        foul: set if the reply held no usable program, so that there is nothing to evaluate.
        calls: the model calls behind it, including earlier failed ones of the same generator.
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
    """The result of one workload: a verdict, or the foul that ended it."""

    workload: str
    split: Split
    result: Verdict | Foul


@dataclass(frozen=True)
class Evaluation:
    """The results of a candidate on the workloads that were played.

    Args:
        score: the total over all train workloads; None after a foul or an early stop.
        partial: the mean over the train workloads played, if evaluation stopped early; else None.
        validation: the total over the validation workloads; None if they were not played.
        outcomes: one per workload, in the order played.
        foul: the first foul; None for a legal program.
        stopped: the stage ("smoke", "third") after which evaluation stopped because the candidate was clearly too weak, or "".
        metrics: the task's summary over the train workloads, for a complete evaluation.
        spread: difference between the two evaluations of a new best on train; None if it was played once.
        seconds, referee_seconds, player_seconds: wall time, CPU of the referee, CPU of the players.
        isolation: the sandbox layers that were active.
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
        """True for a legal program that was played on every train workload: only these become parents and rank by score."""
        return self.score is not None and self.foul is None

    def verdicts(self, split: Split = "train") -> dict[str, Verdict]:
        """Workload name -> verdict for one split, in the order played."""
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
        """A sort key, higher is better: complete programs by score, then stopped ones by partial score, then fouls."""
        if self.complete and self.score is not None:
            return (2, self.score)
        if self.foul is None and self.partial is not None:
            return (1, self.partial)
        return (0, 0.0)


@dataclass(frozen=True)
class Trial:
    """The stored record of a finished attempt.

    Args:
        number: 0, 1, 2 … without a gap, in the order in which attempts ended.
        question: number of the question that it answers; the random state comes from (seed, question).
        seen: how many trials the parts had received when the question was asked. With it a run replays exactly at
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
        """Whether a selector may choose it as a parent."""
        return self.evaluation.complete


@dataclass(frozen=True)
class Measurement:
    """The evaluation of a program outside the search: a baseline, the tuned start program, the champion on the test split."""

    program: str
    purpose: Literal["reference", "verify"]
    evaluation: Evaluation
    source: str = ""
