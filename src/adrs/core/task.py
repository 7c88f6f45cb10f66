"""task: the interface of a task: its statement, workloads and referee. Does not cover how candidates are sandboxed.

A task is trusted code. Its candidates are not: the referee (`Task.judge`) sees them only as a `Player` that gives answers of
stated types, and computes every score from those answers.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, Literal, Protocol, TypeVar, get_args, overload

from adrs.core.failure import Foul

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)
SeedOf = Callable[[Split], int]
"""`Task.seed_of`: the random seed of a split."""

Data = TypeVar("Data")
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Workload(Generic[Data]):
    """One input of the problem: a trace, a cluster, a table.

    Args:
        name: unique within its task.
        kind: the kind of input, if the task has several in fixed shares, "tight": `adrs verify` then compares within kinds.
    """

    name: str
    data: Data
    split: Split
    kind: str = ""


@dataclass(frozen=True)
class Verdict:
    """The referee's result for one workload.

    Args:
        score: finite, higher is better. In the shipped tasks 0 is the trivial baseline and 1 the bound of that workload.
        metrics: numbers for people, unrounded; a value that is not a finite number is kept as text.
        feedback: a few lines that help to write the next program; it must not contain anything from held-out workloads.

    Raises:
        Foul: `illegal_answer` when the score is not a finite number.
    """

    score: float
    metrics: Mapping[str, float | str] = field(default_factory=dict)
    feedback: str = ""

    def __post_init__(self) -> None:
        score = _number(self.score)
        if not isinstance(score, float):
            raise Foul("illegal_answer", f"the score is {score}, not a finite number")
        object.__setattr__(self, "score", score)
        object.__setattr__(self, "feedback", str(self.feedback or ""))
        object.__setattr__(self, "metrics", {str(name): _number(value) for name, value in self.metrics.items()})


def _number(value: object) -> float | str:
    """`value` as a plain float, or as text if it is not a finite number (numpy scalars and Decimals are numbers)."""
    try:
        plain = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return str(value)[:200]
    return plain if math.isfinite(plain) else str(plain)


@dataclass(frozen=True)
class Array:
    """The type of an answer that is a numpy array, for `expect`.

    Args:
        dtype: as numpy writes it, little-endian: "i8", "f8".
        shape: exact lengths; None allows any length.
        allow_nan: whether NaN and infinities may be in it.
    """

    dtype: str
    shape: tuple[int | None, ...]
    allow_nan: bool = False


class Crew(Protocol):
    """Many instances of one class of the candidate, stepped in lock-step."""

    @overload
    def step(self, method: str, columns: Mapping[str, Any], who: Sequence[int], expect: type[Answer]) -> list[Answer]: ...
    @overload
    def step(self, method: str, columns: Mapping[str, Any], who: Sequence[int], expect: Any) -> list[Any]: ...
    def step(self, method: str, columns: Mapping[str, Any], who: Sequence[int], expect: Any) -> list[Any]:
        """Call `method(observation)` on the instances `who` (ascending positions) and return their answers, in that order.

        Args:
            columns: name -> a scalar that all instances see, or a sequence or 1-d array with one value for each of `who`; the
                observation of an instance is the dict of its values.
            expect: the type of one answer, as msgspec understands it.

        Raises:
            Foul: the first rule that the candidate broke; it ends the crew.
        """
        ...


@dataclass(frozen=True)
class Timing:
    """The result of a timed call.

    Args:
        answers: one for each variant, in order.
        seconds: CPU seconds of the fastest variant by the kernel's clock of the player's process, minus those of an empty
            call with arguments of that size and the smallest answer that was timed.
        reference: the same for the task's reference program, measured in turns with the candidate. Scores use the ratio.
        calls: the same for every variant but the first, in order. A task that scores all variants must use their mean;
            otherwise a program can be fast in one of them and slow in the others.
        reference_calls: the same for the reference program.
    """

    answers: list[Any]
    seconds: float
    reference: float
    calls: tuple[float, ...] = ()
    reference_calls: tuple[float, ...] = ()


class Player(Protocol):
    """The sandboxed candidate, as the referee sees it. The first foul ends the player."""

    @overload
    def call(self, function: str, *arguments: Any, expect: type[Answer]) -> Answer: ...
    @overload
    def call(self, function: str, *arguments: Any, expect: Any) -> Any: ...
    def call(self, function: str, *arguments: Any, expect: Any) -> Any:
        """One answer of `function(*arguments)`, of the type `expect`: a msgspec type, an `Array`, or a tuple of these."""
        ...

    def timed(self, function: str, variants: Sequence[Sequence[Any]], expect: Any, reference: str) -> Timing:
        """Answers to all variants of one workload, and the cost of the fastest. For timed tasks; at most once per player.

        Args:
            variants: the arguments of each call: at least six, distinct but equally hard (relabelled, re-seeded). The first
                is a warm-up: it is answered and scored, not timed.
            expect: the type of each answer.
            reference: a program of the task that answers the same calls, timed in turns with the candidate.
        """
        ...

    def crew(self, cls: str, settings: Sequence[Mapping[str, Any]], apart: Sequence[Hashable] | None = None) -> Crew:
        """One instance `cls(settings[i])` for each of the settings.

        Args:
            settings: plain values; every instance also receives its own `settings["seed"]`, an int derived from the run's seed
                and from the task's value for "seed" (a text that names the game), or from its position if the task gives none.
            apart: a label for each instance; instances share a process only if their labels are equal. Two games may
                share a label only if neither can reveal the other's future. None: all share one process.
        """
        ...

    @property
    def seconds(self) -> float:
        """Wall seconds that the player took to answer so far, measured by the referee."""
        ...

    @property
    def cpu_seconds(self) -> float:
        """CPU seconds of the player's processes so far, by the kernel's clock."""
        ...


Better = Literal["higher", "lower"]


@dataclass(frozen=True)
class Guard:
    """A metric of the train split that must not get worse while the score gets better: an SLO, a share of work done.

    Args:
        metric: a name in the task's summary.
        better: which way is better.
        tolerance: by how much it may be worse than the start program's.
    """

    metric: str
    better: Better
    tolerance: float = 0.0

    def broken(self, value: float, seed: float) -> bool:
        """Whether `value` is worse than the start program's value `seed` by more than the tolerance."""
        return (seed - value if self.better == "higher" else value - seed) > self.tolerance

    def __str__(self) -> str:
        return f"{self.metric} ({self.better} is better)"


