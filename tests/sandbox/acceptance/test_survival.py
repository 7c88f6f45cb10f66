"""Survival: 17 to 20 of the acceptance list: a player's end leaves no trace, whatever it dies of, and no trial is lost."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sandbox_table import CALLS, HONEST, LEVELS, Table, family, gone, name_of, process_of

from adrs.core.failure import Foul
from adrs.core.task import Verdict
from adrs.evaluator import referee
from adrs.evaluator.referee import Game, Played, play
from adrs.sandbox import mounts
from adrs.sandbox.isolation import Sandbox
from adrs.sandbox.player import SandboxPlayer

pytest_plugins = ["sandbox_levels"]

TINY = Path(__file__).parents[2] / "tiny_task.py"

TENACIOUS = """
import logging
import os
import signal

class Last:
    def __del__(self):
        os.write(4, b'late' * 10)

keep = Last()
logging.atexit.register(lambda: os.write(4, b'exit'))

def attack():
    ignored = 0
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
            ignored += 1
        except (OSError, ValueError):
            pass
    return ignored
"""


def test_17_ignored_signals_atexit_and_del_leave_no_trace(table: Table) -> None:
    player = table.player(TENACIOUS)
    assert player.call("attack", expect=int) > 20
    player.check_channels()
    player.close()
    assert gone(process_of(player).pid)


CRASHES = (
    CALLS
    + """
import os

class Hostile(BaseException):
    def __str__(self):
        raise KeyboardInterrupt
    __repr__ = __str__

class Leaving(BaseException):
    def __str__(self):
        raise SystemExit

class Hollow(BaseException):
    @property
    def __traceback__(self):
        raise ValueError
    @property
    def args(self):
        raise ValueError

class Nameless(type):
    @property
    def __name__(self):
        raise KeyboardInterrupt

class Anonymous(Exception, metaclass=Nameless):
    pass

class Posing(ValueError):
    __class__ = MemoryError

def deep():
    return deep()

def overflow():
    value = ()
    for _ in range(1_000_000):
        value = (value,)
    return hash(value)  # in C, one call within another

def die():
    {act}
"""
)
ACTS = {
    "raise SystemExit(0)": "crash",
    "raise SystemExit": "crash",
    "sys.exit('words')": "crash",
    "raise KeyboardInterrupt": "crash",
    "raise GeneratorExit": "crash",
    "raise Hostile": "crash",
    "raise Leaving": "crash",
    "raise Hollow from ValueError()": "crash",
    "raise Anonymous": "crash",
    "raise Posing": "memory",
    "raise ExceptionGroup('group', [ValueError(1)])": "crash",
    "raise SyntaxError('words')": "crash",
    "raise ModuleNotFoundError('words')": "interface",
    "assert False": "crash",
    "deep()": "crash",
    "overflow()": "crash",
    "ctypes.string_at(8)": "crash",
    "os.abort()": "crash",
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("where", ["at load", "in a call"])
def test_18_whatever_a_program_dies_of_is_its_crash(table: Table, act: str, where: str) -> None:
    call = "die()\ndef attack():\n    return 1\n" if where == "at load" else "def attack():\n    die()\n    return 1\n"
    foul = table.foul(CRASHES.replace("{act}", act) + call, seconds=3.0)
    assert foul.kind == ACTS[act]
    assert "\n" not in foul.reason.strip()


def test_18_a_function_that_is_gone_again(table: Table) -> None:
    assert table.foul("def attack():\n    pass\ndel attack\n").kind == "interface"
    assert table.foul("attack = 3\n").kind == "interface"


BOMBS = {
    "a NUL": "x = 1\0",
    "minus": "x = " + "-" * 100_000 + "1",
    "brackets": "(" * 100_000,
    "sum": "x = " + "1 + " * 100_000 + "1",
    "calls": "x = a" + "()" * 50_000,
    "comparisons": "x = " + "1 < " * 60_000 + "1",
    "functions": "x = " + "lambda: " * 3_000 + "1",
    "nested functions": "".join(" " * depth + "def f():\n" for depth in range(95)) + " " * 95 + "pass",
    "comprehensions": "x = " + "[" * 100 + "x" + " for x in x]" * 100,
    "branches": "if 1:\n pass\n" + "elif 1:\n pass\n" * 15_000,
    "constants": "x = (" + "'a' * 4000, " * 10_000 + ")",
    "a power": "x = 10 ** 10 ** 8",
    "powers of powers": "x = (((1 << 60) ** 60) ** 60) ** 60",
    "a long text": "x = 'a' * 10**11",
    "many lines": "x = 1\n" * (4 << 20),
}


@pytest.mark.budget(6, wall=True)
@pytest.mark.parametrize("bomb", BOMBS)
def test_19_what_the_compiler_cannot_bear_is_a_foul(table: Table, bomb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Straight to a player, past the preflight: here the wall is tried."""
    monkeypatch.setattr("adrs.sandbox.player.LOAD_SECONDS", 1.0)
    foul = table.foul(BOMBS[bomb], memory_mb=256)
    assert foul.kind in {"syntax", "crash", "memory", "timeout", "interface"}


