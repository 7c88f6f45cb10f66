"""parts: the five parts of the figure as interfaces, and what passes between them. This screen is the architecture.

    Solution Selector -> Prompt Generator -> Solution Generator -> Evaluator -> Storage -> tell(trial) to all

A part's options are the keyword-only arguments of its constructor; one that needs the task takes it as its one positional
argument, `task`. The file's name is the name that a user types.
"""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from adrs.core.task import Task
from adrs.core.trial import Candidate, Evaluation, Trial


@dataclass(frozen=True)
class Selection:
    """Whom to breed next: a parent, programs to look at besides, and the niche that the child belongs to."""

    parent: Trial
    inspirations: tuple[Trial, ...] = ()
    niche: str = ""


@dataclass(frozen=True)
class Prompt:
    """One question to a solution generator. `seed` is the text from which its answer's randomness comes."""

    system: str
    text: str
    selection: Selection
    seed: str


ReplyFormat = Literal["file", "edits", "crossover", "folder"]
"""What a reply must be: a whole program, SEARCH/REPLACE blocks against the parent, a whole program made of two, or a file
`candidate.py` in a folder."""


@dataclass(frozen=True)
class Orientation:
    """What is known of a run besides its trials, for whoever composes prompts.

    Args:
        format: of the replies that the generator can use.
        references: program -> score on train, of baselines and the like.
        hints: what people said while the run goes; the recipe's own are the task's.
    """

    format: ReplyFormat = "file"
    references: Mapping[str, float] = field(default_factory=dict)
    hints: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bar:
    """What a candidate must reach to be played further: a snapshot, taken when the question is asked.

    Args:
        best: the best score on train so far; above it a candidate is a new best, confirmed and validated.
        floors: number of train workloads played -> the partial mean below which a candidate can no longer matter.
        guarded: metric -> the seed's value, for the task's guards.
    """

    best: float | None = None
    floors: Mapping[int, float] = field(default_factory=dict)
    guarded: Mapping[str, float] = field(default_factory=dict)


class Exhausted(Exception):  # noqa: N818 - the end of a phase, no error
    """The generator has nothing more to propose; the phase ends."""


class Part:
    """What the five parts share: they learn from every finished trial, in the order of the trials' numbers."""

    whole: ClassVar[str] = ""
    """The option that takes all that follows the colon of a spec, as "command:claude -p" has it; "" for none."""

    def tell(self, trial: Trial) -> None:
        """Learn from a finished trial. Empty by default."""


class SolutionSelector(Part, ABC):
    """Whom to breed next. Asked only after a complete trial (a seed) was told."""

    @abstractmethod
    def ask(self, rng: random.Random) -> Selection:
        """The next selection; a function of the trials told so far and of `rng`."""


class PromptGenerator(Part, ABC):
    """What to say."""

    def orient(self, orientation: Orientation) -> None:
        """Learn what is known before the first question. Empty by default."""

    @abstractmethod
    def compose(self, task: Task[Any], selection: Selection, seed: str) -> Prompt:
        """The prompt for one attempt."""


class SolutionGenerator(Part, ABC):
    """Who writes the next program. `propose` may be called from several threads at once."""

    format: ReplyFormat = "file"
    """What it asks for, where it reads prompts."""

    @abstractmethod
    def propose(self, prompt: Prompt) -> Candidate:
        """A program for this prompt, or a candidate with a foul when the reply was unusable.

        Raises:
            Fault: no reply could be had; the attempt is repeated.
            Exhausted: there is nothing more to propose until another trial is told; with none in flight the phase ends.
        """


class Evaluator(Part, ABC):
    """How good a program is. `evaluate` may be called from several threads at once."""

    @abstractmethod
    def bar(self) -> Bar:
        """What the next candidate must reach, as far as is known now."""

    @abstractmethod
    def evaluate(self, candidate: Candidate, bar: Bar) -> Evaluation:
        """Play a candidate: preflight, smoke, train, and validation for a new best.

        Raises:
            Fault: the machine failed; the attempt is repeated.
        """


class Storage(Part, ABC):
    """What happened, append-only. Trials are appended from one thread."""

    @abstractmethod
    def append(self, candidate: Candidate, evaluation: Evaluation, question: int, seen: int) -> Trial:
        """Store one attempt and give it the next number.

        Raises:
            Fault: it could not be written; nothing was stored.
        """

    @abstractmethod
    def trials(self, start: int = 0) -> Iterator[Trial]:
        """The trials with number >= `start`, in order."""
