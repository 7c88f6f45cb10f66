"""parts: the five parts of the figure as interfaces, and what passes between them. This file is the architecture.

    Solution Selector -> Prompt Generator -> Solution Generator -> Evaluator -> Storage -> tell(trial) to all

A part's options are the keyword-only arguments of its constructor; one that needs the task takes it as its one positional
argument, `task`. The file's name is the name that a user types.
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
    """One question to a solution generator. `seed` is the text from which its answer's randomness comes."""

    system: str
    text: str
    selection: Selection
    seed: str


ReplyFormat = Literal["file", "edits", "crossover", "folder"]
"""What a reply must be: a whole program, SEARCH/REPLACE blocks against the parent, a whole program made of two, or a file
`candidate.py` in a folder."""


@dataclass(frozen=True)
class Estimate:
    """The expected cost of one question to one model.

    Args:
        share: of the questions that this model answers, 0 to 1.
        input_tokens: of the prompt, approximately.
        dollars: (short reply, usual reply, longest reply); None when the model has no known price.
    """

    model: str
    share: float
    input_tokens: int
    dollars: tuple[float, float, float] | None


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
    """Writes the next program. `propose` may be called from several threads at once.

    What a run needs to know of a generator is said by attributes; an ensemble sets them from its members.
    """

    format: ReplyFormat = "file"
    """The reply that its prompts ask for; ignored by generators that read no prompt."""
    spends: bool = False
    """True when its programs cost money or tokens, so that --dollars or --tokens alone can end a run."""
    model_free: bool = False
    """True when neither a model nor a person writes its programs; reports say so."""
    wants_tries: bool = False
    """True when it plays programs with `resources.try_out` while it writes; each try counts as an attempt."""

    def attach(self, resources: Resources) -> None:
        """Receive what the run offers; called once, before the first question and before the run is stored.

        Raises:
            Refusal: the generator cannot work with this: no key, no program to run, no price under --dollars.
        """

    def start_programs(self, task: Task[Any]) -> Sequence[Candidate]:
        """The programs that a search starts from when the user gives none: by default the task's start program."""
        return [Candidate(task.seed, author="seed", note="the task's start program", phase="seed")]

    @abstractmethod
    def propose(self, prompt: Prompt) -> Candidate:
        """A program for this prompt, or a candidate with a foul when the reply was unusable.

        Raises:
            Fault: no reply arrived; the attempt is repeated.
            Exhausted: nothing is left to propose until another trial is told; with none in flight the phase ends.
        """

    def estimate(self, prompt: Prompt) -> Sequence[Estimate]:
        """The expected cost of answering a prompt, for a dry run; one entry per model, none for generators without cost."""
        del prompt
        return ()

    def unclaimed_calls(self) -> Sequence[Call]:
        """Model calls that no candidate carries: billed, but without a program. They are stored when the session ends."""
        return ()


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
