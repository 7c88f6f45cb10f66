"""schema: the tables, their version number, and migrations from older versions. Uses only types that every database has.

Append-only: rows are inserted and never changed. Large columns stand last, so that a scan over numbers does not read them.
Moments are seconds since 1970, UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    insert,
    select,
    update,
)

VERSION = 5

metadata = MetaData()


def _json(name: str) -> Column[Any]:
    return Column(name, JSON(none_as_null=True))


def _key() -> tuple[Column[Any], Column[Any]]:
    """The key of a row: its run and its number within the run."""
    return (
        Column("run", Integer, ForeignKey("runs.id"), primary_key=True),
        Column("number", Integer, primary_key=True, autoincrement=False),
    )


def _evaluation() -> tuple[Column[Any], ...]:
    """The columns of an Evaluation; outcomes as `encode.outcomes_to_json` packs them."""
    return (
        Column("score", Double),
        Column("partial", Double),
        Column("validation", Double),
        Column("spread", Double),
        Column("stopped", String, nullable=False),
        Column("seconds", Double),
        Column("referee_seconds", Double),
        Column("player_seconds", Double),
        _json("foul"),
        _json("metrics"),
        _json("isolation"),
        _json("outcomes"),
    )


schema = Table("schema", metadata, Column("version", Integer, nullable=False))

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False, unique=True),
    Column("created", Double, nullable=False),
    Column("version", String, nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("secret", String, nullable=False),
    _json("platform"),
    _json("recipe"),
)

trials = Table(
    "trials",
    metadata,
    *_key(),
    Column("question", Integer, nullable=False),
    Column("seen", Integer, nullable=False),
    Column("at", Double, nullable=False),
    Column("phase", String, nullable=False),
    Column("author", String, nullable=False),
    Column("niche", String, nullable=False),
    Column("note", Text, nullable=False),
    Column("dollars", Double),
    Column("input_tokens", Integer, nullable=False),
    Column("output_tokens", Integer, nullable=False),
    Column("calls", Integer, nullable=False),
    Column("writing_seconds", Double),
    Column("tries", Integer),
    _json("operators"),
    _json("parents"),
    _json("unusable"),
    *_evaluation(),
    Column("source", Text, nullable=False),
    Index("trials_by_score", "run", "score"),
)

calls = Table(
    "calls",
    metadata,
    *_key(),
    Column("question", Integer),
    Column("trial", Integer),
    Column("at", Double, nullable=False),
    Column("model", String, nullable=False),
    Column("purpose", String, nullable=False),
    Column("dollars", Double),
    Column("finish_reason", String),
    Column("error", Text),
    Column("seconds", Double),
    _json("usage"),
    _json("request"),
    Column("reply", Text),
)

events = Table(
    "events",
    metadata,
    *_key(),
    Column("at", Double, nullable=False),
    Column("kind", String, nullable=False),
    Column("host", String, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("process", String, nullable=False),
    Column("seconds", Double),
    Column("text", Text, nullable=False),
)

measurements = Table(
    "measurements",
    metadata,
    *_key(),
    Column("at", Double, nullable=False),
    Column("purpose", String, nullable=False),
    Column("program", String, nullable=False),
    *_evaluation(),
    Column("source", Text, nullable=False),
)


ledger = Table(
    "ledger",
    metadata,
    *_key(),
    Column("at", Double, nullable=False),
    Column("kind", String, nullable=False),
    Column("reservation", Integer, nullable=False),
    Column("dollars", String, nullable=False),
    Column("tokens", Integer, nullable=False),
)
"""Money and tokens reserved before a call ("reserved") and billed after it ("settled"); dollars are exact decimal texts."""


messages = Table(
    "messages",
    metadata,
    *_key(),
    Column("at", Double, nullable=False),
    Column("kind", String, nullable=False),
    Column("author", String, nullable=False),
    Column("about", Integer),
    Column("note", Text, nullable=False),
    Column("text", Text, nullable=False),
)
"""Messages of users to a run, and what became of them; see `core.messages.Message`."""


def _to_5(connection: Connection) -> None:
    """Add the operators of a candidate."""
    connection.exec_driver_sql("alter table trials add column operators json")


def _to_4(connection: Connection) -> None:
    """Add the number of tries of a candidate."""
    connection.exec_driver_sql("alter table trials add column tries integer")


def _to_3(connection: Connection) -> None:
    """Add messages."""
    messages.create(connection)


def _to_2(connection: Connection) -> None:
    """Add the trial of a call, and the ledger."""
    connection.exec_driver_sql("alter table calls add column trial integer")
    ledger.create(connection)


Migration = Callable[[Connection], None]
MIGRATIONS: Mapping[int, Migration] = {1: _to_2, 2: _to_3, 3: _to_4, 4: _to_5}
"""Version n -> its migration to n + 1. Migrations only add columns and tables."""


def create(connection: Connection) -> None:
    """Create all tables of the newest version in an empty database."""
    metadata.create_all(connection)
    connection.execute(insert(schema).values(version=VERSION))


def version_of(connection: Connection) -> int:
    """The version of the store's tables."""
    return int(connection.execute(select(schema.c.version)).scalar_one())


def migrate(connection: Connection, version: int) -> None:
    """Migrate an older store to the newest version, step by step, within the caller's transaction."""
    for older in range(version, VERSION):
        MIGRATIONS[older](connection)
    connection.execute(update(schema).values(version=VERSION))
