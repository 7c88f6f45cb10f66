"""Every store passes the shipped contract; so does a toy store that exists only here."""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import adrs.stores
from adrs.core.ledger import Entry, EntryKind, Sum
from adrs.core.messages import Message
from adrs.core.process import Process, this_process
from adrs.core.storage import Event, EventKind, RunRecord, Store, StoredRun, check_name, free_name, parse_amount, taken
from adrs.core.trial import Call, Candidate, Evaluation, Measurement, Trial
from adrs.stores import encoding
from adrs.stores.memory import MemoryStore
from adrs.stores.sql import open_store
from adrs.testing.storage import StoreContract


class TestSqlStore(StoreContract):
    def make(self, folder: Path) -> Store:
        return open_store(f"sqlite:///{folder}/a.db")


class TestMemoryStore(StoreContract):
    def make(self, folder: Path) -> Store:
        return MemoryStore()


class FolderStore(Store):
    """A toy: a folder a run, a file of JSON lines a kind of row."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.shown = folder, str(folder)

    def create_run(self, name: str, recipe: Mapping[str, object], fingerprint: str, secret: str) -> FolderRun:
        check_name(name)
        names = [run.name for run in self.runs()]
        if name in names:
            raise taken(self.shown, name)
        given = name or free_name(str(recipe.get("task", "run")), names)
        record = RunRecord(given, time.time(), "", fingerprint, secret, {}, dict(recipe))
        place = self.folder / f"{len(names):04}"
        place.mkdir()
        (place / "run.json").write_text(json.dumps(vars(record)))
        return FolderRun(record, place)

    def runs(self) -> list[FolderRun]:
        places = sorted(path.parent for path in self.folder.glob("*/run.json"))
        return [FolderRun(RunRecord(**json.loads((place / "run.json").read_text())), place) for place in places]

    def check_writable(self) -> None:
        (self.folder / "probe").touch()


class FolderRun(StoredRun):
    def __init__(self, record: RunRecord, place: Path) -> None:
        super().__init__(record, str(place))
        self.place = place

    def check_writable(self) -> None:
        (self.place / "probe").touch()

    def _add(self, kind: str, row: Mapping[str, Any]) -> int:
        number = len(self._rows(kind))
        with (self.place / f"{kind}.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps({"number": number, "at": time.time(), **row}) + "\n")
        return number

    def _rows(self, kind: str) -> list[dict[str, Any]]:
        path = self.place / f"{kind}.jsonl"
        return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line] if path.exists() else []

    def append(self, candidate: Candidate, evaluation: Evaluation, question: int, seen: int) -> Trial:
        row = {**encoding.trial_to_row(candidate, evaluation), "question": question, "seen": seen}
        number = self._add("trials", row)
        for call in candidate.calls:
            self._add("calls", {"trial": number, **encoding.call_to_row(call)})
        return encoding.trial_from_row({**row, "number": number})

    def trials(self, start: int = 0) -> Iterator[Trial]:
        yield from (encoding.trial_from_row(row) for row in self._rows("trials")[start:])

    def last_append(self, began: float, ended: float | None = None) -> float | None:
        times = [row["at"] for row in self._rows("trials")]
        return max((at for at in times if at >= began and (ended is None or at <= ended)), default=None)

    def add_event(self, kind: EventKind, text: str = "", seconds: float = 0.0) -> None:
        self._add("events", {"kind": kind, "text": text, "seconds": seconds, "process": vars(this_process())})

    def events(self) -> list[Event]:
        return [Event(**{**row, "process": Process(**row["process"])}) for row in self._rows("events")]

    def add_measurement(self, measurement: Measurement) -> None:
        self._add("measurements", encoding.measurement_to_row(measurement))

    def measurements(self) -> list[Measurement]:
        return [encoding.measurement_from_row(row) for row in self._rows("measurements")]

    def add_calls(self, calls: Iterable[Call]) -> None:
        for call in calls:
            self._add("calls", {"trial": None, **encoding.call_to_row(call)})

    def calls(self, trial: int | None = None) -> list[Call]:
        rows = self._rows("calls")
        return [encoding.call_from_row(row) for row in rows if trial is None or row["trial"] == trial]

    def calls_by_trial(self) -> dict[int, list[Call]]:
        numbers = {row["trial"] for row in self._rows("calls")} - {None}
        return {number: self.calls(number) for number in numbers}

    def add_entry(self, kind: EntryKind, reservation: int, amount: Sum) -> None:
        self._add("ledger", {"kind": kind, "of": reservation, "dollars": str(amount.dollars), "tokens": amount.tokens})

    def entries(self) -> list[Entry]:
        rows = self._rows("ledger")
        return [Entry(row["kind"], row["of"], parse_amount(row["dollars"], row["tokens"])) for row in rows]

    def add_message(self, message: Message) -> int:
        return self._add("messages", encoding.message_to_row(message))

    def messages(self) -> list[Message]:
        return [encoding.message_from_row(row) for row in self._rows("messages")]


class TestToyStore(StoreContract):
    def make(self, folder: Path) -> Store:
        return FolderStore(folder)


def test_every_store_is_tested_here() -> None:
    modules = [importlib.import_module(f"adrs.stores.{found.name}") for found in pkgutil.iter_modules(adrs.stores.__path__)]
    classes = {value for module in modules for value in vars(module).values() if inspect.isclass(value)}
    assert {cls.__name__ for cls in classes if issubclass(cls, Store) and cls is not Store} == {"SqlStore", "MemoryStore"}
