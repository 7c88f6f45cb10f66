"""command_line: runs a user's program as a generator: text in, text out, with a time limit and a bill.

The program has the user's permissions and keys: adrs sandboxes candidates, not the programs that write them.
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
"""Wall seconds that a program has to finish when the run is asked to stop."""
MAX_REPLY = 4 << 20
_POLL_SECONDS = 0.05
"""Seconds between checks on a running program."""
_TEXTS = ("result", "response", "text")
_BILLS = ("total_cost_usd", "cost_usd", "dollars")


@dataclass(frozen=True)
class ProgramOutput:
    """The output of a program.

    Args:
        text: the first 4 MiB of its standard output; if that is one JSON object, the text in it.
        dollars: the bill that it reports, else the stated maximum; None if neither is known.
        errors: the end of its standard error, cleaned.
        why: why the output is not a reply; "" if it is one.
        seconds: wall seconds of the run.
        late: whether it exceeded its time limit.
    """

    text: str
    dollars: float | None
    errors: str
    why: str
    seconds: float
    late: bool


class Workspace(Protocol):
    """A folder in which a program works, and which answers the program's requests."""

    folder: Path

    def answer(self) -> None:
        """Answer pending requests; called repeatedly while the program runs."""


class CommandLine:
    """A program with its arguments, its time limit and its maximal cost.

    Args:
        line: the command line, run without a shell; quotes group words.
        seconds: wall seconds for one run.
        dollars: maximal cost of one run, reserved before it starts; None if unknown.
        shown: its name in refusals, "generator command".
    """

    def __init__(self, line: str, seconds: float, dollars: float | None, shown: str) -> None:
        try:
            self.words = shlex.split(line)
        except ValueError as error:
            raise Refusal(f"{shown}: {line!r} is not a valid command line: {error}") from None
        if not 0 < seconds < math.inf:
            raise Refusal(f"{shown}: seconds is {seconds}: give a finite number above 0")
        if dollars is not None and not 0 <= dollars < math.inf:
            raise Refusal(f"{shown}: dollars is {dollars}: give the maximal cost of one call")
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
        """The checks of `attach`, repeated before every run of the program."""
        ledger = self._resources.ledger
        if not self.words:
            raise Refusal(f'{self.shown} needs a command line: --generator "{self.shown.split()[-1]}:claude -p"')
        if shutil.which(self.words[0]) is None:
            raise Refusal(f"{self.shown}: {self.words[0]} cannot be started: the program is not installed")
        if ledger.tokens is not None:
            raise Refusal(
                f"{self.shown}: --tokens is given, but {self.name} does not report its tokens: limit --dollars or --trials"
            )
        if ledger.dollars is not None and self.dollars is None:
            raise Refusal(
                f"{self.shown}: --dollars is given, but the cost of {self.name} is unknown: give the most that one call "
                f'may cost, --generator "{self.shown.split()[-1]}:line={self.name} …,dollars=0.50", or limit --trials instead'
            )

    def run(self, asked: str, workspace: Workspace | None = None) -> ProgramOutput:
        """Run the program and wait for its end; then kill what is left of its process group.

        Args:
            asked: the text on its standard input.
            workspace: the folder in which it runs; None for the current folder.

        Raises:
            Refusal: see `check`.
            Exhausted: the limits do not cover one more run, or the run was asked to stop and the grace period is over.
        """
        self.check()
        with self._resources.ledger.reserve(Decimal(str(self.dollars or 0)), 0) as reservation:
            said = self._run(asked, workspace)
            reservation.settle(Decimal(str(said.dollars or 0)), 0)
        return said

    def _run(self, asked: str, workspace: Workspace | None) -> ProgramOutput:
        began = time.monotonic()
        try:
            process = subprocess.Popen(
                self.words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
                cwd=workspace.folder if workspace else None,
            )
        except OSError as error:
            raise Refusal(f"{self.shown}: {self.words[0]} cannot be started: {error.strerror or error}") from None
        try:
            ended = self._wait(process, asked.encode("utf-8", "replace"), began + self.seconds, workspace)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
        written, errors = ended or (b"", b"")
        said = clean(errors[-4000:], 300)
        why = "" if ended else f"no reply within {self.seconds:g} s"
        if ended and process.returncode:
            why = f"it exited with code {process.returncode}: {said or 'no error output'}"
        text, bill = _reply_and_bill(written[:MAX_REPLY].decode("utf-8", "replace"))
        dollars = self.dollars if bill is None else bill
        return ProgramOutput(text, dollars, said, why, time.monotonic() - began, late=ended is None)

    def _wait(
        self, process: subprocess.Popen[bytes], asked: bytes, end: float, workspace: Workspace | None
    ) -> tuple[bytes, bytes] | None:
        """(stdout, stderr) of a running process; None if it exceeds its time limit."""
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
                return process.communicate(unsent, timeout=_POLL_SECONDS)
            except subprocess.TimeoutExpired:
                unsent = None
            if workspace is not None:
                workspace.answer()


def _reply_and_bill(written: str) -> tuple[str, float | None]:
    """The text of a reply, and its bill in dollars if the program reports one."""
    try:
        found: Any = json.loads(written)
    except ValueError:
        return written, None
    if not isinstance(found, dict):
        return written, None
    text = next((found[name] for name in _TEXTS if isinstance(found.get(name), str)), written)
    bill = next((found[name] for name in _BILLS if isinstance(found.get(name), int | float)), None)
    return text, None if bill is None or not 0 <= bill < 1e6 else float(bill)
