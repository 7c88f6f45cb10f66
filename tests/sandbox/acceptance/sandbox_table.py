"""sandbox_table: where programs of ours attack the sandbox, and what attacks and tests of them have in common.

Attacks that need system calls by number get them from libseccomp, so that they hold on every architecture.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
from pathlib import Path
from typing import Any

import pytest

from adrs.core.failure import Foul
from adrs.sandbox.isolation import Sandbox, SandboxOptions
from adrs.sandbox.player import PlayerLimits, SandboxPlayer
from adrs.sandbox.process import Process
from command_line import until

CANARY = "CANARY-" + "".join(reversed("7f3a9c1e5b"))
SECRET = CANARY + "-in-the-referee"
"""Held by this process, in its heap and its environment, before any zygote starts."""

HONEST = "def answer(wanted, size):\n    return wanted / 2\n"
LEVELS = ("full", "standard")
WITHOUT = {"full": frozenset[str](), "standard": frozenset({"bwrap"})}
"""Level -> what is switched off to get it."""

CALLS = """
import sys
import numpy.ctypeslib
ctypes = sys.modules['ctypes']
libc = ctypes.CDLL(None, use_errno=True)
"""
"""The head of an attack that makes system calls by number."""

FRAMES = """
import os
import struct
import sys

def frame(nonce, payload):
    return struct.pack('<I8s', len(payload), nonce) + payload

def nonce():
    # that of the open request: it lies in our own code's frames
    step = sys._getframe()
    while step:
        for value in step.f_locals.values():
            if isinstance(value, bytes) and len(value) == 8:
                return value
        step = step.f_back
"""
"""The head of an attack that writes replies by itself."""


class Table:
    """Programs in one sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.players: list[SandboxPlayer] = []

    def player(self, source: str, **limits: Any) -> SandboxPlayer:
        """A program that was not asked for anything yet."""
        given = {"seconds": 1.0, "player_seconds": 30.0, "memory_mb": 512, **limits}
        self.players.append(SandboxPlayer(self.sandbox, source, "", PlayerLimits(**given)))
        return self.players[-1]

    def ask(self, source: str, *arguments: Any, function: str = "attack", expect: Any = Any, **limits: Any) -> Any:
        """One answer of a fresh player."""
        return self.player(source, **limits).call(function, *arguments, expect=expect)

    def foul(self, source: str, *arguments: Any, function: str = "attack", expect: Any = Any, **limits: Any) -> Foul:
        """The foul that a fresh player commits while it answers once, or after that."""
        player = self.player(source, **limits)
        try:
            answer = player.call(function, *arguments, expect=expect)
            player.check_channels()
        except Foul as foul:
            return foul
        pytest.fail(f"it was no foul: {answer!r}")

    def close(self) -> None:
        for player in self.players:
            player.close()
        self.players.clear()


def process_of(player: SandboxPlayer) -> Process:
    """The process behind a player that was called."""
    assert player._caller is not None
    return player._caller.process


def at_level(level: str, packages: tuple[str, ...] = ()) -> Sandbox:
    """A sandbox at that level; where the machine has none, the test is skipped."""
    made = Sandbox(SandboxOptions(packages=packages, without=WITHOUT[level]))
    if made.layers.level != level:
        made.close()
        pytest.skip(f"this machine has no level {level}: {made.layers.off}")
    return made


def is_honest_as_ever(sandbox: Sandbox) -> None:
    """An honest candidate gets its honest score."""
    table = Table(sandbox)
    try:
        player = table.player(HONEST)
        assert player.call("answer", 5.0, 1.0, expect=float) == 2.5
        player.check_channels()
    finally:
        table.close()


def call_number(name: str) -> int:
    """The number of a system call on this machine; below 0 where it has none."""
    number: int = ctypes.CDLL("libseccomp.so.2").seccomp_syscall_resolve_name(name.encode())
    return number


def runs(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def gone(*pids: int) -> bool:
    """Wait for the end of all these processes."""
    until(lambda: not any(map(runs, pids)), f"the end of {pids}")
    return True


def family(pid: int) -> list[int]:
    """A process and its descendants, parents first; of one that has just ended, itself alone."""
    found, waiting = [], [pid]
    while waiting:
        found.append(waiting.pop())
        children = Path(f"/proc/{found[-1]}/task/{found[-1]}/children")
        with contextlib.suppress(OSError):
            waiting += [int(child) for child in children.read_text("ascii").split()]
    return found


def name_of(pid: int) -> str:
    """What the kernel calls a process; "" for one that is gone."""
    try:
        return Path(f"/proc/{pid}/comm").read_text("utf-8", "replace").strip()
    except OSError:
        return ""


def open_descriptors() -> int:
    """How many this process has."""
    return len(os.listdir("/proc/self/fd"))
