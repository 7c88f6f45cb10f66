"""Verification: the score of a program, the champion on held-out workloads, and the replay of every stored score."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from adrs.core.failure import Foul, Refusal
from adrs.core.storage import StoredRun
from adrs.core.trial import Candidate, Evaluation
from adrs.runs.recipe import make_recipe
from adrs.runs.replay import replay
from adrs.runs.session import start
from adrs.runs.verification import evaluate, verify
from adrs.stores.sql import SqlStore, open_store

TINY = str(Path(__file__).parents[1] / "tiny_task.py")


@pytest.fixture
def database(tmp_path: Path) -> SqlStore:
    return open_store(f"sqlite:///{tmp_path}/store.db")


def made(database: SqlStore, **given: object) -> StoredRun:
    return start(make_recipe({"task": TINY, "trials": 10, "tuned": 0, "workers": 2, **given}), database)


def test_the_document_of_a_legal_program() -> None:
    document = evaluate(TINY, {"count": 3}, "def answer(wanted, size):\n    return wanted / 4\n", ("train", "test"), workers=1)
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert document["split"] == ["train", "test"]
    assert document["score"] == pytest.approx(0.25)
    assert document["foul"] is None
    test = document["splits"]["test"]
    assert [verdict["workload"] for verdict in test["verdicts"]] == ["test-0", "test-1", "test-2"]
    assert test["metrics"]["given"] == pytest.approx(sum(5.2 + number for number in range(3)) / 12)
    assert document["cpu_seconds"]["player"] > 0


def test_the_document_of_a_foul() -> None:
    document = evaluate(TINY, {}, "def answer(wanted, size):\n    return -1.0\n", workers=1)
    assert document["score"] is None
    assert document["foul"]["kind"] == "illegal_answer"
    assert document["splits"]["train"]["verdicts"][0]["foul"]["kind"] == "illegal_answer"


def test_verify_plays_held_out_workloads_once(database: SqlStore) -> None:
    row = made(database)
    first = verify(row, workers=2)
    assert first["split"] == "test"
    assert set(first["baselines"]) == {"zero", "half", "seed"}
    zero = first["baselines"]["zero"]
    assert zero["score"] == 0.0
    assert zero["difference"]["pairs"] == 6
    assert zero["difference"]["mean"] == pytest.approx(first["score"])
    assert 0 < first["gap_closed"] <= 1
    count = len(row.measurements())
    assert verify(row, workers=2) == first
    assert len(row.measurements()) == count, "the stored plays are used"


@pytest.mark.slow
def test_any_legal_trial_can_be_verified(database: SqlStore) -> None:
    row = made(database, seed=1, trials=25)
    champion = verify(row, workers=2)
    legal = next(trial for trial in row.trials() if trial.breeds and trial.number != champion["trial"])
    other = verify(row, workers=2, trial=legal.number)
    assert list(other) == list(champion)
    assert other["trial"] == legal.number
    assert other["score"] == pytest.approx(evaluate(TINY, {}, legal.candidate.source, ("test",))["score"])
    assert other["baselines"]["zero"]["difference"]["mean"] == pytest.approx(other["score"])
    assert verify(row, workers=2) == champion
    foul = row.append(Candidate("x = 1\n"), Evaluation(foul=Foul("interface", "no answer")), question=99, seen=0)
    with pytest.raises(Refusal, match=f"trial {foul.number} of run .* fouled and cannot be verified"):
        verify(row, workers=2, trial=foul.number)
    with pytest.raises(Refusal, match="has no trial 999"):
        verify(row, workers=2, trial=999)


def test_a_task_without_test_workloads_cannot_be_verified(database: SqlStore) -> None:
    row = made(database, options={"splits": "train"})
    with pytest.raises(Refusal, match="no test workloads"):
        verify(row, workers=1)


@pytest.mark.parametrize("width", [1, 2])
def test_a_run_replays_exactly(database: SqlStore, width: int) -> None:
    row = made(database, width=width, trials=25)
    replayed = replay(row, workers=2)
    assert (replayed.trials, replayed.differences) == (26, ())


@pytest.mark.slow
def test_a_replay_finds_what_was_changed(database: SqlStore, tmp_path: Path) -> None:
    row = made(database)
    engine = create_engine(f"sqlite:///{tmp_path}/store.db")
    with engine.begin() as connection:
        connection.execute(text("update trials set score = 0.123 where number = 0"))
    engine.dispose()
    differences = replay(row, workers=1).differences
    assert any("trial 0: score was 0.123" in line for line in differences)
