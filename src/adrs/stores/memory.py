"""memory: keeps runs in lists, for tests, benchmarks and temporary searches. They end with their process."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping

from adrs.core.ledger import Entry, EntryKind, Sum
from adrs.core.messages import Message
from adrs.core.process import this_machine, this_process
from adrs.core.storage import Event, EventKind, RunRecord, Store, StoredRun, check_name, free_name, taken
from adrs.core.trial import Call, Candidate, Evaluation, Measurement, Trial
from adrs.core.version import __version__


class MemoryStore(Store):
    """Runs in the memory of this process."""

    shown = "memory"

    def __init__(self) -> None:
        self._runs: list[MemoryRun] = []

    def create_run(self, name: str, recipe: Mapping[str, object], fingerprint: str, secret: str) -> MemoryRun:
        check_name(name)
        names = [run.name for run in self._runs]
        if name in names:
            raise taken(self.shown, name)
        given = name or free_name(str(recipe.get("task", "run")), names)
        record = RunRecord(given, time.time(), __version__, fingerprint, secret, this_machine(), dict(recipe))
        self._runs.append(MemoryRun(record))
        return self._runs[-1]

    def runs(self) -> list[MemoryRun]:
        return list(self._runs)

    def check_writable(self) -> None:
        """Memory can always be written."""


class MemoryRun(StoredRun):
    """One run in lists; it stores objects without conversion.

    Args:
        record: None for a search without a recipe, such as the tuning of a start program.
    """

    def __init__(self, record: RunRecord | None = None) -> None:
        super().__init__(record or RunRecord("run", time.time(), __version__, "", "", {}, {}), "memory")
        self._trials: list[Trial] = []
        self._appended: list[float] = []
        self._calls: list[tuple[int | None, Call]] = []
        self._events: list[Event] = []
        self._measurements: list[Measurement] = []
        self._entries: list[Entry] = []
        self._messages: list[Message] = []

    def check_writable(self) -> None:
        """Memory can always be written."""

    def append(self, candidate: Candidate, evaluation: Evaluation, question: int, seen: int) -> Trial:
        trial = Trial(len(self._trials), candidate, evaluation, question, seen)
        self._trials.append(trial)
        self._appended.append(time.time())
        self._calls += [(trial.number, call) for call in candidate.calls]
        return trial

    def trials(self, start: int = 0) -> Iterator[Trial]:
        yield from self._trials[start:]

    def last_append(self, began: float, ended: float | None = None) -> float | None:
        return max((at for at in self._appended if at >= began and (ended is None or at <= ended)), default=None)

    def add_event(self, kind: EventKind, text: str = "", seconds: float = 0.0) -> None:
        self._events.append(Event(len(self._events), time.time(), kind, this_process(), seconds, text))

    def events(self) -> list[Event]:
        return list(self._events)

    def add_measurement(self, measurement: Measurement) -> None:
        self._measurements.append(measurement)

    def measurements(self) -> list[Measurement]:
        return list(self._measurements)

    def add_calls(self, calls: Iterable[Call]) -> None:
        self._calls += [(None, call) for call in calls]

    def calls(self, trial: int | None = None) -> list[Call]:
        return [call for number, call in self._calls if trial is None or number == trial]

    def calls_by_trial(self) -> dict[int, list[Call]]:
        found: dict[int, list[Call]] = {}
        for number, call in self._calls:
            if number is not None:
                found.setdefault(number, []).append(call)
        return found

    def add_entry(self, kind: EntryKind, reservation: int, amount: Sum) -> None:
        self._entries.append(Entry(kind, reservation, amount))

    def entries(self) -> list[Entry]:
        return list(self._entries)

    def add_message(self, message: Message) -> int:
        self._messages.append(message)
        return len(self._messages) - 1

    def messages(self) -> list[Message]:
        return list(self._messages)
