"""timing: measures run time for scores: play alone, take the fastest of several inputs, subtract an empty call.

Time is CPU time of the player's process by the kernel's clock, read by the referee; wall time is used only as a limit.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from adrs.core.failure import Fault

FLOOR = 1e-6
READABLE = 50e-6
"""Net times below this many seconds are reported as "≤ 50 µs": the spread between fresh players is larger."""
VARIANTS = 5
PATIENCE = 300.0
"""CPU seconds that trusted programs may take while they are measured."""


@contextlib.contextmanager
def playing_alone(timed: bool) -> Iterator[None]:
    """Hold this user's lock while a timed game is played; other games wait. Does nothing for tasks that are not timed.

    The lock is per user, because any user could hold a shared lock for ever. So another user's timed games do
    not wait; CPU time is as robust against them as against any other load.

    Raises:
        Fault: the lock cannot be opened.
    """
    if not timed:
        yield
        return
    lock = _open_lock(os.path.join(tempfile.gettempdir(), f"adrs-{os.getuid()}"))
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _open_lock(folder: str) -> int:
    """The lock file, in a folder that only this user may enter, because the parent folder is shared by all users.

    Raises:
        Fault: the folder or the file belongs to another user, or is of the wrong type.
    """
    try:
        with contextlib.suppress(FileExistsError):
            os.mkdir(folder, 0o700)
        inside = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            found = os.fstat(inside)
            if found.st_uid != os.getuid() or found.st_mode & 0o077:
                raise Fault(f"the folder of the lock for timed games, {folder}, is open to others: remove it")
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            return os.open("timed.lock", flags, 0o600, dir_fd=inside)
        finally:
            os.close(inside)
    except OSError as error:
        raise Fault(f"the lock for timed games in {folder} cannot be opened: {error.strerror}") from error


class Charged(Protocol):
    """A player that reports the cost of each of its calls."""

    def call(self, function: str, *arguments: Any, expect: Any) -> Any: ...
    def charges(self) -> list[float]: ...


_CANNED = """
answer = None

def keep(value):
    global answer
    answer = value

def answer_with(*arguments):
    return answer
"""


class EmptyCalls:
    """The cost of a call that does nothing, measured with a trusted program, never on the candidate, which could slow it down.

    Args:
        player: a player that runs `canned_source()`.
        arguments: as large as the candidate's.
    """

    def __init__(self, player: Charged, arguments: Sequence[Any]) -> None:
        self._player, self._arguments = player, arguments
        self._rounds = 0

    def play(self, answer: Any) -> None:
        """One round: five calls that return `answer`, a candidate's. Call it beside every call that is timed."""
        self._player.call("keep", answer, expect=None)
        for _ in range(VARIANTS):
            self._player.call("answer_with", *self._arguments, expect=Any)
        self._rounds += 1

    def seconds(self) -> float:
        """CPU seconds of the fastest call. The fastest timed call is subject to the same noise in the same period."""
        charges = self._player.charges()
        size = VARIANTS + 1
        return min(charges[at] for at in range(2, size * self._rounds) if at % size)


def canned_source() -> str:
    """The program that `EmptyCalls` measures."""
    return _CANNED


def net_calls(charges: Sequence[float], empty: float) -> tuple[float, ...]:
    """The time of each call minus an empty call, without the first call, which is a warm-up."""
    return tuple(max(FLOOR, charge - empty) for charge in charges[1:])


def quickest(calls: Sequence[float]) -> float:
    """The time of a workload: the fastest of its timed variants.

    Raises:
        ValueError: fewer than five variants.
    """
    if len(calls) < VARIANTS:
        raise ValueError(f"{len(calls)} timed variants; at least {VARIANTS} are needed in addition to the warm-up")
    return min(calls)
