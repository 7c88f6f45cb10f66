"""Workers on this machine: results and failures come back, a dead worker harms one game only, and none of them has keys."""

from __future__ import annotations

import operator
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adrs.catalog import load_task
from adrs.core.failure import Fault, Foul, Refusal
from adrs.evaluator.executors.local import LocalExecutor, WorkerDied
from adrs.evaluator.preflight import parse
from adrs.sandbox.process import _pid_of
from command_line import alive, until


@pytest.fixture
def executor() -> Iterator[LocalExecutor]:
    with LocalExecutor(2) as two:
        yield two


FOREVER = 10**6


def test_a_call_runs_in_another_process(executor: LocalExecutor) -> None:
    assert executor.submit(operator.add, 1, 2).result() == 3
    assert executor.submit(os.getpid).result() != os.getpid()


@pytest.mark.parametrize(
    ("call", "argument", "kind"),
    [(_pid_of, 0, Fault), (load_task, "no-such-task", Refusal), (parse, "(", Foul)],
)
def test_failures_come_back_as_they_are(
    executor: LocalExecutor, call: Callable[..., object], argument: object, kind: type[Exception]
) -> None:
    with pytest.raises(kind) as here:
        call(argument)
    with pytest.raises(kind) as there:
        executor.submit(call, argument).result()
    assert there.value.args == here.value.args


def test_a_bug_brings_its_traceback(executor: LocalExecutor) -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        executor.submit(operator.truediv, 1, 0).result()
    assert "Traceback" in "".join(caught.value.__notes__)


def test_a_worker_that_dies_harms_one_game_only(executor: LocalExecutor) -> None:
    dying = executor.submit(os._exit, 3)
    others = [executor.submit(operator.add, number, 1) for number in range(20)]
    with pytest.raises(WorkerDied, match="3"):
        dying.result()
    assert [future.result() for future in others] == list(range(1, 21))
    assert executor.submit(operator.add, 1, 1).result() == 2


def test_workers_do_not_get_the_keys(executor: LocalExecutor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "a-secret-value")
    monkeypatch.setenv("ADRS_STORE", "postgresql://me:a-secret-value@host/db")
    pid = executor.submit(os.getpid).result()
    assert b"a-secret-value" not in Path(f"/proc/{pid}/environ").read_bytes()


def test_the_current_folder_hides_no_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("random", "heapq", "select", "numpy", "queue"):
        (tmp_path / f"{name}.py").write_text("raise RuntimeError('a namesake runs in the referee')\n")
    monkeypatch.chdir(tmp_path)
    with LocalExecutor(1) as executor:
        assert executor.submit(load_task, "spot_single_region").result().name == "spot_single_region"


def test_ctrl_c_lets_games_finish(executor: LocalExecutor) -> None:
    pid = executor.submit(os.getpid).result()
    slow = executor.submit(time.sleep, 0.3)
    os.kill(pid, signal.SIGINT)
    assert slow.result() is None


def test_kill_ends_them_at_once() -> None:
    executor = LocalExecutor(1)
    pid = executor.submit(os.getpid).result()
    slow = executor.submit(time.sleep, FOREVER)
    time.sleep(0.1)
    executor.kill()
    with pytest.raises(Fault):
        slow.result()
    until(lambda: not alive([pid]), "the worker's end")
    with pytest.raises(Fault):
        executor.submit(os.getpid).result()
    executor.shutdown()


def test_no_worker_outlives_its_run() -> None:
    code = """
import os, time
from adrs.evaluator.executors.local import LocalExecutor
executor = LocalExecutor(1)
print(executor.submit(os.getpid).result(), flush=True)
executor.submit(time.sleep, 10**6)
time.sleep(10**6)
"""
    run = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    pid = int(run.stdout.readline())
    run.kill()
    run.wait()
    until(lambda: not alive([pid]), "the worker's end")
