"""The tables: append-only, and nothing in them that PostgreSQL could not do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Table, insert, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from adrs.stores import schema
from adrs.stores.sql import open_store


@pytest.mark.parametrize("table", schema.metadata.sorted_tables, ids=lambda table: table.name)
def test_postgresql_can_have_the_same_table(table: Table) -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    made = str(CreateTable(table).compile(dialect=dialect))
    assert "PRIMARY KEY" in made or table.name == "schema"
    assert "FLOAT" not in made, "single precision would round scores"
    for index in table.indexes:
        assert str(CreateIndex(index).compile(dialect=dialect))
    assert str(insert(table).compile(dialect=dialect))
    assert str(select(table).limit(5).compile(dialect=dialect))


def test_the_tables_are_those_that_the_version_stands_for() -> None:
    """Adding a column means: a new VERSION, a migration that adds it to older stores, and this list."""
    assert schema.VERSION == 5
    assert set(schema.MIGRATIONS) == set(range(1, schema.VERSION))
    assert {table.name: len(table.columns) for table in schema.metadata.sorted_tables} == {
        "calls": 14,
        "events": 9,
        "ledger": 7,
        "measurements": 18,
        "messages": 8,
        "runs": 8,
        "schema": 1,
        "trials": 31,
    }


def test_a_store_in_memory_lives_as_long_as_its_database() -> None:
    database = open_store("sqlite://")
    run = database.create_run("r", {}, "", "")
    assert database.run("last").record == run.record
    assert open_store("sqlite://").runs() == []


def test_threads_take_turns_at_a_store_in_memory() -> None:
    database = open_store("sqlite://")
    run = database.create_run("r", {}, "", "")
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: run.add_event("started", str(number)), range(50)))
    assert sorted(int(event.text) for event in run.events()) == list(range(50))
