"""Runs that are killed, interrupted once or twice, or followed from another process: finished trials are kept."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from command_line import PATIENCE, TINY, alive, begin, command, descendants, ended, slow_task, until

TRIALS = 9


def stored(folder: Path) -> int:
    """Number of trials in the store, 0 before the store exists."""
    if not (folder / "adrs.db").exists():
        return 0
    try:
        with sqlite3.connect(f"file:{folder}/adrs.db?mode=ro", uri=True) as connection:
            return int(connection.execute("select count(*) from trials").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def events(folder: Path) -> list[str]:
    try:
        with sqlite3.connect(f"file:{folder}/adrs.db?mode=ro", uri=True) as connection:
            return [kind for (kind,) in connection.execute("select kind from events order by number")]
    except sqlite3.OperationalError:
        return []


def trials(folder: Path, run: str = "r") -> list[tuple[Any, ...]]:
    """The properties of a run that must not depend on interruptions."""
    query = (
        "select t.number, question, seen, phase, author, note, parents, source, score, validation, foul, outcomes "
        "from trials t join runs r on r.id = t.run where r.name = ? order by t.number"
    )
    with sqlite3.connect(folder / "adrs.db") as connection:
        return connection.execute(query, (run,)).fetchall()


def start(folder: Path, task: Path, *arguments: object) -> subprocess.Popen[str]:
    return begin(folder, "run", task, "--name", "r", "--trials", TRIALS, "--tuned", 0, "--seed", 3, *arguments)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Any, ...]]:
    """The trials of an uninterrupted run; a second run with the same random seed is identical."""
    folder = tmp_path_factory.mktemp("whole")
    task = slow_task(folder, 0)
    said = ended(start(folder, task, "--width", 1, "--workers", 1))
    assert said.code == 0, said.err
    assert "a task that prints" not in said.out
    again = ended(begin(folder, "run", task, "--name", "s", "--trials", TRIALS, "--tuned", 0, "--seed", 3, "--width", 1))
    assert again.code == 0, again.err
    assert trials(folder, "r") == trials(folder, "s"), "one seed, one run, whatever the workers"
    return trials(folder)


@pytest.mark.parametrize("moment", [0, *(pytest.param(each, marks=pytest.mark.slow) for each in (1, 5))])
def test_a_killed_run_goes_on_as_if_nothing_had_been(moment: int, tmp_path: Path, whole: list[tuple[Any, ...]]) -> None:
    process = start(tmp_path, slow_task(tmp_path), "--width", 1, "--workers", 1)
    until(lambda: stored(tmp_path) >= moment and (tmp_path / "adrs.db").exists(), f"trial {moment}")
    mine = descendants(process.pid)
    process.kill()
    process.wait()
    kept = stored(tmp_path)
    assert kept >= moment
    until(lambda: not alive(mine), f"the end of {mine}")
    if not kept and not (command(tmp_path, "runs", "--json").out or "[]").startswith("[{"):
        return  # it died before there was a run
    assert command(tmp_path, "show", "r", "--json").json["state"] == "stopped"
    said = command(tmp_path, "resume", "last")
    assert said.code == 0, said.err
    found = trials(tmp_path)
    assert [row[0] for row in found] == list(range(TRIALS + 1))
    assert [row[:-1] for row in found] == [row[:-1] for row in whole]
    assert command(tmp_path, "show", "r", "--json").json["state"] == "finished"


@pytest.mark.slow
def test_at_width_two_a_killed_run_loses_what_was_in_flight_and_no_number(tmp_path: Path) -> None:
    process = start(tmp_path, slow_task(tmp_path), "--width", 2, "--workers", 2)
    until(lambda: stored(tmp_path) >= 4, "trial 4")
    process.kill()
    process.wait()
    assert command(tmp_path, "resume", "r").code == 0
    assert [row[0] for row in trials(tmp_path)] == list(range(TRIALS + 1))


def test_ctrl_c_once_keeps_what_is_in_flight_and_leaves_with_130(tmp_path: Path, whole: list[tuple[Any, ...]]) -> None:
    process = start(tmp_path, slow_task(tmp_path), "--width", 1, "--workers", 1)
    until(lambda: stored(tmp_path) >= 4, "trial 4")
    process.send_signal(signal.SIGINT)
    said = ended(process)
    assert said.code == 130
    assert "adrs resume r" in said.err
    assert "Traceback" not in said.err
    assert 4 <= stored(tmp_path) <= TRIALS
    assert ended(begin(tmp_path, "resume", "r")).code == 0
    assert [row[:-1] for row in trials(tmp_path)] == [row[:-1] for row in whole]


@pytest.mark.slow
def test_ctrl_c_twice_stops_now(tmp_path: Path) -> None:
    process = start(tmp_path, slow_task(tmp_path, 1e6), "--width", 2, "--workers", 2)
    until(lambda: "started" in events(tmp_path) and len(descendants(process.pid)) >= 4, "a game")
    time.sleep(0.5)
    mine = descendants(process.pid)
    process.send_signal(signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(2)  # it lets its games finish, which these never do
    process.send_signal(signal.SIGINT)
    said = ended(process)
    assert said.code == 130
    assert "stopped at once" in said.err
    assert "Traceback" not in said.err
    until(lambda: not alive(mine), f"the end of {mine}")
    assert command(tmp_path, "show", "r", "--json").json["state"] == "stopped"


def test_a_run_is_seen_from_elsewhere_and_resumed_by_nobody_while_it_runs(tmp_path: Path) -> None:
    process = start(tmp_path, slow_task(tmp_path), "--width", 1)
    try:
        until(lambda: stored(tmp_path) >= 2, "trial 2")
        process.send_signal(signal.SIGSTOP)  # so that it does not end before it was looked at
        assert command(tmp_path, "show", "last", "--json").json["state"] == "running"
        second = command(tmp_path, "resume", "r")
        assert second.code == 2
        assert f"run r is running in process {process.pid}" in second.sentence
    finally:
        process.send_signal(signal.SIGCONT)
        said = ended(process)
    assert said.code == 0
    assert len(trials(tmp_path)) == TRIALS + 1
    for line in said.err.splitlines():
        assert "\x1b" not in line


def test_whoever_stops_reading_stops_no_run(tmp_path: Path) -> None:
    read, write = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-m", "adrs", "run", str(TINY), "--name", "r", "--trials", str(TRIALS), "--tuned", "0"],
        cwd=tmp_path,
        stdout=write,
        stderr=write,
    )
    os.close(write)
    os.read(read, 1)
    os.close(read)
    assert process.wait(PATIENCE) == 0
    assert len(trials(tmp_path)) == TRIALS + 1
