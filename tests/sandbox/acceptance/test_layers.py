"""Layers: 26 of the acceptance list: what is required is named when it is missing, and nothing is left behind by anybody."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sandbox_table import HONEST, LEVELS, Table, at_level, family, gone, is_honest_as_ever, open_descriptors, runs

from adrs.core.failure import Fault, Foul, Refusal
from adrs.evaluator import referee
from adrs.evaluator.referee import Game, play
from adrs.sandbox import kernel_policy, mounts
from adrs.sandbox.isolation import Sandbox, SandboxOptions
from command_line import until

pytest_plugins = ["sandbox_levels"]

TINY = Path(__file__).parents[2] / "tiny_task.py"

MISSING = {
    "interpreter": {"interpreter"},
    "rlimits": {"rlimits"},
    "seccomp": {"seccomp"},
    "landlock or bwrap": {"landlock", "bwrap"},
}


@pytest.mark.parametrize("without", ["", "bwrap"])
@pytest.mark.parametrize("layer", MISSING)
def test_26_a_missing_layer_is_refused_by_its_name(layer: str, without: str) -> None:
    before = open_descriptors()
    with pytest.raises(Refusal) as caught:
        Sandbox(SandboxOptions(without=frozenset({*MISSING[layer], without})))
    said = str(caught.value)
    assert said.startswith(f"the sandbox lacks {layer} (")
    assert "adrs doctor" in said
    assert "\n" not in said
    assert open_descriptors() == before


def test_26_several_are_named_together() -> None:
    with pytest.raises(Refusal, match="lacks rlimits and seccomp and landlock or bwrap"):
        Sandbox(SandboxOptions(without=frozenset({"rlimits", "seccomp", "landlock", "bwrap"})))


@pytest.mark.parametrize("layer", MISSING)
def test_26_unsafe_runs_and_says_so(layer: str) -> None:
    made = Sandbox(SandboxOptions(unsafe=True, without=frozenset(MISSING[layer])))
    try:
        assert made.layers.names()[0] == "unsafe"
        assert not MISSING[layer] & {name.split()[0] for name in made.layers.names()}
        is_honest_as_ever(made)
    finally:
        made.close()


def test_26_unsafe_is_stored_even_where_nothing_is_missing() -> None:
    made = Sandbox(SandboxOptions(unsafe=True))
    made.close()
    assert any("unsafe" in name for name in made.layers.names())
    game = Game(str(TINY), {}, HONEST, ("train-0",), unsafe=True)
    assert any("unsafe" in name for name in play(game).isolation)
    referee.close_sandboxes()


def test_26_a_layer_that_has_no_effect_is_not_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine says that it has everything; what counts is what players of ours can do."""
    monkeypatch.setattr(kernel_policy, "landlock_ruleset", lambda readable=(): None)
    if mounts.find_bwrap() is not None:
        made = Sandbox()
        try:
            assert "landlock" not in made.layers.on
            assert "landlock" in made.layers.off
        finally:
            made.close()
    monkeypatch.setattr(mounts, "find_bwrap", lambda: None)
    with pytest.raises(Refusal, match="landlock or bwrap"):
        Sandbox()


def test_26_a_filter_that_allows_everything_is_not_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def allow_all(open_world: bool = False) -> int:
        made = os.memfd_create("filter", os.MFD_CLOEXEC)
        os.write(made, (6).to_bytes(2, "little") + bytes(2) + (0x7FFF0000).to_bytes(4, "little"))
        return made

    monkeypatch.setattr(kernel_policy, "seccomp_filter", allow_all)
    with pytest.raises(Refusal, match="lacks seccomp"):
        Sandbox()


def test_26_without_libseccomp_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctypes.CDLL", _no_library)
    before = open_descriptors()
    with pytest.raises(Refusal, match="apt install libseccomp2"):
        Sandbox()
    assert open_descriptors() == before
    made = Sandbox(SandboxOptions(unsafe=True))
    made.close()
    assert made.layers.level == "unsafe"


