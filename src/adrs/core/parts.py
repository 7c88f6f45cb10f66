"""parts: the interfaces of the five parts of a search, and the types that pass between them.

    Solution Selector -> Prompt Generator -> Solution Generator -> Evaluator -> Storage -> tell(trial) to all

The keyword-only arguments of a part's constructor are its options. A part that needs the task takes it as its only positional
argument, `task`. The file's name is the name that a user types on the command line.
"""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from adrs.core.resources import Resources
from adrs.core.selection import Selection
from adrs.core.task import Task
from adrs.core.trial import Call, Candidate, Evaluation, Trial


@dataclass(frozen=True)
class Prompt:
    """One question to a solution generator. `seed` is a text from which the generator derives its random state."""

    system: str
    text: str
    selection: Selection
    seed: str


ReplyFormat = Literal["file", "edits", "crossover", "folder"]
"""The form of a reply: a whole program, SEARCH/REPLACE blocks against the parent, a whole program made from two, or a file
`candidate.py` in a folder."""


@dataclass(frozen=True)
class Estimate:
    """The expected cost of one question to one model.

    Args:
        share: fraction of the questions that this model answers, 0 to 1.
        input_tokens: approximate tokens of the prompt.
        dollars: (short reply, usual reply, longest reply); None when the model has no known price.
    """

    model: str
    share: float
    input_tokens: int
    dollars: tuple[float, float, float] | None


@dataclass(frozen=True)
class Orientation:
    """What a prompt generator receives about a run in addition to its trials.

    Args:
        format: the form of reply that the generator can use.
        references: program name -> score on train, for baselines and other reference programs.
        hints: hints that users sent during the run; the hints of the recipe are in `Task.hints`.
    """

    format: ReplyFormat = "file"
    references: Mapping[str, float] = field(default_factory=dict)
    hints: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bar:
    """The scores that decide how far a candidate is evaluated: a snapshot, taken when the question is asked.

    Args:
        best: the best score on train so far; a candidate above it is a new best, which is confirmed and validated.
        floors: number of train workloads played -> the partial mean below which evaluation stops early.
        guarded: metric -> value of the start program, for the task's guards.
    """

    best: float | None = None
    floors: Mapping[int, float] = field(default_factory=dict)
    guarded: Mapping[str, float] = field(default_factory=dict)


class Part:
    """Base of the five parts: each learns from every finished trial, in the order of the trials' numbers."""

    whole: ClassVar[str] = ""
    """The option that takes the whole text after the colon of a spec, as in "command:claude -p"; "" if it has none."""

    def tell(self, trial: Trial) -> None:
        """Learn from a finished trial. Empty by default."""


class SolutionSelector(Part, ABC):
    """Selects the parent of the next candidate. Called only after at least one complete trial (a start program)."""

    @abstractmethod
    def ask(self, rng: random.Random) -> Selection:
        """The next selection; it depends only on the trials received through `tell` and on `rng`."""


class PromptGenerator(Part, ABC):
    """Composes the prompt for a selection."""

    def orient(self, orientation: Orientation) -> None:
        """Receive facts about the run before the first question. Empty by default."""

    @abstractmethod
    def compose(self, task: Task[Any], selection: Selection, seed: str) -> Prompt:
        """The prompt for one attempt."""


class SolutionGenerator(Part, ABC):
    """Writes the next program. `propose` may be called from several threads at once.

    Class attributes state what a run must know about a generator; an ensemble sets them from its members.
    """

    format: ReplyFormat = "file"
    """The form of reply that its prompts request; ignored by generators that read no prompt."""
    spends: bool = False
    """True when its programs cost money or tokens, so that --dollars or --tokens alone can end a run."""
    model_free: bool = False
    """True when neither a model nor a person writes its programs; reports say so."""
    wants_tries: bool = False
    """True when it plays programs with `resources.try_out` while it writes; each try counts as an attempt."""

    def attach(self, resources: Resources) -> None:
        """Connect to the run's resources; called once, before the first question and before the run is stored.

        Raises:
            Refusal: the generator cannot work: a missing key, a program that is not installed, no known price under --dollars.
        """

    def start_programs(self, task: Task[Any]) -> Sequence[Candidate]:
        """The programs that a search starts from when the user gives none: by default the task's start program."""
        return [Candidate(task.seed, author="seed", note="the task's start program", phase="seed")]

    @abstractmethod
    def propose(self, prompt: Prompt) -> Candidate:
        """A program for this prompt, or a candidate with a foul when the reply was unusable.

        Raises:
            Fault: no reply arrived; the attempt is repeated.
            Exhausted: nothing is left to propose until another trial arrives; if no attempt is in flight, the phase ends.
        """

    def estimate(self, prompt: Prompt) -> Sequence[Estimate]:
        """The expected cost of answering a prompt, for a dry run; one entry per model, empty for generators without cost."""
        del prompt
        return ()

    def unclaimed_calls(self) -> Sequence[Call]:
        """Model calls that no candidate carries: billed, but without a program. They are stored when the session ends."""
        return ()


class Evaluator(Part, ABC):
    """Scores a program. `evaluate` may be called from several threads at once."""

    @abstractmethod
    def bar(self) -> Bar:
        """The scores that the next candidate is compared with, as known now."""

    @abstractmethod
    def evaluate(self, candidate: Candidate, bar: Bar) -> Evaluation:
        """Play a candidate: preflight, smoke, train, and validation for a new best.

        Raises:
            Fault: the machine failed; the attempt is repeated.
        """


class Storage(Part, ABC):
    """Append-only record of trials. Trials are appended from one thread."""

    @abstractmethod
    def append(self, candidate: Candidate, evaluation: Evaluation, question: int, seen: int) -> Trial:
        """Store one attempt and give it the next number.

        Raises:
            Fault: it could not be written; nothing was stored.
        """

    @abstractmethod
    def trials(self, start: int = 0) -> Iterator[Trial]:
        """The trials with number >= `start`, in order."""
