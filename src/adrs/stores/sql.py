"""sql: runs and their trials in a database: SQLite by default, PostgreSQL by URL. It computes nothing but what rows say.

One `Database` may be read by many processes while one process appends to a run.
"""

from __future__ import annotations

import difflib
import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, Literal

from sqlalchemy import Connection, Engine, Table, false, func, insert, inspect, select, update
from sqlalchemy.exc import IntegrityError

from adrs import __version__
from adrs.core.failure import Fault, Refusal
from adrs.core.ledger import Sum
from adrs.core.messages import Message
from adrs.core.parts import Storage
from adrs.core.storage import Event, EventKind, Process, RunRow, State, check_name, taken
from adrs.core.trial import Call, Candidate, Evaluation, Measurement, Trial
from adrs.stores import encoding, schema
from adrs.stores.connection import connect, database_url, sentences
from adrs.stores.ledger import StoredLedger
from adrs.stores.process import alive, this_machine, this_process

_CHUNK = 500
"""Trials that are read at once."""


def open_store(url: str, create: bool = True) -> Database:
    """The store at a URL such as sqlite:///adrs.db; made if it does not exist, migrated if it is older.

    Args:
        create: False for commands that only read: a missing SQLite file is then an error, not an empty store.

    Raises:
        Refusal: it cannot be opened, is damaged, is no store, or was written by a newer adrs.
    """
    parsed = database_url(url)
    shown = parsed.render_as_string(hide_password=True)
    engine = connect(parsed, create)
    try:
        with sentences(shown):
            _make_current(engine, shown)
    except Refusal:
        engine.dispose()
        raise
    return Database(engine, shown)


def _make_current(engine: Engine, shown: str) -> None:
    """Create or migrate the tables; the lock is taken only where there is something to write."""
    with engine.begin() as connection:
        if _version(connection, shown) == schema.VERSION:
            return
    with engine.execution_options(writes=True).begin() as connection:
        version = _version(connection, shown)  # another process may have been faster
        if version == 0:
            schema.create(connection)
        elif version < schema.VERSION:
            schema.migrate(connection, version)


def _version(connection: Connection, shown: str) -> int:
    """The version of the store, 0 for an empty database."""
    tables = inspect(connection).get_table_names()
    if not tables:
        return 0
    if not {"schema", "runs", "trials"} <= set(tables):
        raise Refusal(f"store {shown} is a database of another program: name another one with --store")
    version = schema.version_of(connection)
    if version > schema.VERSION:
        raise Refusal(
            f"store {shown} has schema {version}, written by a newer adrs; this one ({__version__}) reads up to "
            f"{schema.VERSION}: upgrade adrs, or name another store with --store"
        )
    return version


