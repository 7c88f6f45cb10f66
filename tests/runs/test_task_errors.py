"""A task whose own code fails: such trials blame no program, several in a row stop the run, and a mended task goes on."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from adrs.core.failure import Refusal
from adrs.core.storage import StoredRun
from adrs.runs.recipe import make_recipe
from adrs.runs.session import resume, start
from adrs.runs.verification import verify
from adrs.stores.sql import SqlStore, open_store

TASK = '''
from adrs import Task, Verdict, Workload

class Odd(Task):
    """Return a number; the judge cannot take all of them."""

    seed = "def answer(x: float) -> float:\\n    return 0.5 * x\\n"
    interface = "def answer(x: float) -> float: ..."
    baselines = {"zero": "def answer(x):\\n    return 0.0\\n"}

    def workloads(self):
        return [Workload(f"{split}{n}", float(n + 1), split) for split in ("train", "test") for n in range(6)]

    def judge(self, player, workload):
        given = player.call("answer", workload.data, expect=float)
        if CONDITION:
            raise RuntimeError("not ready for this")
        return Verdict(1 - abs(given - workload.data) / workload.data)
'''
WRITER = """
import sys
prompt = sys.stdin.read()
import os, pathlib
count = pathlib.Path("count"); n = int(count.read_text()) if count.exists() else 0
count.write_text(str(n + 1))
print("```python\\ndef answer(x: float) -> float:\\n    return %s * x\\n```" % (0.6 + 0.01 * n))
"""


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SqlStore:
    monkeypatch.chdir(tmp_path)
    Path("writer.py").write_text(WRITER)
    return open_store(f"sqlite:///{tmp_path}/store.db")


def written(condition: str) -> str:
    path = Path("odd.py")
    path.write_text(TASK.replace("CONDITION", condition))
    os.utime(path, (1, 1))  # the same second
    return str(path.resolve())


def started(store: SqlStore, condition: str, trials: int) -> StoredRun:
    recipe = {"task": written(condition), "generator": "command:python3 writer.py", "trials": trials, "width": 1, "workers": 1}
    return start(make_recipe(recipe), store, "r")


def kinds(run: StoredRun) -> list[str]:
    return [trial.evaluation.foul.kind if trial.evaluation.foul else "" for trial in run.trials()]


def test_an_error_of_the_judge_for_one_program_is_no_foul_of_its_and_the_run_goes_on(store: SqlStore) -> None:
    run = started(store, "0.605 < given / workload.data < 0.615", 4)
    assert kinds(run) == ["", "", "task", "", ""]
    foul = run.trial(2).evaluation.foul
    assert foul is not None
    assert "RuntimeError: not ready for this (odd.py, line" in foul.reason
    told = [line for call in run.calls() for line in call.text.splitlines() if "not ready" in line]
    assert told == [], "no lesson for a generator"


def test_errors_in_a_row_stop_the_run_and_a_mended_task_goes_on(store: SqlStore) -> None:
    with pytest.raises(Refusal, match=r"5 programs in a row: fix the task, .*--accept-task-change"):
        started(store, "given / workload.data > 0.55", 30)
    run: StoredRun = store.run("r")
    assert kinds(run) == ["", *["task"] * 5]
    written("False")
    with pytest.raises(Refusal, match="--accept-task-change"):
        resume(store, "r")
    run = resume(store, "r", accept_task_change=True)
    assert kinds(run)[6:] == [""] * 25
    assert [event.kind for event in run.events()].count("task changed") == 1
    assert verify(run, workers=1)["task_changed"]
    with pytest.raises(Refusal, match="finished"):
        resume(store, "r")


def test_an_error_for_the_start_program_or_a_baseline_stops_at_once(store: SqlStore) -> None:
    with pytest.raises(Refusal, match="not ready for this"):
        started(store, "True", 4)
    run = store.run("r")
    assert kinds(run) == []
    written("False")
    assert kinds(resume(store, "r", accept_task_change=True)) == [""] * 5
