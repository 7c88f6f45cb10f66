"""storage: the interfaces of a store and of one run in it: trials, events, measurements, model calls, money, messages.

Append-only: rows are added and never changed. What can be derived is derived here, once, for every kind of store; a store
overrides a derived method only to answer faster. `adrs.testing.storage` holds the contract that every store passes.
"""

from __future__ import annotations

import difflib
import re
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from adrs.core.failure import Refusal
from adrs.core.ledger import Entry, EntryKind, Sum
from adrs.core.messages import Message
from adrs.core.parts import Storage
from adrs.core.process import Process, alive
from adrs.core.trial import Call, Measurement, Trial

EventKind = Literal["started", "resumed", "stopped", "finished", "fault", "task changed"]
State = Literal["running", "finished", "stopped"]
_NAME = re.compile(r"\w[\w.\-]{0,79}")


@dataclass(frozen=True)
class RunRecord:
    """A run as it was started.

    Args:
        created: seconds since 1970, UTC.
        version: version of adrs.
        fingerprint: hash of the task's source and data.
        secret: hex digits; chooses which games the referee replays.
        platform: the machine, as `process.this_machine` describes it.
        recipe: the settings, plain values.
    """

    name: str
    created: float
    version: str
    fingerprint: str
    secret: str
    platform: dict[str, Any]
    recipe: dict[str, Any]


@dataclass(frozen=True)
class Event:
    """A change in the state of a run.

    Args:
        at: seconds since 1970, UTC.
        process: the process that reported it.
        seconds: wall time of all sessions up to then.
        text: the reason, or the limits of a resumed run.
    """

    number: int
    at: float
    kind: EventKind
    process: Process
    seconds: float
    text: str


class StoredRun(Storage):
    """Everything a store holds of one run. Trials are appended from one thread; everything else is safe from any thread.

    Args:
        record: the run as it was started.
        shown: the store's address for messages, without a password.
    """

    def __init__(self, record: RunRecord, shown: str) -> None:
        self.record, self.shown = record, shown

    @property
    def name(self) -> str:
        return self.record.name

    @property
    def recipe(self) -> dict[str, Any]:
        """The settings as stored."""
        return self.record.recipe

    @abstractmethod
    def check_writable(self) -> None:
        """Refuse before anything is played if nothing can be stored.

        Raises:
            Refusal: the store is read-only or locked.
        """

    # trials

    def trial(self, number: int) -> Trial:
        """One trial.

        Raises:
            Refusal: the run has no trial of that number.
        """
        count = self.count()
        if not 0 <= number < count:
            known = f"its trials are 0 to {count - 1}" if count else "no trial is stored yet"
            raise Refusal(f"run {self.name} has no trial {number}: {known}")
        return next(iter(self.trials(number)))

    def count(self) -> int:
        """How many trials are stored; their numbers have no gap."""
        return sum(1 for _ in self.trials())

    def attempts(self) -> int:
        """How many trials are attempts, start programs left out."""
        return sum(trial.candidate.phase != "seed" for trial in self.trials())

    def best_score(self) -> float | None:
        """The highest score on train."""
        return max((trial.score for trial in self.trials() if trial.score is not None), default=None)

    @abstractmethod
    def last_append(self, began: float, ended: float | None = None) -> float | None:
        """When the last trial between two moments was appended, in seconds since 1970; None if there was none."""

    # events

    @abstractmethod
    def add_event(self, kind: EventKind, text: str = "", seconds: float = 0.0) -> None:
        """Record that this process started, resumed, stopped or finished the run, or met a fault."""

    @abstractmethod
    def events(self) -> Sequence[Event]:
        """All events in order."""

    def task_changed(self) -> bool:
        """Whether the run went on with another version of its task: some trials were scored by the earlier one."""
        return any(event.kind == "task changed" for event in self.events())

    def state(self) -> State:
        """Derived from the last event: "running" only while the process that reported it is alive on this machine."""
        events = self.events()
        if not events:
            return "stopped"
        last = events[-1]
        if last.kind == "finished":
            return "finished"
        return "running" if last.kind in {"started", "resumed"} and alive(last.process) else "stopped"

    def seconds(self) -> float:
        """Wall seconds of all sessions: a killed session counts up to its last trial, a running one up to now."""
        total, began = 0.0, None
        for event in self.events():
            opens = event.kind in {"started", "resumed"}
            if began is not None:
                total += (self._last_sign(began, event.at) if opens else event.at) - began
            began = event.at if opens else None
        if began is not None:
            total += (time.time() if self.state() == "running" else self._last_sign(began, None)) - began
        return max(0.0, total)

    def _last_sign(self, began: float, ended: float | None) -> float:
        return self.last_append(began, ended) or began

    # measurements

    @abstractmethod
    def add_measurement(self, measurement: Measurement) -> None:
        """Store the evaluation of a program that is not a trial of the search."""

    @abstractmethod
    def measurements(self) -> Sequence[Measurement]:
        """All measurements in the order in which they were made; a repeated measurement replaces the earlier one."""

    # model calls and money

    @abstractmethod
    def add_calls(self, calls: Iterable[Call]) -> None:
        """Store calls that belong to no trial: calls that were billed when a run ended in the middle of a question."""

    @abstractmethod
    def calls(self, trial: int | None = None) -> Sequence[Call]:
        """The model calls behind one trial, or all, in the order in which they were stored."""

    @abstractmethod
    def calls_by_trial(self) -> Mapping[int, Sequence[Call]]:
        """Trial number -> the model calls behind it, in order."""

    def trials_asked(self, line: str) -> list[int]:
        """Ascending numbers of the trials whose prompt contained a line."""
        found = self.calls_by_trial().items()
        return sorted(trial for trial, calls in found if any(line in call.text.splitlines() for call in calls))

    @abstractmethod
    def add_entry(self, kind: EntryKind, reservation: int, amount: Sum) -> None:
        """Record an amount that is reserved for a call, or the bill that settles the reservation."""

    @abstractmethod
    def entries(self) -> Sequence[Entry]:
        """All ledger entries in order."""

    def spent(self) -> Sum:
        """What the run's calls were billed; a call whose bill is unknown (the run was killed) counts at its worst case."""
        open_, total = dict[int, Sum](), Sum()
        for entry in self.entries():
            if entry.kind == "reserved":
                open_[entry.reservation] = entry.amount
            else:
                open_.pop(entry.reservation, None)
                total += entry.amount
        return sum(open_.values(), total)

    def next_reservation(self) -> int:
        """The first reservation number that is unused."""
        return 1 + max((entry.reservation for entry in self.entries()), default=-1)

    # messages

    @abstractmethod
    def add_message(self, message: Message) -> int:
        """Store a message from a user to the run; return its number."""

    @abstractmethod
    def messages(self) -> Sequence[Message]:
        """All messages in order; a message's number is its position."""


