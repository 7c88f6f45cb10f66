"""sql: stores runs in a database: SQLite by default, PostgreSQL by URL. Derived values are computed in `core.storage`.

Many processes may read a store while one process appends to a run.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Select, Table, false, func, insert, inspect, select, update
from sqlalchemy.exc import IntegrityError

from adrs.core.failure import Fault, Refusal
from adrs.core.ledger import Entry, EntryKind, Sum
from adrs.core.messages import Message
from adrs.core.process import Process, this_machine, this_process
from adrs.core.storage import (
    Event,
    EventKind,
    RunRecord,
    Store,
    StoredRun,
    check_name,
    free_name,
    no_such_run,
    parse_amount,
    taken,
)
from adrs.core.trial import Call, Candidate, Evaluation, Measurement, Trial
from adrs.core.version import __version__
from adrs.stores import encoding, schema
from adrs.stores.connection import connect, database_url, sentences

_CHUNK = 500
"""Trials read per query."""


def open_store(url: str, create: bool = True) -> SqlStore:
    """Open the store at a URL such as sqlite:///adrs.db; create it if it does not exist, migrate it if it is older.

    Args:
        create: False for commands that only read: a missing SQLite file is then a refusal, not a new store.

    Raises:
        Refusal: the store cannot be opened, is damaged, is not an adrs store, or was written by a newer adrs.
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
    return SqlStore(engine, shown)


def _make_current(engine: Engine, shown: str) -> None:
    """Create or migrate the tables; take the lock only if something must be written."""
    with engine.begin() as connection:
        if _version(connection, shown) == schema.VERSION:
            return
    with engine.execution_options(writes=True).begin() as connection:
        version = _version(connection, shown)  # another process may have done it meanwhile
        if version == 0:
            schema.create(connection)
        elif version < schema.VERSION:
            schema.migrate(connection, version)


def _version(connection: Connection, shown: str) -> int:
    """The version of the store; 0 for an empty database."""
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


class SqlStore(Store):
    """Runs in a database. Use it from any thread; other processes may read while one appends to a run."""

    def __init__(self, engine: Engine, shown: str) -> None:
        self._engine = engine
        self._writing = engine.execution_options(writes=True)
        self.shown = shown

    def check_writable(self) -> None:
        with sentences(self.shown), self._writing.begin() as connection:
            connection.execute(update(schema.schema).where(false()).values(version=schema.VERSION))

    def close(self) -> None:
        self._engine.dispose()

    def create_run(self, name: str, recipe: Mapping[str, object], fingerprint: str, secret: str) -> SqlRun:
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
                names = connection.execute(select(schema.runs.c.name)).scalars()
                row["name"] = name or free_name(str(recipe.get("task", "run")), names)
                key = connection.execute(insert(schema.runs).values(row)).inserted_primary_key
        except IntegrityError as error:
            raise taken(self.shown, name) from error
        return SqlRun(self, key[0] if key else 0, RunRecord(**row))

    def run(self, name: str = "last") -> SqlRun:
        runs = schema.runs
        query = select(runs).order_by(runs.c.id.desc()).limit(1)
        if name != "last":
            query = query.where(runs.c.name == encoding.text(name))
        with sentences(self.shown), self._engine.begin() as connection:
            row = connection.execute(query).mappings().first()
            if row is not None:
                return self._run(row)
            names = list(connection.execute(select(runs.c.name).order_by(runs.c.id.desc())).scalars())
        raise no_such_run(self.shown, name, names)

    def runs(self) -> list[SqlRun]:
        with sentences(self.shown), self._engine.begin() as connection:
            rows = connection.execute(select(schema.runs).order_by(schema.runs.c.id)).mappings()
            return [self._run(row) for row in rows]

    def _run(self, row: Mapping[Any, Any]) -> SqlRun:
        fields = dict(row)
        return SqlRun(self, fields.pop("id"), RunRecord(**fields))


