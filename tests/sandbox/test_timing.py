"""Timed play: what a program does about clocks, after its answers or in empty calls does not make it look faster."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adrs.core.failure import Fault
from adrs.sandbox.isolation import Sandbox, SandboxOptions
from adrs.sandbox.player import PlayerLimits, SandboxPlayer
from adrs.sandbox.timing import FLOOR, VARIANTS, EmptyCalls, canned_source, net_calls, playing_alone, quickest
from command_line import PATIENCE

ROWS = list(range(20_000))
HONEST = """
def answer(rows, factor):
    total = 0
    for row in rows:
        total += row * factor
    return total
"""
CLOCKS = (
    "time monotonic perf_counter process_time thread_time time_ns monotonic_ns perf_counter_ns process_time_ns clock_gettime"
)
SLOWLY = HONEST.replace("answer", "slowly")
CHEATS = {
    "patched clocks": f"""
import time
for name in {CLOCKS.split()}:
    setattr(time, name, lambda *ignored: 0)
{HONEST}""",
    "memory of repeats": f"""
seen = {{}}
def answer(rows, factor):
    if factor not in seen:
        seen[factor] = slowly(rows, factor)
    return seen[factor]
{SLOWLY}""",
    "slow empty calls": f"""
def answer(rows, factor):
    if not rows:
        return sum(range(10**6))
    return slowly(rows, factor)
{SLOWLY}""",
}
LATE = (
    """
class Late:
    def __init__(self, rows, factor):
        self.work = rows, factor
    def __del__(self):
        for _ in range(10):
            slowly(*self.work)

def answer(rows, factor):
    late = Late(rows, factor)
    return sum(rows) * factor
"""
    + SLOWLY
)

Start = Callable[[str], SandboxPlayer]


@pytest.fixture(scope="module", params=["full", "standard"])
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    made = Sandbox(SandboxOptions(without=frozenset({"bwrap"}) if request.param == "standard" else frozenset()))
    if made.layers.level != request.param:
        made.close()
        pytest.skip(f"this machine has no level {request.param}: {made.layers.off}")
    yield made
    made.close()


@pytest.fixture
def start(sandbox: Sandbox) -> Iterator[Start]:
    players: list[SandboxPlayer] = []

    def one(source: str) -> SandboxPlayer:
        players.append(SandboxPlayer(sandbox, source, "", PlayerLimits(seconds=2, player_seconds=30, memory_mb=512)))
        return players[-1]

    yield one
    for player in players:
        player.close()


def charges(player: SandboxPlayer, variants: int = VARIANTS) -> list[float]:
    for factor in range(1, variants + 2):
        assert player.call("answer", ROWS, factor, expect=int) == sum(ROWS) * factor
    return player.charges()


def against(start: Start, source: str) -> float:
    """The program's time as a multiple of the honest program's, measured in turns; the better of two fresh players."""
    variants = [(ROWS, factor) for factor in range(1, VARIANTS + 2)]
    timings = [start(source).timed("answer", variants, int, HONEST) for _ in range(2)]
    return min(timing.seconds / timing.reference for timing in timings)


# A cheat that worked would measure a hundredth of the work or less, and late work here is ten times the honest work. So
# thresholds lie an order of magnitude off, and no neighbour on a busy machine reaches them.


@pytest.mark.parametrize("cheat", CHEATS)
def test_23_no_cheat_looks_faster(start: Start, cheat: str) -> None:
    assert against(start, CHEATS[cheat]) > 0.1


def test_23_late_work_is_charged(start: Start) -> None:
    assert against(start, LATE) > 3


def test_23_work_after_the_last_answer_is_charged(start: Start) -> None:
    player = start(
        "import time\nclass Late:\n    def __del__(self):\n        end = time.process_time() + 0.2\n"
        "        while time.process_time() < end: pass\n"
        "def answer(rows, factor):\n    global kept\n    kept = Late()\n    return sum(rows) * factor\n"
    )
    player.call("answer", ROWS, 1, expect=int)
    before = player.cpu_seconds
    player.call("answer", ROWS, 2, expect=int)
    assert sum(player.charges()) >= player.cpu_seconds - before >= 0.2


def test_all_cpu_is_charged_to_some_call(start: Start) -> None:
    player = start(HONEST)
    charged = charges(player)
    assert len(charged) == VARIANTS + 1
    assert all(each > 0 for each in charged)
    assert sum(charged) <= player.cpu_seconds


def test_a_player_is_timed_beside_a_reference_program(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a clock of ours: each program's calls cost what this test says, an empty call costs 1."""
    reference = f"{HONEST}# the reference\n"
    costs = {HONEST: [9.0, 7, 6, 4, 5, 8], reference: [9.0, 3, 3, 3, 3, 3], canned_source(): [1.0]}

    def charge(self: SandboxPlayer, seat: object) -> None:
        known = costs[self._source]
        self._charges.append(known[len(self._charges) % len(known)])

    monkeypatch.setattr(SandboxPlayer, "_charge", charge)
    variants = [(ROWS, factor) for factor in range(1, 7)]
    timed = start(HONEST).timed("answer", variants, int, reference)
    assert timed.answers == [sum(ROWS) * factor for _, factor in variants]
    assert list(timed.calls) == [6.0, 5.0, 3.0, 4.0, 7.0], "each call but the first, less an empty call"
    assert [timed.seconds, timed.reference] == [3.0, 2.0]
    costs[reference] = [9.0, 100, 100, 100, 100, 100]
    assert start(HONEST).timed("answer", variants, int, reference).reference == 99, "a reference is measured every time"


