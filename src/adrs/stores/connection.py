"""connection: opens a database by URL and turns its errors into one sentence. Knows no tables.

SQLite: WAL, so that others can read while a run writes; writing transactions take the lock when they begin (deferred ones
fail between processes: "database is locked", "UNIQUE constraint failed"). Files that cannot be written are opened read-only.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError

from adrs.core.failure import Fault, Refusal

LOCK_SECONDS = 10.0
"""Seconds to wait for a locked database."""

_DAMAGED = "is damaged: restore a copy, or name another one with --store"
_READ_ONLY = "cannot be written because it or its folder is read-only: copy it, allow writing, or name another one with --store"

_CAUSES = (
    ("locked", "is locked by another program: wait until that has finished, or close it"),
    ("not a database", "is not an adrs store, or it is damaged: restore a copy, or name another one with --store"),
    ("malformed", _DAMAGED),
    ("could not decode", _DAMAGED),
    ("disk is full", "cannot grow because the disk is full: free some space, then resume"),
    ("readonly", _READ_ONLY),
    ("read-only", _READ_ONLY),
    ("unable to open", "cannot be opened: check that its folder is writable, or copy it elsewhere together with its -wal file"),
    ("disk i/o error", "cannot be read or written because of a disk error: check the disk, then resume"),
)

_ONE_CONNECTION: dict[str, Any] = {"poolclass": QueuePool, "pool_size": 1, "max_overflow": 0}
"""A database in memory exists only in its connection, so threads share one connection."""


def database_url(url: str) -> URL:
    """Parse a database URL for SQLAlchemy; plain postgresql:// means psycopg 3.

    Raises:
        Refusal: it is not a database URL.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise Refusal(f"store {url!r} is not a database URL: write sqlite:///FILE.db or postgresql://USER@HOST/NAME") from error
    if parsed.drivername in {"postgresql", "postgres"}:
        return parsed.set(drivername="postgresql+psycopg")
    return parsed


def connect(url: URL, create: bool) -> Engine:
    """Create an engine without reading or writing anything.

    Args:
        create: whether a missing SQLite file may be created.

    Raises:
        Refusal: the file or folder is missing, or the driver is not installed.
    """
    shown = url.render_as_string(hide_password=True)
    sqlite = url.get_backend_name() == "sqlite"
    memory = sqlite and url.database in (None, "", ":memory:")
    arguments: dict[str, Any] = {"connect_args": {"timeout": LOCK_SECONDS, "check_same_thread": False}} if sqlite else {}
    sealed = False
    if sqlite and not memory:
        file = Path(str(url.database))
        _check_file(file, shown, create)
        sealed = file.exists() and not (_writable(file) and _writable(file.absolute().parent))
        if sealed:
            arguments = {"creator": partial(_read_only, file)}
    try:
        engine = create_engine(
            url,
            json_serializer=lambda value: msgspec.json.encode(value).decode(),
            json_deserializer=msgspec.json.decode,
            **arguments,
            **(_ONE_CONNECTION if memory else {}),
        )
    except (NoSuchModuleError, ImportError) as error:
        remedy = (
            "pip install 'psycopg[binary]'"
            if url.get_backend_name() == "postgresql"
            else "use sqlite:///NAME.db or postgresql://…"
        )
        raise Refusal(f"store {shown} cannot be reached ({error}): {remedy}") from error
    if sqlite:
        event.listen(engine, "connect", _prepare_read_only if sealed else _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _check_file(file: Path, shown: str, create: bool) -> None:
    folder = file.absolute().parent
    if not folder.is_dir():
        raise Refusal(f"the folder of store {shown} does not exist: create {folder}, or name another store with --store")
    if file.is_dir():
        raise Refusal(f"store {shown} is a folder: name a file in it")
    if not create and not file.exists():
        raise Refusal(f"there is no store {shown}: `adrs run TASK` starts one, or name another with --store")
    if not file.exists() and not _writable(folder):
        raise Refusal(f"store {shown} cannot be created, {folder} is read-only: allow writing, or name another with --store")


def _writable(path: Path) -> bool:
    return os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids)


def _read_only(file: Path) -> sqlite3.Connection:
    """A connection that creates no files. Without a -wal file there is no writer, so no lock is needed."""
    log, shared = (file.with_name(f"{file.name}-{suffix}") for suffix in ("wal", "shm"))
    pending = log.exists() and (shared.exists() or log.stat().st_size > 0)
    query = "mode=ro" if pending else "mode=ro&immutable=1"
    return sqlite3.connect(f"file:{quote(str(file.absolute()))}?{query}", LOCK_SECONDS, uri=True, check_same_thread=False)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """Turn off automatic transactions; WAL with one sync per checkpoint loses nothing when a process dies."""
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _prepare_read_only(connection: Any, _record: object) -> None:
    """Turn off automatic transactions."""
    connection.isolation_level = None


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def sentences(shown: str, failure: type[Refusal] | type[Fault] = Refusal) -> Iterator[None]:
    """Turn a database error into one sentence that names the store.

    Args:
        failure: Refusal in a command, Fault while a run appends.

    Raises:
        IntegrityError: unchanged; the caller explains it.
    """
    try:
        yield
    except IntegrityError:
        raise
    except (msgspec.DecodeError, UnicodeDecodeError) as error:  # a damaged JSON cell
        raise failure(f"store {shown} {_DAMAGED}") from error
    except DBAPIError as error:
        said = str(error.orig).strip().split("\n")[0]
        known = next((sentence for cause, sentence in _CAUSES if cause in said.lower()), f"does not answer: {said}")
        raise failure(f"store {shown} {known}") from error