class SqlRun(StoredRun):
    """One run in a database.

    Args:
        store: the store that contains it.
        key: its id in the store.
        record: the run as it was started.
    """

    def __init__(self, store: SqlStore, key: int, record: RunRecord) -> None:
        super().__init__(record, store.shown)
        self._store, self._key = store, key
        self._next: int | None = None

    def check_writable(self) -> None:
        self._store.check_writable()

    # trials

    def append(self, candidate: Candidate, evaluation: Evaluation, question: int, seen: int) -> Trial:
        """Store one attempt; the returned trial equals the one that `trials` yields.

        Raises:
            Fault: it could not be written; nothing was stored.
            Refusal: another process appends to the same run.
        """
        if self._next is None:
            self._next = self.count()
        numbers = {"number": self._next, "question": question, "seen": seen}
        row = {"run": self._key, **numbers, "at": time.time(), **encoding.trial_to_row(candidate, evaluation)}
        try:
            with sentences(self.shown, Fault), self._store._writing.begin() as connection:
                connection.execute(insert(schema.trials), row)
                if candidate.calls:
                    connection.execute(insert(schema.calls), self._call_rows(connection, candidate.calls, numbers))
        except IntegrityError as error:
            raise Refusal(
                f"run {self.name} in store {self.shown} is being continued by another process: "
                f"let one of the two finish, then resume"
            ) from error
        self._next += 1
        return encoding.trial_from_row(row)

    def _call_rows(self, connection: Connection, made: Sequence[Call], trial: Mapping[str, int]) -> list[dict[str, Any]]:
        """The rows of the calls behind a trial, with the next numbers."""
        column = schema.calls.c
        last = connection.execute(select(func.max(column.number)).where(column.run == self._key)).scalar()
        first = 0 if last is None else last + 1
        known = {"run": self._key, "question": trial["question"], "trial": trial["number"], "at": time.time()}
        return [{**known, "number": first + place, **encoding.call_to_row(call)} for place, call in enumerate(made)]

    def trials(self, start: int = 0) -> Iterator[Trial]:
        """The trials with number >= `start`, read in chunks; no lock or snapshot is held between two chunks."""
        table = schema.trials
        while True:
            query = select(table).where(table.c.run == self._key, table.c.number >= start).order_by(table.c.number)
            with sentences(self.shown), self._store._engine.begin() as connection:
                rows = connection.execute(query.limit(_CHUNK)).mappings().all()
            for row in rows:
                yield encoding.trial_from_row(dict(row))
            if len(rows) < _CHUNK:
                return
            start = rows[-1]["number"] + 1

    def count(self) -> int:
        last = self._scalar(select(func.max(schema.trials.c.number)).where(schema.trials.c.run == self._key))
        return 0 if last is None else int(last) + 1

    def attempts(self) -> int:
        trials = schema.trials
        query = select(func.count()).select_from(trials).where(trials.c.run == self._key, trials.c.phase != "seed")
        return int(self._scalar(query))

    def best_score(self) -> float | None:
        best: float | None = self._scalar(select(func.max(schema.trials.c.score)).where(schema.trials.c.run == self._key))
        return best

    def last_append(self, began: float, ended: float | None = None) -> float | None:
        trials = schema.trials
        query = select(func.max(trials.c.at)).where(trials.c.run == self._key, trials.c.at >= began)
        last: float | None = self._scalar(query if ended is None else query.where(trials.c.at <= ended))
        return last

    # events, measurements, messages

    def add_event(self, kind: EventKind, text: str = "", seconds: float = 0.0) -> None:
        me = this_process()
        row = {"at": time.time(), "kind": kind, "host": me.host, "pid": me.pid, "process": me.started}
        self._add(schema.events, {**row, "seconds": encoding.number(seconds), "text": encoding.text(text)})

    def events(self) -> list[Event]:
        return [
            Event(
                number=row["number"],
                at=row["at"],
                kind=row["kind"],
                process=Process(row["host"], row["pid"], row["process"]),
                seconds=row["seconds"] or 0.0,
                text=row["text"],
            )
            for row in self._rows(schema.events)
        ]

    def add_measurement(self, measurement: Measurement) -> None:
        self._add(schema.measurements, {"at": time.time(), **encoding.measurement_to_row(measurement)})

    def measurements(self) -> list[Measurement]:
        return [encoding.measurement_from_row(row) for row in self._rows(schema.measurements)]

    def add_message(self, message: Message) -> int:
        return self._add(schema.messages, {"at": time.time(), **encoding.message_to_row(message)})

    def messages(self) -> list[Message]:
        return [encoding.message_from_row(row) for row in self._rows(schema.messages)]

    # model calls and money

    def add_calls(self, calls: Iterable[Call]) -> None:
        for call in calls:
            self._add(schema.calls, {"at": time.time(), **encoding.call_to_row(call)})

    def calls(self, trial: int | None = None) -> list[Call]:
        rows = self._rows(schema.calls)
        return [encoding.call_from_row(row) for row in rows if trial is None or row["trial"] == trial]

    def calls_by_trial(self) -> dict[int, list[Call]]:
        found: dict[int, list[Call]] = {}
        for row in self._rows(schema.calls):
            if row["trial"] is not None:
                found.setdefault(row["trial"], []).append(encoding.call_from_row(row))
        return found

    def add_entry(self, kind: EntryKind, reservation: int, amount: Sum) -> None:
        row = {"at": time.time(), "kind": kind, "reservation": reservation}
        self._add(schema.ledger, {**row, "dollars": str(amount.dollars), "tokens": amount.tokens})

    def entries(self) -> list[Entry]:
        rows = self._rows(schema.ledger)
        return [Entry(row["kind"], row["reservation"], parse_amount(row["dollars"], row["tokens"])) for row in rows]

    # rows

    def _add(self, table: Table, row: Mapping[str, Any]) -> int:
        """Add a row with the run's next number, and return the number."""
        last = select(func.max(table.c.number)).where(table.c.run == self._key)
        with sentences(self.shown), self._store._writing.begin() as connection:
            number = connection.execute(last).scalar()
            values = {"run": self._key, "number": 0 if number is None else number + 1, **row}
            connection.execute(insert(table).values(values))
        return int(values["number"])

    def _rows(self, table: Table) -> list[Mapping[str, Any]]:
        query = select(table).where(table.c.run == self._key).order_by(table.c.number)
        with sentences(self.shown), self._store._engine.begin() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def _scalar(self, query: Select[Any]) -> Any:
        with sentences(self.shown), self._store._engine.begin() as connection:
            return connection.execute(query).scalar()