class Database:
    """A store: its runs, and for each of them a storage for trials, events and measurements. Use it from any thread."""

    def __init__(self, engine: Engine, shown: str) -> None:
        self._engine = engine
        self._writing = engine.execution_options(writes=True)
        self.shown = shown

    def check_writable(self) -> None:
        """Say now, before anything is played for it, that nothing can be stored.

        Raises:
            Refusal: the store is read-only, or locked.
        """
        with sentences(self.shown), self._writing.begin() as connection:
            connection.execute(update(schema.schema).where(false()).values(version=schema.VERSION))

    def close(self) -> None:
        """Give back the connections; what was appended is stored already."""
        self._engine.dispose()

    # runs

    def create_run(self, name: str, recipe: Mapping[str, object], fingerprint: str, secret: str) -> RunRow:
        """Store a new run.

        Args:
            name: "" for a readable one made of the recipe's "task", "spot-single-region-3".
            recipe: as given, plain values.
            fingerprint: of the task's source and data.
            secret: hex digits, for the referee's canary.

        Raises:
            Refusal: the name exists or is none.
        """
        check_name(name)
        row: dict[str, Any] = {
            "created": time.time(),
            "version": __version__,
            "fingerprint": encoding.text(fingerprint),
            "secret": secret,
            "platform": this_machine(),
            "recipe": encoding.plain(recipe),
        }
        try:
            with sentences(self.shown), self._writing.begin() as connection:
                row["name"] = name or self._free_name(connection, str(recipe.get("task", "run")))
                key = connection.execute(insert(schema.runs).values(row)).inserted_primary_key
        except IntegrityError as error:
            raise taken(self.shown, name) from error
        return RunRow(id=key[0] if key else 0, **row)

    def run(self, name: str = "last") -> RunRow:
        """The run of that name, or the one started last.

        Raises:
            Refusal: there is none; it lists the nearest names.
        """
        runs = schema.runs
        query = select(runs).order_by(runs.c.id.desc()).limit(1)
        if name != "last":
            query = query.where(runs.c.name == encoding.text(name))
        with sentences(self.shown), self._engine.begin() as connection:
            row = connection.execute(query).mappings().first()
            if row is not None:
                return RunRow(**row)
            names = list(connection.execute(select(runs.c.name).order_by(runs.c.id.desc())).scalars())
        if not names:
            raise Refusal(f"store {self.shown} holds no run yet: `adrs run TASK` starts one")
        near = difflib.get_close_matches(name, names, n=3, cutoff=0.4) or names[:3]
        raise Refusal(f"store {self.shown} has no run {name!r}: there is {', '.join(near)} (`adrs runs` lists them all)")

    def runs(self) -> list[RunRow]:
        """All runs, the oldest first; no trial is read."""
        with sentences(self.shown), self._engine.begin() as connection:
            rows = connection.execute(select(schema.runs).order_by(schema.runs.c.id)).mappings()
            return [RunRow(**row) for row in rows]

    def storage(self, run: RunRow) -> SqlStorage:
        """Where the trials of this run are appended and read."""
        return SqlStorage(self, run)

    def trial(self, run: RunRow, number: int) -> Trial:
        """One trial of a run.

        Raises:
            Refusal: there is none of that number; it says which there are.
        """
        count = self.count(run)
        if not 0 <= number < count:
            there_are = f"its trials are 0 to {count - 1}" if count else "none is stored yet"
            raise Refusal(f"run {run.name} has no trial {number}: {there_are}")
        return next(self.storage(run).trials(number))

    def count(self, run: RunRow) -> int:
        """How many trials are stored; numbers have no gap."""
        return self._next(schema.trials, run)

    def attempts(self, run: RunRow) -> int:
        """How many of them are attempts, not seeds, without reading a trial."""
        trials = schema.trials
        query = select(func.count()).select_from(trials).where(trials.c.run == run.id, trials.c.phase != "seed")
        with sentences(self.shown), self._engine.begin() as connection:
            return int(connection.execute(query).scalar_one())

    def best_score(self, run: RunRow) -> float | None:
        """The highest score on train, without reading a trial."""
        trials = schema.trials
        with sentences(self.shown), self._engine.begin() as connection:
            best: float | None = connection.execute(select(func.max(trials.c.score)).where(trials.c.run == run.id)).scalar()
            return best

    # events

    def add_event(self, run: RunRow, kind: EventKind, text: str = "", seconds: float = 0.0) -> None:
        """Say that this process started, resumed, stopped or finished the run, or met a fault."""
        me = this_process()
        row = {"at": time.time(), "kind": kind, "host": me.host, "pid": me.pid, "process": me.started}
        self._append(schema.events, run, {**row, "seconds": encoding.number(seconds), "text": encoding.text(text)})

    def events(self, run: RunRow) -> list[Event]:
        """What happened to the run, in order."""
        return [
            Event(
                number=row["number"],
                at=row["at"],
                kind=row["kind"],
                process=Process(row["host"], row["pid"], row["process"]),
                seconds=row["seconds"] or 0.0,
                text=row["text"],
            )
            for row in self._rows(schema.events, run)
        ]

    def state(self, run: RunRow) -> State:
        """Derived from the last event: running only while the process that said so is alive on this machine."""
        events = self.events(run)
        if not events:
            return "stopped"
        last = events[-1]
        if last.kind == "finished":
            return "finished"
        return "running" if last.kind in {"started", "resumed"} and alive(last.process) else "stopped"

    def seconds(self, run: RunRow) -> float:
        """Wall seconds of all sittings; of one that was killed, up to its last trial, of one that runs, until now."""
        total, began = 0.0, None
        for event in self.events(run):
            if began is not None:
                total += (
                    event.at if event.kind not in {"started", "resumed"} else self._last_sign(run, began, event.at)
                ) - began
            began = event.at if event.kind in {"started", "resumed"} else None
        if began is not None:
            total += (time.time() if self.state(run) == "running" else self._last_sign(run, began, float("inf"))) - began
        return max(0.0, total)

    def _last_sign(self, run: RunRow, began: float, ended: float) -> float:
        """The moment of the last trial between two moments, `began` if there is none."""
        trials = schema.trials
        query = select(func.max(trials.c.at)).where(trials.c.run == run.id, trials.c.at >= began)
        if ended != float("inf"):
            query = query.where(trials.c.at <= ended)
        with sentences(self.shown), self._engine.begin() as connection:
            return connection.execute(query).scalar() or began

    # measurements

    def add_measurement(self, run: RunRow, measurement: Measurement) -> None:
        """Store how a program did that is no trial of the search."""
        self._append(schema.measurements, run, {"at": time.time(), **encoding.measurement_to_row(measurement)})

    def measurements(self, run: RunRow) -> list[Measurement]:
        """All measurements, in the order in which they were made; of a repeated one the last counts."""
        return [encoding.measurement_from_row(row) for row in self._rows(schema.measurements, run)]

    # model calls and money

    def calls(self, run: RunRow, trial: int | None = None) -> list[Call]:
        """The model calls behind one trial, or behind all, in the order in which they were stored."""
        rows = self._rows(schema.calls, run)
        return [encoding.call_from_row(row) for row in rows if trial is None or row["trial"] == trial]

    def book(self, run: RunRow, kind: Literal["reserved", "settled"], reservation: int, amount: Sum) -> None:
        """Write down that a call is about to be made that may cost so much, or what it was billed."""
        row = {"at": time.time(), "kind": kind, "reservation": reservation}
        self._append(schema.ledger, run, {**row, "dollars": str(amount.dollars), "tokens": amount.tokens})

    def ledger(self, run: RunRow, dollars: Decimal | None, tokens: int | None, halt: threading.Event) -> StoredLedger:
        """The run's money under its caps, with what earlier sittings spent."""
        return StoredLedger(partial(self.book, run), self.reservations(run), self.spent(run), (dollars, tokens), halt)

    def calls_by_trial(self, run: RunRow) -> dict[int, list[Call]]:
        """Trial -> the model calls behind it, in their order."""
        found: dict[int, list[Call]] = {}
        for row in self._rows(schema.calls, run):
            if row["trial"] is not None:
                found.setdefault(row["trial"], []).append(encoding.call_from_row(row))
        return found

    def add_calls(self, run: RunRow, calls: Sequence[Call]) -> None:
        """Store calls that no trial carries: what was billed when a run ended in the middle."""
        for call in calls:
            self._append(schema.calls, run, {"at": time.time(), **encoding.call_to_row(call)})

    def trials_asked(self, run: RunRow, line: str) -> list[int]:
        """Numbers of the trials whose question held a line, ascending."""
        found = [row["trial"] for row in self._rows(schema.calls, run) if line in row["request"]["text"].splitlines()]
        return sorted({number for number in found if number is not None})

    def say(self, run: RunRow, message: Message) -> int:
        """Store what somebody says to a run; the number of the message."""
        row = {"at": time.time(), **encoding.message_to_row(message)}
        return self._append(schema.messages, run, row)

    def messages(self, run: RunRow) -> list[Message]:
        """All that was said, in order; a message's number is its place."""
        return [encoding.message_from_row(row) for row in self._rows(schema.messages, run)]

    def spent(self, run: RunRow) -> Sum:
        """What the run's calls were billed; those whose bill is not known (the run was killed) count at their worst case."""
        open_, total = dict[int, Sum](), Sum()
        for row in self._rows(schema.ledger, run):
            amount = Sum(Decimal(row["dollars"]), row["tokens"])
            if row["kind"] == "reserved":
                open_[row["reservation"]] = amount
            else:
                open_.pop(row["reservation"], None)
                total += amount
        return sum(open_.values(), total)

    def reservations(self, run: RunRow) -> int:
        """The first reservation number that was not used yet."""
        return 1 + max((row["reservation"] for row in self._rows(schema.ledger, run)), default=-1)

    # rows

    def _append(self, table: Table, run: RunRow, row: Mapping[str, Any]) -> int:
        """Add a row under the next number of the run, which is returned."""
        last = select(func.max(table.c.number)).where(table.c.run == run.id)
        with sentences(self.shown), self._writing.begin() as connection:
            number = connection.execute(last).scalar()
            values = {"run": run.id, "number": 0 if number is None else number + 1, **row}
            connection.execute(insert(table).values(values))
        return int(values["number"])

    def _rows(self, table: Table, run: RunRow) -> list[Mapping[str, Any]]:
        query = select(table).where(table.c.run == run.id).order_by(table.c.number)
        with sentences(self.shown), self._engine.begin() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def _next(self, table: Table, run: RunRow) -> int:
        with sentences(self.shown), self._engine.begin() as connection:
            last = connection.execute(select(func.max(table.c.number)).where(table.c.run == run.id)).scalar()
        return 0 if last is None else int(last) + 1

    @staticmethod
    def _free_name(connection: Connection, task: str) -> str:
        """ "spot-single-region-3": the task's name and the first number that no run had."""
        stem = task.rstrip("/").removesuffix("/task.py").rsplit("/", 1)[-1].removesuffix(".py")
        slug = re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-")[:60] or "run"
        pattern = re.compile(re.escape(slug) + r"-(\d+)")
        names = connection.execute(select(schema.runs.c.name).where(schema.runs.c.name.like(f"{slug}-%"))).scalars()
        return f"{slug}-{1 + max((int(match[1]) for name in names if (match := pattern.fullmatch(name))), default=0)}"