@dataclass(frozen=True)
class Term:
    """A quantity that model-free generators may use by name: an observation, never a decision.

    Args:
        name: the local name it gets in programs, "slack".
        type: "float", "int", "bool", "str" or "list".
        code: one pure expression over arguments, self and other terms, "time_left - work_left".
        says: a one-line description, "ticks that may be lost before the deadline binds".
        unit: "ticks", "share", "gb"; "" if unknown.
        low, high: range from which thresholds are drawn; None: the term is compared with other terms only.
        initial, update: for a term with memory: a statement for `__init__`, and one that runs once per call.
    """

    name: str
    type: Literal["float", "int", "bool", "str", "list"]
    code: str
    says: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    initial: str = ""
    update: str = ""


@dataclass(frozen=True)
class Source:
    """A file of real data: its URL and its checksum. `adrs.tasks.downloads` fetches it.

    Args:
        name: its file name on this machine, unique within the task.
        url: an address that always names the same version (a commit, not a branch) where possible.
        sha256: hex digest of the whole file; "" only where `md5` is given.
        size: bytes; approximate if the origin does not state them.
        licence: as the origin states it, or a note that it states none.
        note: one line on its content.
        md5: hex digest, where no other is published: it detects damage and new versions, not forgery.
    """

    name: str
    url: str
    sha256: str
    size: int
    licence: str
    note: str = ""
    md5: str = ""

    @property
    def checksum(self) -> str:
        """ "sha256:…" or "md5:…"; "" for a source that has none, which is never fetched."""
        if len(self.sha256) == 64:
            return f"sha256:{self.sha256}"
        return f"md5:{self.md5}" if len(self.md5) == 32 else ""


