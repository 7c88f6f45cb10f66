"""commandline: one run of somebody's program: text in, text out, a process group, a time limit. Replies are not read.

It runs with the user's own rights, keys included: adrs sandboxes candidates, not the programs that write them.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from adrs.core.failure import Refusal
from adrs.core.text import clean

MAX_REPLY = 4 << 20
_GLANCE = 0.05
"""Seconds between looks at what a running program wants."""


@dataclass(frozen=True)
class Said:
    """What a program wrote, and why that is no reply, "" where it is one.

    Args:
        text: its standard output, the first 4 MiB of it.
        complaints: the end of what it wrote on standard error, cleaned.
        late: whether its time was up.
    """

    text: str
    complaints: str
    why: str
    seconds: float
    late: bool = False


def words_of(line: str, shown: str) -> list[str]:
    """The words of a command line; quotes group, no shell is asked.

    Raises:
        Refusal: it is no command line.
    """
    try:
        return shlex.split(line)
    except ValueError as error:
        raise Refusal(f"{shown}: {line!r} is no command line: {error}") from None


class Desk(Protocol):
    """A folder that a command works in, and somebody who answers what it asks for there."""

    folder: Path

    def answer(self) -> None:
        """Called again and again while the command runs."""


def run(words: Sequence[str], asked: str, seconds: float, *, shown: str, desk: Desk | None = None) -> Said:
    """Run a command and wait for its end; nothing of its process group is left afterwards.

    Args:
        asked: what it reads from standard input.
        seconds: wall seconds that it may take.
        shown: what a refusal calls it, "generator command".
        desk: where it runs; None for the current folder, where nobody answers.

    Raises:
        Refusal: there is no such program.
    """
    began = time.monotonic()
    try:
        process = subprocess.Popen(
            list(words),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            cwd=desk.folder if desk else None,
        )
    except OSError as error:
        raise Refusal(f"{shown}: {words[0]} cannot be started: {error.strerror or error}") from None
    written, complaints, late = b"", b"", False
    try:
        written, complaints, late = _followed(process, asked.encode("utf-8", "replace"), began + seconds, desk)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    said = clean(complaints[-4000:], 300)
    why = f"no reply within {seconds:g} s" if late else ""
    if not why and process.returncode:
        why = f"it ended with {process.returncode}: {said or 'and said nothing'}"
    return Said(written[:MAX_REPLY].decode("utf-8", "replace"), said, why, time.monotonic() - began, late)


def _followed(process: subprocess.Popen[bytes], asked: bytes, end: float, desk: Desk | None) -> tuple[bytes, bytes, bool]:
    """(stdout, stderr, whether its time was up) of a process that runs."""
    unsent: bytes | None = asked
    while True:
        left = end - time.monotonic()
        try:
            written, complaints = process.communicate(unsent, timeout=max(0.0, left if desk is None else min(left, _GLANCE)))
            return written, complaints, False
        except subprocess.TimeoutExpired:
            unsent = None
            if time.monotonic() >= end:
                return b"", b"", True
            if desk is not None:
                desk.answer()
