"""The database: runs, numbers without gap, readers beside a writer, a killed writer, and a derived state."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from adrs.core.failure import Foul, Refusal
from adrs.core.ledger import Broke, Ledger, Sum
from adrs.core.process import Process, alive, started, this_process
from adrs.core.storage import StoredRun
from adrs.core.task import Verdict
from adrs.core.trial import Call, Candidate, Evaluation, Measurement, Outcome, Usage
from adrs.stores import sql
from adrs.stores.ledger import keep_in
from adrs.stores.sql import SqlStore, open_store
from command_line import until

EVALUATION = Evaluation(score=0.1 + 0.2, outcomes=(Outcome("w", "train", Verdict(0.1 + 0.2, {"cost": 1 / 3}, "ü")),))

WRITER = """
import sys, time
from adrs.core.trial import Candidate, Evaluation
from adrs.stores.sql import open_store
database = open_store(sys.argv[1])
run = database.run("r")
run.add_event("started")
storage = run
print("ready", flush=True)
for number in range(int(sys.argv[2])):
    storage.append(Candidate("x" * 3000, note=str(number)), Evaluation(score=number / 7), number, number)
"""


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/a.db"


@pytest.fixture
def database(url: str) -> Iterator[SqlStore]:
    opened = open_store(url)
    yield opened
    opened.close()


@pytest.fixture
def run(database: SqlStore) -> StoredRun:
    return database.create_run("r", {"task": "spot_single_region", "trials": 20}, "f00d", "ab" * 16)


def writer(url: str, count: int) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", WRITER, url, str(count)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def test_a_run_is_kept_as_given(database: SqlStore, run: StoredRun) -> None:
    assert database.run("r").record == run.record
    assert database.run("last").record == run.record
    assert run.recipe == {"task": "spot_single_region", "trials": 20}
    assert (run.record.fingerprint, run.record.secret) == ("f00d", "ab" * 16)
    assert run.record.platform["python"].startswith("3.")


def test_a_run_without_a_name_gets_a_readable_one(database: SqlStore) -> None:
    names = [database.create_run("", {"task": "spot_single_region"}, "", "").name for _ in range(2)]
    assert names == ["spot-single-region-1", "spot-single-region-2"]
    database.create_run("spot-single-region-9", {}, "", "")
    assert database.create_run("", {"task": "spot_single_region"}, "", "").name == "spot-single-region-10"
    assert database.create_run("", {"task": "./My Tasks/mine.py"}, "", "").name == "mine-1"
    assert database.create_run("", {"task": "job/task.py"}, "", "").name == "job-1"
    assert database.create_run("", {"task": "/"}, "", "").name == "run-1"


def test_a_name_that_exists_is_refused(database: SqlStore, run: StoredRun) -> None:
    with pytest.raises(Refusal, match=r"already has a run 'r'.*adrs resume r"):
        database.create_run("r", {}, "", "")
    assert len(database.runs()) == 1


@pytest.mark.parametrize("name", ["last", "a b", "../x", "-x", "a\n", "x" * 81])
def test_a_name_that_names_nothing_is_refused(database: SqlStore, name: str) -> None:
    with pytest.raises(Refusal, match="cannot name a run"):
        database.create_run(name, {}, "", "")


def test_an_unknown_run_is_answered_with_the_nearest(database: SqlStore) -> None:
    with pytest.raises(Refusal, match="no runs yet"):
        database.run("last")
    for name in ("spot-1", "spot-2", "other"):
        database.create_run(name, {}, "", "")
    with pytest.raises(Refusal, match=r"'spott-2'.*spot-2"):
        database.run("spott-2")


def test_numbers_have_no_gap_and_go_on_after_reopening(url: str, database: SqlStore, run: StoredRun) -> None:
    storage = run
    told = [storage.append(Candidate(f"x = {i}"), EVALUATION, i, i) for i in range(3)]
    again = open_store(url)
    told.append(again.run("r").append(Candidate("y"), Evaluation(foul=Foul("crash", "no")), 7, 2))
    assert [trial.number for trial in told] == [0, 1, 2, 3]
    assert list(run.trials()) == told
    assert list(run.trials(2)) == told[2:]
    assert again.run("r").count() == 4
    assert again.run("r").best_score() == 0.1 + 0.2
    assert (told[3].question, told[3].seen) == (7, 2)


def test_runs_do_not_mix(database: SqlStore, run: StoredRun) -> None:
    other = database.create_run("other", {}, "", "")
    run.append(Candidate("a"), EVALUATION, 0, 0)
    other.append(Candidate("b"), EVALUATION, 0, 0)
    assert [trial.candidate.source for trial in other.trials()] == ["b"]


def test_reading_goes_on_beyond_one_chunk(database: SqlStore, run: StoredRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql, "_CHUNK", 3)
    storage = run
    for number in range(6):
        storage.append(Candidate("a"), EVALUATION, number, number)
    assert [trial.number for trial in storage.trials()] == list(range(6))
    reading = storage.trials(1)
    next(reading)
    storage.append(Candidate("late"), EVALUATION, 6, 6)
    assert [trial.number for trial in reading] == list(range(2, 7))


def test_two_writers_of_one_run_are_not_mixed(url: str, database: SqlStore, run: StoredRun) -> None:
    first, second = run, database.run("r")
    first.append(Candidate("a"), EVALUATION, 0, 0)
    second.append(Candidate("b"), EVALUATION, 1, 1)
    with pytest.raises(Refusal, match=r"run r .*another process"):
        first.append(Candidate("c"), EVALUATION, 1, 1)
    assert [trial.candidate.source for trial in first.trials()] == ["a", "b"]


def test_a_reader_reads_while_a_run_writes(url: str, database: SqlStore, run: StoredRun) -> None:
    process = writer(url, 1500)
    seen = []
    while process.poll() is None:
        numbers = [trial.number for trial in run.trials(max(0, run.count() - 20))]
        assert numbers == sorted(numbers)
        seen.append(run.count())
    assert process.returncode == 0
    assert run.count() == 1500
    assert len({count for count in seen if 0 < count < 1500}) > 3, "never read in the middle"


def test_a_killed_writer_loses_nothing_that_was_appended(url: str, database: SqlStore, run: StoredRun) -> None:
    began = time.time()
    process = writer(url, 10**6)
    assert run.state() == "running"
    while run.count() < 50:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    trials = list(run.trials())
    assert [trial.number for trial in trials] == list(range(len(trials)))
    assert all(trial.candidate.note == str(trial.number) for trial in trials)
    assert run.state() == "stopped"
    assert 0 < run.seconds() <= time.time() - began
    assert run.append(Candidate("on"), EVALUATION, 0, 0).number == len(trials)


def test_the_state_follows_from_the_last_event(database: SqlStore, run: StoredRun) -> None:
    assert run.state() == "stopped"
    for kind, state in (("started", "running"), ("stopped", "stopped"), ("resumed", "running"), ("fault", "stopped")):
        run.add_event(kind, f"{kind} \x00", 1.5)  # type: ignore[arg-type]
        assert run.state() == state
    run.add_event("finished")
    assert run.state() == "finished"
    events = run.events()
    assert [event.number for event in events] == [0, 1, 2, 3, 4]
    assert events[0].text == "started \ufffd"
    assert events[0].seconds == 1.5


def test_wall_time_adds_up_over_sittings(database: SqlStore, run: StoredRun, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr(time, "time", lambda: clock[0])
    assert run.seconds() == 0.0
    storage = run
    run.add_event("started")
    clock[0] = 1010.0
    run.add_event("stopped")
    clock[0] = 2000.0
    run.add_event("resumed")
    clock[0] = 2005.0
    storage.append(Candidate("a"), EVALUATION, 0, 0)
    clock[0] = 5000.0  # it was killed after that trial
    run.add_event("resumed")
    clock[0] = 5001.0
    assert run.seconds() == 10.0 + 5.0 + 1.0


def test_a_reused_pid_is_no_running_run() -> None:
    me = this_process()
    assert alive(me)
    assert not alive(replace(me, started="another moment"))
    assert not alive(replace(me, host="another-machine"))
    assert not alive(Process(me.host, 2**22 + 5, ""))


def test_a_process_that_only_waits_to_be_collected_is_gone() -> None:
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    try:
        until(lambda: not started(child.pid), "the child's end")
    finally:
        child.wait()


def test_measurements_are_kept_in_order(database: SqlStore, run: StoredRun) -> None:
    kept = [Measurement("greedy", "reference", EVALUATION, "x = 1\n"), Measurement("greedy", "verify", Evaluation())]
    for measurement in kept:
        run.add_measurement(measurement)
    assert run.measurements() == kept


def test_calls_are_stored_with_their_trial(tmp_path: Path) -> None:
    database = open_store(f"sqlite:///{tmp_path}/s.db")
    run = database.create_run("r", {}, "", "")
    storage = run
    made = [
        Call(
            "m",
            "propose",
            "sys",
            "te\x00xt",
            "re\ud800ply",
            "length",
            Usage(9, 1, 2, 3, 1, measured=False),
            None,
            "slow",
            1.5,
            4,
        ),
        Call("n", "propose", "", "", "", "lost", Usage(), 0.25),
    ]
    trial = storage.append(Candidate("x", calls=tuple(made)), Evaluation(), 3, 0)
    storage.append(Candidate("y", calls=tuple(made[1:])), Evaluation(), 4, 1)
    assert trial.candidate.calls == (), "a trial is read without its calls"
    found = run.calls(0)
    assert found[1] == made[1]
    assert (found[0].text, found[0].reply, found[0].usage, found[0].dollars) == (
        "te\ufffdxt",
        "re\ufffdply",
        made[0].usage,
        None,
    )
    assert len(run.calls()) == 3


def test_what_a_killed_run_had_reserved_counts_at_its_worst_case(tmp_path: Path) -> None:
    database = open_store(f"sqlite:///{tmp_path}/s.db")
    run = database.create_run("r", {}, "", "")
    assert (run.spent(), run.next_reservation()) == (Sum(), 0)
    run.add_entry("reserved", 0, Sum(Decimal("0.10"), 100))
    run.add_entry("reserved", 1, Sum(Decimal("0.20"), 200))
    run.add_entry("settled", 0, Sum(Decimal("0.0300000001"), 30))
    assert run.spent() == Sum(Decimal("0.2300000001"), 230)
    assert run.next_reservation() == 2


def test_a_ledger_goes_on_where_a_killed_run_left_it(tmp_path: Path) -> None:
    database = open_store(f"sqlite:///{tmp_path}/s.db")
    run = database.create_run("r", {}, "", "")
    first, again = Ledger(Decimal(1)), Ledger(Decimal(1))
    keep_in(run, first)
    first.reserve(Decimal("0.4"), 10).settle(Decimal("0.1"), 5)
    first.reserve(Decimal("0.4"), 10)  # and the run is killed
    keep_in(run, again)
    assert again.spent == Sum(Decimal("0.5"), 15)
    with pytest.raises(Broke):
        again.reserve(Decimal("0.51"), 1)
    again.reserve(Decimal("0.5"), 1).settle(Decimal("0.2"), 1)
    assert run.spent() == Sum(Decimal("0.7"), 16)