def test_an_empty_call_costs_something_and_less_than_the_work(start: Start) -> None:
    empty = EmptyCalls(start(canned_source()), (ROWS, 1))
    empty.play(sum(ROWS))
    work = HONEST.replace("in rows", "in 20 * rows").replace("return total", "return total // 20")
    assert 0 < empty.seconds() < min(charges(start(work))[1:])


GROWING = """
calls = []
def answer(rows, factor):
    calls.append(0)
    return [0] * (200_000 if len(calls) == 1 else 1)
"""


def test_a_large_first_answer_makes_nobody_faster(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not timed, so its size is not taken off either: neither from the program's time nor from the reference's."""
    taken_off = []
    play = EmptyCalls.play

    def observed(self: EmptyCalls, answer: object) -> None:
        taken_off.append(answer)
        play(self, answer)

    monkeypatch.setattr(EmptyCalls, "play", observed)
    variants = [(ROWS, factor) for factor in range(1, VARIANTS + 2)]
    start(GROWING).timed("answer", variants, list[int], f"{GROWING}# the reference\n")
    assert taken_off == [[0]] * VARIANTS


def test_net_time_leaves_out_the_warm_up_and_has_a_floor() -> None:
    assert quickest(net_calls([0.001, 0.5, 0.4, 0.3, 0.4, 0.5], 0.1)) == pytest.approx(0.2)
    assert net_calls([0.5] * 6, 0.6) == (FLOOR,) * 5
    with pytest.raises(ValueError, match="4 timed variants; at least 5"):
        quickest(net_calls([0.5] * 5, 0.1))


HOLD = """
import sys
from adrs.sandbox.timing import playing_alone
with playing_alone(True):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_timed_games_wait_for_each_other_and_others_do_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    command = [sys.executable, "-c", HOLD]
    first = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert first.stdout is not None
    assert first.stdout.readline() == "held\n"
    with playing_alone(False):
        pass
    second = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert second.stdout is not None
    assert not select.select([second.stdout], [], [], 1.5)[0]
    first.kill()  # its death frees the lock
    first.communicate()
    assert second.communicate("", timeout=PATIENCE)[0] == "held\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the lock lies, after it was held once."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with playing_alone(True):
        (made,) = tmp_path.iterdir()
    return made


def test_the_lock_lies_where_nobody_else_may_go(folder: Path) -> None:
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [file.stat().st_mode & 0o777 for file in folder.iterdir()] == [0o600]
    folder.chmod(0o777)
    with pytest.raises(Fault, match="is open to others: remove it"), playing_alone(True):
        pass


@pytest.mark.skipif(os.getuid() != 0, reason="only root can make another user's folder")
def test_a_folder_of_another_user_is_no_place_for_a_lock(folder: Path) -> None:
    os.chown(folder, 1, 1)
    with pytest.raises(Fault, match="is open to others: remove it"), playing_alone(True):
        pass


def test_the_lock_follows_no_link_and_empties_no_file(folder: Path) -> None:
    lock = folder / "timed.lock"
    lock.write_text("kept")
    with playing_alone(True):
        pass
    assert lock.read_text() == "kept"
    target = folder.parent / "target"
    target.write_text("precious")
    lock.unlink()
    lock.symlink_to(target)
    with pytest.raises(Fault, match="lock for timed games"), playing_alone(True):
        pass
    assert target.read_text() == "precious"
    moved = folder.rename(folder.with_name("moved"))
    folder.symlink_to(moved)
    with pytest.raises(Fault, match="lock for timed games"), playing_alone(True):
        pass