class Task(ABC, Generic[Data]):
    """A systems problem. The docstring of a subclass is the problem statement that models and people read.

    Constructor arguments are the task's options. The attributes below are texts and numbers that describe the problem; only
    `workloads` and `judge` must be written.
    """

    name: str = ""
    """As the user typed it; set by the catalogue."""
    seed: str = ""
    """The start program of a search. A task in a folder leaves it empty and ships `seed.py`."""
    interface: str = ""
    """What a candidate must define, as a Python stub with types and docstrings: prompts show it, and preflight checks it."""
    baselines: Mapping[str, str] = {}
    """Name -> program. A task in a folder leaves it empty and ships `baselines/NAME.py`."""
    kit: str = ""
    """Source of a module `kit` that the candidate can import; the referee never trusts it. Folder tasks ship `kit.py`."""
    seconds: float = 1.0
    """CPU seconds for one call, or for one step of a crew."""
    player_seconds: float = 30.0
    """CPU seconds for one process of a player over its lifetime."""
    memory_mb: int = 512
    answer_bytes: int = 1 << 20
    """Maximal size of one answer in bytes, at most 64 MiB."""
    timed: bool = False
    """True when the score contains the candidate's run time: games then run alone."""
    together: ClassVar[bool] = False
    """True when `judge_together` is overridden: the workloads of a stage are then judged in one call."""
    packages: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    guards: tuple[Guard, ...] = ()
    """Metrics that must not get worse than the start program's; a worse value is a foul, `misaligned_objective`."""
    state_of_the_art: str = ""
    """The baseline that practitioners would use today; every result table has a row for it."""
    bound: float | None = None
    """A total score that no honest program can exceed; a higher score is a foul, `reward_hacking`."""
    terms: tuple[Term, ...] = ()
    results: tuple[str, ...] = ()
    """Expressions that an inserted early return may return; () means those that the program itself returns."""
    sources: tuple[Source, ...] = ()
    """Files of real data that `adrs data fetch` downloads; a task that needs them raises Refusal if they are missing."""
    data_seed: int = 0
    """Random seed from which the train workloads are drawn; an option of tasks that draw them."""
    held_out_seed: int | None = None
    """The same for validation and test; None: `data_seed`. Every run draws 62 bits of its own for it, unless it is given, so
    that a program that contains the task's generator cannot compute the held-out workloads."""
    published_test: bool = False
    """True when the test workloads are published data, which a program's author may know by heart."""
    offline_seed: str = ""
    """Start program for model-free generators; "" means `seed`. Folder tasks ship `offline_seed.py`."""

    @abstractmethod
    def workloads(self) -> Iterable[Workload[Data]]:
        """All workloads of all splits, the cheapest of a split first. Must be fast: it loads data and plays nothing."""

    @abstractmethod
    def judge(self, player: Player, workload: Workload[Data]) -> Verdict:
        """Play one workload and score it; check the answer completely before computing the score.

        Raises:
            Foul: the candidate broke a rule of the task.
        """

    def judge_together(self, player: Player, workloads: Sequence[Workload[Data]]) -> Sequence[Verdict]:
        """Play several workloads of one split with one player, for tasks where stepping them in lock-step is cheaper.

        A task that overrides it must set `together = True`. Each verdict must equal that of `judge`.
        """
        return [self.judge(player, workload) for workload in workloads]

    def total(self, verdicts: Sequence[Verdict]) -> float:
        """The score of a split: the mean over its workloads, unless the task says otherwise."""
        return math.fsum(verdict.score for verdict in verdicts) / len(verdicts)

    def summary(self, verdicts: Sequence[Verdict]) -> dict[str, float]:
        """The metrics of a split: the mean of every numeric metric, unless the task says otherwise."""
        names = dict.fromkeys(name for verdict in verdicts for name in verdict.metrics)
        columns = {name: [verdict.metrics.get(name) for verdict in verdicts] for name in names}
        return {
            name: math.fsum(numbers) / len(numbers)
            for name, column in columns.items()
            if len(numbers := [value for value in column if isinstance(value, float)]) == len(column)
        }

    def seed_of(self, split: Split) -> int:
        """The random seed from which the workloads of a split are drawn; combine it with the split and a number."""
        if split == "train" or self.held_out_seed is None:
            return self.data_seed
        return self.held_out_seed

    def picture(self) -> str:
        """An SVG picture of the problem, drawn from a workload of the train split; "" if the task has no picture."""
        return ""

    def fingerprint(self) -> str:
        """A text that changes when the task's data does; the task's own source is fingerprinted by the catalogue."""
        return ""