class SqlStorage(Storage):
    """The trials of one run.

    Args:
        database: the store.
        run: whose trials.
    """

    def __init__(self, database: Database, run: RunRow) -> None:
        self._database = database
        self._run = run
        self._next: int | None = None

    def append(self, candidate: Candidate, evaluation: Evaluation, question: int, seen: int) -> Trial:
        """Store one attempt; what is returned equals what `trials` will yield.

        Raises:
            Fault: it could not be written; nothing was stored.
            Refusal: another process appends to the same run.
        """
        database = self._database
        if self._next is None:
            self._next = database.count(self._run)
        numbers = {"number": self._next, "question": question, "seen": seen}
        row = {"run": self._run.id, **numbers, "at": time.time(), **encoding.trial_to_row(candidate, evaluation)}
        try:
            with sentences(database.shown, Fault), database._writing.begin() as connection:
                connection.execute(insert(schema.trials), row)
                if candidate.calls:
                    connection.execute(insert(schema.calls), self._calls(connection, candidate.calls, numbers))
        except IntegrityError as error:
            raise Refusal(
                f"run {self._run.name} in store {database.shown} is being continued by another process: "
                f"let one of the two finish, then resume"
            ) from error
        self._next += 1
        return encoding.trial_from_row(row)

    def _calls(self, connection: Connection, made: Sequence[Call], trial: Mapping[str, int]) -> list[dict[str, Any]]:
        """The rows of the calls behind a trial, numbered on."""
        column = schema.calls.c
        last = connection.execute(select(func.max(column.number)).where(column.run == self._run.id)).scalar()
        first = 0 if last is None else last + 1
        known = {"run": self._run.id, "question": trial["question"], "trial": trial["number"], "at": time.time()}
        return [{**known, "number": first + place, **encoding.call_to_row(call)} for place, call in enumerate(made)]

    def trials(self, start: int = 0) -> Iterator[Trial]:
        """The trials with number >= `start`, read in chunks; no lock or snapshot is held between two chunks."""
        table = schema.trials
        while True:
            query = select(table).where(table.c.run == self._run.id, table.c.number >= start).order_by(table.c.number)
            with sentences(self._database.shown), self._database._engine.begin() as connection:
                rows = connection.execute(query.limit(_CHUNK)).mappings().all()
            for row in rows:
                yield encoding.trial_from_row(dict(row))
            if len(rows) < _CHUNK:
                return
            start = rows[-1]["number"] + 1
