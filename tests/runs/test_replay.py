"""A store written by an earlier version is read, migrated and replayed without a difference."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from adrs.core.failure import Foul
from adrs.core.storage import StoredRun
from adrs.core.trial import Candidate, Evaluation, Trial
from adrs.runs.replay import _differences, replay
from adrs.runs.verification import verify
from adrs.stores.sql import open_store

TINY = Path(__file__).parents[1] / "tiny_task.py"
WRITTEN = Path(__file__).parents[1] / "stores" / "schema_4.sql"
"""A run of tests/tiny_task.py as adrs 0.1.0 stored it with schema 4; {task} stands for the path of the task."""


@pytest.fixture
def old(tmp_path: Path) -> StoredRun:
    connection = sqlite3.connect(tmp_path / "old.db")
    connection.executescript(WRITTEN.read_text("utf-8").replace("{task}", str(TINY)))
    connection.close()
    return open_store(f"sqlite:///{tmp_path}/old.db", create=False).run("old")


def test_an_old_store_replays_without_a_difference(old: StoredRun) -> None:
    replayed = replay(old, workers=1)
    assert (replayed.trials, replayed.differences) == (14, ())


def test_a_foul_is_the_same_whatever_its_sentence_measures() -> None:
    slow = Trial(1, Candidate("x"), Evaluation(foul=Foul("timeout", "398 decisions took 1.35 ms of CPU time each, 1 allowed")))
    assert _differences(slow, Evaluation(foul=Foul("timeout", "398 decisions took 1.07 ms of CPU time each, 1 allowed"))) == []
    assert len(_differences(slow, Evaluation(foul=Foul("crash", "no")))) == 1
    assert len(_differences(slow, Evaluation(score=0.5))) == 2


def test_operators_of_old_trials_are_fields(old: StoredRun) -> None:
    found = [(trial.candidate.author, trial.candidate.operators) for trial in old.trials()]
    assert found[0] == ("offline", ())
    assert found[1] == ("offline", ("combine", "guard"))
    assert found[-1] == ("offline", ("shrink",))


def test_old_measurements_events_and_messages_are_read(old: StoredRun) -> None:
    assert old.state() == "finished"
    assert {each.program for each in old.measurements()} >= {"zero", "half", "seed", "tuned seed"}
    assert [message.kind for message in old.messages()] == ["hint", "ticket"]
    assert verify(old, workers=1)["score"] == pytest.approx(0.99, abs=0.05)