HOPELESS = {
    "a NUL": "x = 1\0",
    "a lone surrogate": "x = '\ud800'",
    "100 MB": "# 789 1\n" * (100 << 17),
    "brackets": "(" * 100_000,
    "half a line": "def answer(",
}


@pytest.mark.parametrize("text", HOPELESS)
def test_19_preflight_says_syntax(level: str, text: str) -> None:
    foul = play(game(HOPELESS[text])).foul
    assert foul is not None
    assert foul.kind == "syntax"


@pytest.fixture(params=LEVELS)
def level(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Games of the referee at a level; afterwards an honest candidate gets its honest score."""
    if request.param == "standard":
        monkeypatch.setattr(mounts, "find_bwrap", lambda: None)
    referee.close_sandboxes()
    found = play(game(HONEST)).isolation[0]
    if found != request.param:
        pytest.skip(f"this machine has no level {request.param}")
    yield found
    monkeypatch.undo()
    assert scores(play(game(HONEST))) == [0.5, 0.5]
    referee.close_sandboxes()


def game(source: str) -> Game:
    return Game(str(TINY), {}, source, ("train-0", "train-1"))


def scores(played: Played) -> list[float]:
    assert played.foul is None, played.foul
    return [round(each.result.score, 3) for each in played.outcomes if isinstance(each.result, Verdict)]


def the_sandbox() -> Sandbox:
    (made,) = referee._sandboxes.values()
    return made


def slow(seconds: float) -> str:
    return f"import time\n\ndef answer(wanted, size):\n    time.sleep({seconds})\n    return wanted / 2\n"


def kill_later(pid: int | None, seconds: float = 0.2) -> None:
    assert pid is not None
    threading.Timer(seconds, os.kill, (pid, signal.SIGKILL)).start()


def test_20_a_killed_sandbox_costs_one_replay_and_no_trial(level: str) -> None:
    kill_later(the_sandbox().zygote_pid)
    assert scores(play(game(slow(0.4)))) == [0.5, 0.5]


def test_20_so_does_the_zygote_within_its_root(level: str) -> None:
    everybody = family(the_sandbox().zygote_pid or 0)
    kill_later(next(pid for pid in everybody if name_of(pid) not in {"bwrap", ""}))
    assert scores(play(game(slow(0.4)))) == [0.5, 0.5]
    assert gone(*everybody)


def test_20_whoever_takes_it_down_twice_has_crashed(level: str, monkeypatch: pytest.MonkeyPatch) -> None:
    call = SandboxPlayer.call
    deaths: list[str] = []

    def deadly(self: SandboxPlayer, function: str, *arguments: Any, expect: Any) -> Any:
        if len(deaths) < 2:
            deaths.append(function)
            kill_later(the_sandbox().zygote_pid)
        return call(self, function, *arguments, expect=expect)

    with monkeypatch.context() as patch:
        patch.setattr(SandboxPlayer, "call", deadly)
        foul = play(game(slow(2.0))).foul
    assert foul == Foul("crash", "the program took the sandbox down, twice")