class Store(ABC):
    """A set of runs.

    Args:
        shown: its address for messages, without a password.
    """

    shown: str

    @abstractmethod
    def create_run(self, name: str, recipe: Mapping[str, object], fingerprint: str, secret: str) -> StoredRun:
        """Store a new run.

        Args:
            name: "" to derive a readable one from the recipe's "task", such as "spot-single-region-3".
            recipe: the settings, plain values.
            fingerprint: of the task's source and data.
            secret: hex digits for the referee.

        Raises:
            Refusal: the name exists or is not allowed.
        """

    @abstractmethod
    def runs(self) -> Sequence[StoredRun]:
        """All runs, the oldest first, without reading a trial."""

    def run(self, name: str = "last") -> StoredRun:
        """The run of that name, or the one started last.

        Raises:
            Refusal: there is no such run; it lists the nearest names.
        """
        runs = self.runs()
        found = runs[-1:] if name == "last" else [run for run in runs if run.name == name]
        if not found:
            raise no_such_run(self.shown, name, [run.name for run in reversed(runs)])
        return found[0]

    @abstractmethod
    def check_writable(self) -> None:
        """Refuse before anything is played if nothing can be stored.

        Raises:
            Refusal: the store is read-only or locked.
        """

    def close(self) -> None:  # noqa: B027 - optional: a store without connections keeps it
        """Release connections; everything appended is already stored."""


def check_name(name: str) -> None:
    """Check that a text can name a run; "" leaves the name to the store.

    Raises:
        Refusal: it cannot.
    """
    if name and (name == "last" or not _NAME.fullmatch(name)):
        raise Refusal(f"{name[:90]!r} cannot name a run: use up to 80 letters, digits, dots and dashes, and not 'last'")


def free_name(task: str, names: Iterable[str]) -> str:
    """ "spot-single-region-3": the task's name and the first number above those in use."""
    stem = task.rstrip("/").removesuffix("/task.py").rsplit("/", 1)[-1].removesuffix(".py")
    slug = re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-")[:60] or "run"
    pattern = re.compile(re.escape(slug) + r"-(\d+)")
    return f"{slug}-{1 + max((int(match[1]) for name in names if (match := pattern.fullmatch(name))), default=0)}"


def taken(store: str, name: str) -> Refusal:
    """The refusal of a run name that is in use."""
    return Refusal(f"store {store} already has a run {name!r}: continue it with `adrs resume {name}`, or choose another --name")


def no_such_run(store: str, name: str, names: Sequence[str]) -> Refusal:
    """The refusal of a run name that is unknown, with the nearest known ones.

    Args:
        names: of all runs, the newest first.
    """
    if not names:
        return Refusal(f"store {store} has no runs yet: start one with `adrs run TASK`")
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.4) or names[:3]
    return Refusal(f"store {store} has no run {name!r}: it has {', '.join(near)} (`adrs runs` lists all)")


def parse_amount(dollars: str, tokens: int) -> Sum:
    """An amount as stores keep it: dollars as an exact decimal text."""
    return Sum(Decimal(dollars), tokens)
