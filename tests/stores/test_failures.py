"""What a bad store gets: one sentence that names it and the remedy; nothing is lost, nothing half written."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError

from adrs.core.failure import Fault, Refusal
from adrs.core.ledger import Sum
from adrs.core.trial import Call, Candidate, Evaluation, Usage
from adrs.stores import connection, schema
from adrs.stores.connection import database_url, sentences
from adrs.stores.sql import open_store


def refused(url: str, create: bool = True) -> str:
    with pytest.raises(Refusal) as refusal:
        open_store(url, create)
    assert "\n" not in str(refusal.value)
    return str(refusal.value)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    text = refused(f"sqlite:///{tmp_path}/no/a.db")
    assert f"{tmp_path}/no" in text
    assert "create" in text


def test_a_reader_never_makes_an_empty_store(tmp_path: Path) -> None:
    assert "adrs run" in refused(f"sqlite:///{tmp_path}/a.db", create=False)
    assert not (tmp_path / "a.db").exists()


def test_a_folder_is_no_store(tmp_path: Path) -> None:
    assert "is a folder" in refused(f"sqlite:///{tmp_path}")


@pytest.mark.parametrize("url", ["adrs.db", "nosuchdb://x/y", "sqlite//"])
def test_what_is_no_url_of_a_database_is_refused(url: str) -> None:
    assert url.split(":", maxsplit=1)[0] in refused(url)


def test_a_password_is_never_shown() -> None:
    assert "hunter2" not in refused("nosuchdb://me:hunter2@host/y")


def test_plain_postgresql_means_psycopg_3() -> None:
    assert database_url("postgresql://me@host/x").drivername == "postgresql+psycopg"
    assert database_url("postgresql+psycopg2://me@host/x").drivername == "postgresql+psycopg2"


@pytest.mark.parametrize("content", [b"this is no database, but it is long enough to be read as one" * 20, b"\0" * 5000])
def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.db").write_bytes(content)
    assert "a.db is not an adrs store, or it is damaged" in refused(f"sqlite:///{tmp_path}/a.db")
    assert (tmp_path / "a.db").read_bytes() == content


def test_a_store_that_was_cut_is_refused(tmp_path: Path) -> None:
    database = open_store(f"sqlite:///{tmp_path}/a.db")
    storage = database.create_run("r", {}, "", "")
    for number in range(50):
        storage.append(Candidate("x" * 4000), Evaluation(), number, number)
    database.close()
    whole = (tmp_path / "a.db").read_bytes()
    (tmp_path / "a.db").write_bytes(whole[: len(whole) // 2])

    def read() -> None:
        broken = open_store(f"sqlite:///{tmp_path}/a.db")
        list(broken.run("r").trials())

    with pytest.raises(Refusal, match="damaged"):
        read()


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "a.db") as other:
        other.execute("create table notes (text)")
    assert "another program" in refused(f"sqlite:///{tmp_path}/a.db")
    with sqlite3.connect(tmp_path / "a.db") as other:
        assert other.execute("select name from sqlite_master").fetchall() == [("notes",)]


def test_a_newer_store_is_refused_with_both_versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    monkeypatch.setattr(schema, "VERSION", 7)
    open_store(url).close()
    monkeypatch.setattr(schema, "VERSION", 3)
    text = refused(url)
    assert all(word in text for word in ("a.db", "schema 7", "up to 3", "upgrade adrs"))


def test_an_older_store_is_migrated_step_by_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    database = open_store(url)
    kept = database.create_run("old", {"task": "t"}, "f", "s").append(Candidate("x"), Evaluation(), 0, 0)
    database.close()

    def to_6(connection: Connection) -> None:
        connection.exec_driver_sql("alter table runs add column mood varchar")

    def to_7(connection: Connection) -> None:
        connection.exec_driver_sql("update runs set mood = 'calm'")

    monkeypatch.setattr(schema, "VERSION", 7)
    monkeypatch.setattr(schema, "MIGRATIONS", {5: to_6, 6: to_7})
    migrated = open_store(url)
    with migrated._engine.begin() as connection:
        assert schema.version_of(connection) == 7
        assert connection.exec_driver_sql("select name, mood from runs").fetchall() == [("old", "calm")]
    migrated.close()
    open_store(url).close()  # a second time there is nothing to do
    assert kept.number == 0


def test_a_store_without_a_ledger_gets_one(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    database = open_store(url)
    with database._writing.begin() as connection:
        connection.exec_driver_sql("alter table trials drop column operators")
        connection.exec_driver_sql("alter table trials drop column tries")
        connection.exec_driver_sql("drop table messages")
        connection.exec_driver_sql("drop table ledger")
        connection.exec_driver_sql("alter table calls drop column trial")
        connection.exec_driver_sql("update schema set version = 1")
    database.close()
    migrated = open_store(url)
    run = migrated.create_run("r", {}, "", "")
    call = Call("m", "propose", "", "", "reply", "stop", Usage(), 0.5)
    run.append(Candidate("x", calls=(call,)), Evaluation(), 0, 0)
    assert run.calls(0) == [call]
    assert run.spent() == Sum()


def test_a_migration_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    open_store(url).close()

    def broken(connection: Connection) -> None:
        connection.exec_driver_sql("alter table runs add column mood varchar")
        connection.exec_driver_sql("alter table nothing add column mood varchar")

    with monkeypatch.context() as patch:
        patch.setattr(schema, "VERSION", schema.VERSION + 1)
        patch.setattr(schema, "MIGRATIONS", {schema.VERSION - 1: broken})
        refused(url)
    database = open_store(url)
    assert [run.name for run in database.runs()] == []


def test_a_locked_store_is_a_fault_for_a_run_and_a_refusal_for_a_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "LOCK_SECONDS", 0.05)
    database = open_store(f"sqlite:///{tmp_path}/a.db")
    run = database.create_run("r", {}, "", "")
    storage = run
    storage.append(Candidate("a"), Evaluation(), 0, 0)
    other = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    other.execute("begin immediate")
    with pytest.raises(Fault, match=r"a\.db is locked"):
        storage.append(Candidate("b"), Evaluation(), 1, 1)
    with pytest.raises(Refusal, match=r"a\.db is locked"):
        database.create_run("s", {}, "", "")
    assert [trial.candidate.source for trial in storage.trials()] == ["a"], "readers wait for nobody"
    other.execute("rollback")
    assert storage.append(Candidate("b"), Evaluation(), 1, 1).number == 1


def test_a_full_disk_is_a_fault_and_what_was_stored_stays(tmp_path: Path) -> None:
    database = open_store(f"sqlite:///{tmp_path}/a.db")
    storage = database.create_run("r", {}, "", "")

    def small(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count = 60")

    event.listen(database._engine, "begin", small)

    def fill() -> None:
        for number in range(100):
            storage.append(Candidate("x" * 5000), Evaluation(), number, number)

    with pytest.raises(Fault, match=r"a\.db cannot grow because the disk is full"):
        fill()
    kept = [trial.number for trial in storage.trials()]
    assert kept == list(range(len(kept)))
    assert len(kept) > 5
    event.remove(database._engine, "begin", small)
    with database._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
    assert storage.append(Candidate("y"), Evaluation(), 0, 0).number == len(kept)


@contextmanager
def as_owner() -> Iterator[None]:
    """Who started the tests, for a moment."""
    user = os.geteuid()
    os.seteuid(os.getuid())
    yield
    os.seteuid(user)


def test_a_store_in_a_read_only_folder_is_read_and_not_written(sealed_folder: Path) -> None:
    text = refused(f"sqlite:///{sealed_folder}/new.db")
    assert f"new.db cannot be created, {sealed_folder} is read-only" in text
    database = open_store(f"sqlite:///{sealed_folder}/a.db")
    row = database.run("kept")
    assert [trial.candidate.source for trial in row.trials()] == ["x = 1\n"]
    remedy = r"a\.db cannot be written because it or its folder is read-only: copy it"
    with pytest.raises(Refusal, match=remedy):
        database.check_writable()
    with pytest.raises(Refusal, match=remedy):
        database.create_run("new", {}, "", "")
    with pytest.raises(Fault, match=remedy):
        row.append(Candidate("y"), Evaluation(), 1, 1)
    database.close()
    assert [path.name for path in sealed_folder.iterdir()] == ["a.db"], "reading leaves nothing behind"


@pytest.mark.parametrize("beside", [["wal", "shm"], ["wal"]])
def test_a_log_beside_a_store_is_read_or_asked_for(beside: list[str], tmp_path: Path, sealed_folder: Path) -> None:
    with as_owner():
        sealed_folder.chmod(0o755)
        database = open_store(f"sqlite:///{tmp_path}/b.db")
        storage = database.create_run("r", {}, "", "")
        storage.append(Candidate("in the log"), Evaluation(), 0, 0)
        for name in ("b.db", *(f"b.db-{suffix}" for suffix in beside)):  # as a process that was killed leaves them
            shutil.copy(tmp_path / name, sealed_folder / name)
            (sealed_folder / name).chmod(0o444)
        database.close()
        sealed_folder.chmod(0o555)
    if beside == ["wal"]:
        assert "copy it elsewhere together with its -wal file" in refused(f"sqlite:///{sealed_folder}/b.db")
        return
    database = open_store(f"sqlite:///{sealed_folder}/b.db")
    assert [trial.candidate.source for trial in database.run("r").trials()] == ["in the log"]
    database.close()


def test_a_read_only_file_and_a_name_that_is_no_plain_one(sealed_folder: Path) -> None:
    with as_owner():
        sealed_folder.chmod(0o777)
        (sealed_folder / "a.db").rename(sealed_folder / "a b#c.db")
    database = open_store(f"sqlite:///{sealed_folder}/a b#c.db")
    assert database.run("kept").name == "kept"
    with pytest.raises(Refusal, match="read-only"):
        database.check_writable()
    database.close()
    assert len(list(sealed_folder.iterdir())) == 1


def test_a_store_that_may_be_written_says_so(tmp_path: Path) -> None:
    open_store(f"sqlite:///{tmp_path}/a.db").check_writable()
    open_store("sqlite:///:memory:").check_writable()


def test_an_unexpected_answer_is_passed_on_in_one_line() -> None:
    with pytest.raises(Fault, match="store s does not answer: strange"), sentences("s", Fault):
        raise OperationalError("select 1", {}, sqlite3.OperationalError("strange\nand long"))
