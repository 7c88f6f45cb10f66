"""command_line: runs a user's program as a generator: text in, text out, a process group, a time limit, a bill.

It runs with the user's own rights, keys included: adrs sandboxes candidates, not the programs that write them.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import shlex
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

from adrs.core.failure import Exhausted, Refusal
from adrs.core.resources import Resources
from adrs.core.text import clean

GRACE = 10.0
"""Wall seconds that a program has to end when the run is asked to stop."""
MAX_REPLY = 4 << 20
_GLANCE = 0.05
"""Seconds between looks at what a running program wants."""
_TEXTS = ("result", "response", "text")
_BILLS = ("total_cost_usd", "cost_usd", "dollars")


@dataclass(frozen=True)
class Said:
    """What a program wrote, and why that is no reply, "" where it is one.

    Args:
        text: of its standard output, the first 4 MiB; where that is one JSON object, the text in it.
        dollars: its bill, as it reports it, else the most that it was said to cost; None when neither is known.
        complaints: the end of what it wrote on standard error, cleaned.
        seconds: wall seconds that it took.
        late: whether its time was up.
    """

    text: str
    dollars: float | None
    complaints: str
    why: str
    seconds: float
    late: bool


class Desk(Protocol):
    """A folder that a program works in, and somebody who answers what it asks for there."""

    folder: Path

    def answer(self) -> None:
        """Called again and again while the program runs."""


class CommandLine:
    """A program with its arguments, what it may take, and who pays.

    Args:
        line: without a shell; quotes group words.
        seconds: wall seconds for one run.
        dollars: the most that one run may cost, reserved before it starts; None when nobody knows.
        shown: what a refusal calls it, "generator command".
    """

    def __init__(self, line: str, seconds: float, dollars: float | None, shown: str) -> None:
        try:
            self.words = shlex.split(line)
        except ValueError as error:
            raise Refusal(f"{shown}: {line!r} is no command line: {error}") from None
        if not 0 < seconds < math.inf:
            raise Refusal(f"{shown}: seconds is {seconds}, give a finite number above 0")
        if dollars is not None and not 0 <= dollars < math.inf:
            raise Refusal(f"{shown}: dollars is {dollars}, give the most that one call may cost")
        self.seconds, self.dollars, self.shown = seconds, dollars, shown
        self._resources = Resources()

    @property
    def name(self) -> str:
        """The program's name, without its arguments."""
        return os.path.basename(self.words[0]) if self.words else ""

    def attach(self, resources: Resources) -> None:
        """Connect to the run, and check that the program exists and the limits can be kept.

        Raises:
            Refusal: no such program, or a limit that cannot be kept.
        """
        self._resources = resources
        self.check()

    def check(self) -> None:
        """As `attach`, before every run of the program."""
        ledger = self._resources.ledger
        if not self.words:
            raise Refusal(f'{self.shown} needs a command line: --generator "{self.shown.split()[-1]}:claude -p"')
        if shutil.which(self.words[0]) is None:
            raise Refusal(f"{self.shown}: {self.words[0]} cannot be started: no such program is installed")
        if ledger.tokens is not None:
            raise Refusal(
                f"{self.shown}: --tokens is given, but {self.name} does not report its tokens: limit --dollars or --trials"
            )
        if ledger.dollars is not None and self.dollars is None:
            raise Refusal(
                f"{self.shown}: --dollars is given, but the cost of {self.name} is unknown: give the most that one call "
                f'may cost, --generator "{self.shown.split()[-1]}:line={self.name} …,dollars=0.50", or limit --trials instead'
            )

    def run(self, asked: str, desk: Desk | None = None) -> Said:
        """Run it and wait for its end; nothing of its process group is left afterwards.

        Args:
            asked: what it reads from standard input.
            desk: where it runs; None for the current folder, where nobody answers.

        Raises:
            Refusal: see `check`.
            Exhausted: the caps do not cover one more run, or the run was asked to stop and the grace is over.
        """
        self.check()
        with self._resources.ledger.reserve(Decimal(str(self.dollars or 0)), 0) as reservation:
            said = self._followed(asked, desk)
            reservation.settle(Decimal(str(said.dollars or 0)), 0)
        return said

    def _followed(self, asked: str, desk: Desk | None) -> Said:
        began = time.monotonic()
        try:
            process = subprocess.Popen(
                self.words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
                cwd=desk.folder if desk else None,
            )
        except OSError as error:
            raise Refusal(f"{self.shown}: {self.words[0]} cannot be started: {error.strerror or error}") from None
        try:
            ended = self._ended(process, asked.encode("utf-8", "replace"), began + self.seconds, desk)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
        written, complaints = ended or (b"", b"")
        said = clean(complaints[-4000:], 300)
        why = "" if ended else f"no reply within {self.seconds:g} s"
        if ended and process.returncode:
            why = f"it ended with {process.returncode}: {said or 'and said nothing'}"
        text, bill = _reply_and_bill(written[:MAX_REPLY].decode("utf-8", "replace"))
        dollars = self.dollars if bill is None else bill
        return Said(text, dollars, said, why, time.monotonic() - began, late=ended is None)

    def _ended(
        self, process: subprocess.Popen[bytes], asked: bytes, end: float, desk: Desk | None
    ) -> tuple[bytes, bytes] | None:
        """(stdout, stderr) of a process that runs; None when its time is up."""
        unsent: bytes | None = asked
        stop = math.inf
        while True:
            now = time.monotonic()
            if self._resources.halt.is_set():
                stop = min(stop, now + GRACE)
            if now >= stop:
                raise Exhausted("the run was asked to stop")
            if now >= end:
                return None
            try:
                return process.communicate(unsent, timeout=_GLANCE)
            except subprocess.TimeoutExpired:
                unsent = None
            if desk is not None:
                desk.answer()


def _reply_and_bill(written: str) -> tuple[str, float | None]:
    """The text of a reply and its bill in dollars, where the program reports one."""
    try:
        found: Any = json.loads(written)
    except ValueError:
        return written, None
    if not isinstance(found, dict):
        return written, None
    text = next((found[name] for name in _TEXTS if isinstance(found.get(name), str)), written)
    bill = next((found[name] for name in _BILLS if isinstance(found.get(name), int | float)), None)
    return text, None if bill is None or not 0 <= bill < 1e6 else float(bill)