def _no_library(name: object) -> None:
    raise OSError(f"{name}: cannot open shared object file")


def test_26_without_a_working_bwrap_the_rest_stands_and_the_cause_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(mounts, "find_bwrap", lambda: str(broken))
    made = Sandbox()
    try:
        assert made.layers.level == "standard"
        assert "Permission denied" in made.layers.off["bwrap"]
        is_honest_as_ever(made)
    finally:
        made.close()


def test_26_a_zygote_that_cannot_start_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adrs.sandbox.isolation.PRELOADED", ("no_such_module_at_all",))
    before = open_descriptors()
    with pytest.raises(Fault, match="no_such_module_at_all"):
        Sandbox(SandboxOptions(without=frozenset({"bwrap"})))
    assert open_descriptors() == before


def test_26_layers_are_probed_again_whenever_a_zygote_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Sandbox()
    try:
        monkeypatch.setattr(kernel_policy, "landlock_ruleset", lambda readable=(): None)
        monkeypatch.setattr(mounts, "find_bwrap", lambda: None)
        with pytest.raises(Refusal, match="landlock or bwrap"):
            made.restart()
    finally:
        made.close()


def test_26_an_interpreter_outside_of_any_environment_is_no_breach(monkeypatch: pytest.MonkeyPatch) -> None:
    """The private root holds the interpreter itself: seeing it there says nothing against bwrap."""
    at_level("full").close()  # or skip
    monkeypatch.setattr(sys, "executable", os.path.realpath(sys.executable))
    made = Sandbox()
    made.close()
    assert made.layers.level == "full"


# nothing is left behind


@pytest.mark.slow
def test_no_descriptor_and_no_process_is_left_by_500_players(table: Table) -> None:
    for _ in range(3):
        is_honest_as_ever(table.sandbox)
    before, pid = open_descriptors(), table.sandbox.zygote_pid
    assert pid is not None
    for number in range(500):
        player = table.player(HONEST if number % 5 else "def answer(wanted, size):\n    raise ValueError\n")
        try:
            player.call("answer", 1.0, 1.0, expect=float)
        except Foul:
            assert number % 5 == 0
        player.close()
        table.players.clear()
    assert open_descriptors() == before
    until(lambda: len(family(pid)) <= 3, "the end of all players")  # bwrap twice and the zygote; players are reaped there


@pytest.mark.parametrize("level", LEVELS)
def test_closing_a_sandbox_leaves_no_process_and_no_descriptor(level: str) -> None:
    before = open_descriptors()
    made = at_level(level)
    table = Table(made)
    player = table.player(HONEST)
    player.call("answer", 1.0, 1.0, expect=float)
    assert made.zygote_pid is not None
    everybody = family(made.zygote_pid)
    assert len(everybody) >= 2
    made.close()
    assert gone(*everybody)
    table.close()
    assert open_descriptors() == before


REFEREE = """
import sys, time
sys.path[:0] = {path!r}
from sandbox_table import HONEST, Table, at_level
made = at_level({level!r})
player = Table(made).player("import time\\ndef answer(wanted, size):\\n    time.sleep(wanted)\\n", seconds=1e6)
import threading
threading.Timer(0.3, lambda: print(made.zygote_pid, flush=True)).start()
player.call("answer", 10**6, 1.0, expect=float)
"""


@pytest.fixture(params=LEVELS)
def doomed(request: pytest.FixtureRequest) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """A referee in the middle of a call, and everybody below it."""
    at_level(request.param).close()  # or skip
    source = REFEREE.format(path=[str(Path(__file__).parent), *sys.path], level=request.param)
    with subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE, text=True) as one:
        assert one.stdout is not None
        pid = int(one.stdout.readline())
        yield one, family(pid)
        one.kill()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_nobody_outlives_a_killed_referee(doomed: tuple[subprocess.Popen[str], list[int]], number: int) -> None:
    one, below = doomed
    assert len(below) >= 2
    assert all(map(runs, below))
    one.send_signal(number)
    one.wait()
    assert gone(*below)
