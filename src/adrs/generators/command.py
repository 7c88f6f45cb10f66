"""command: any program that reads a prompt on stdin and writes a reply on stdout: a coding agent, a client of one's own.

It runs with the user's own rights, keys included: adrs sandboxes candidates, not the programs that write them. Each call has a
process group of its own and a time limit; nothing of it is left afterwards.
"""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import signal
import subprocess
import time
from typing import Any, ClassVar

from adrs.core.failure import Foul, Refusal
from adrs.core.parts import Prompt, ReplyFormat, SolutionGenerator
from adrs.core.text import clean
from adrs.core.trial import Call, Candidate, Spend, Usage
from adrs.generators.edit import program_of
from adrs.generators.redact import redact
from adrs.generators.said import first_sentence

MAX_REPLY = 4 << 20
_TEXTS = ("result", "response", "text")
_BILLS = ("total_cost_usd", "cost_usd", "dollars")


class Command(SolutionGenerator):
    """Runs a command line for every question: `--generator "command:claude -p"`, `codex exec -`, `gemini -p`, `llm -m NAME`.

    Where the command writes one JSON object, its text is taken from "result", "response" or "text", and its bill from
    "total_cost_usd", "cost_usd" or "dollars".

    Args:
        line: the command line, without a shell; quotes group words.
        seconds: wall seconds for one reply.
        format: what it is asked for: "file", "edits" or "crossover".
    """

    whole: ClassVar[str] = "line"

    def __init__(self, *, line: str = "", seconds: float = 900.0, format: ReplyFormat = "file") -> None:
        try:
            self.words = shlex.split(line)
        except ValueError as error:
            raise Refusal(f"generator command: {line!r} is no command line: {error}") from None
        if not seconds > 0:
            raise Refusal(f"generator command: seconds is {seconds}, give more than 0")
        self.line, self.seconds, self.format = line, seconds, format

    def propose(self, prompt: Prompt) -> Candidate:
        """Ask the command.

        Raises:
            Refusal: there is no such command.
        """
        if not self.words:
            raise Refusal('generator command needs a command line: --generator "command:claude -p"')
        asked = f"{prompt.system}\n{prompt.text}"
        began = time.monotonic()
        written, error, why = self._run(asked.encode("utf-8", "replace"))
        text, dollars = _reply(written)
        seconds = time.monotonic() - began
        finish = "other" if why else "stop"
        call = Call(self.author, "propose", "", asked, text, finish, Usage(measured=False), dollars, redact(why), seconds)
        return self._candidate(prompt, text, why or ("" if text.strip() else f"it wrote nothing; {error}"), call)

    @property
    def author(self) -> str:
        """The command's name, without its arguments."""
        return f"command:{os.path.basename(self.words[0])}" if self.words else "command"

    def _run(self, asked: bytes) -> tuple[str, str, str]:
        """(stdout, what it said on stderr, why there is no reply or "")."""
        try:
            process = subprocess.Popen(
                self.words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
            )
        except OSError as error:
            raise Refusal(f"generator command: {self.words[0]} cannot be started: {error.strerror or error}") from None
        why = ""
        try:
            written, complaints = process.communicate(asked, timeout=self.seconds)
        except subprocess.TimeoutExpired:
            why = f"no reply within {self.seconds:g} s"
            written = complaints = b""
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
        said = clean(complaints[-4000:], 300)
        if not why and process.returncode:
            why = f"it ended with {process.returncode}: {said or 'and said nothing'}"
        return written[:MAX_REPLY].decode("utf-8", "replace"), said, why

    def _candidate(self, prompt: Prompt, text: str, why: str, call: Call) -> Candidate:
        parent = prompt.selection.parent
        spend = Spend(call.dollars or 0.0, 0, 0, 1, call.seconds)
        source, foul, note = "", None, ""
        try:
            if why:
                kind = "timeout" if why.startswith("no reply within") else "crash"
                raise Foul(kind, redact(f"the command gave no reply: {why}"))  # type: ignore[arg-type]
            source = program_of(text, parent.candidate.source)
            note = first_sentence(text)
        except Foul as found:
            foul, note = found, found.reason
        shown = (parent.number,), prompt.selection.niche
        return Candidate(source, *shown, author=self.author, note=note, spend=spend, foul=foul, calls=(call,))


def _reply(written: str) -> tuple[str, float | None]:
    """The text of a reply and its bill, where the command reports one."""
    try:
        found: Any = json.loads(written)
    except ValueError:
        return written, None
    if not isinstance(found, dict):
        return written, None
    text = next((found[name] for name in ("result", "response", "text") if isinstance(found.get(name), str)), written)
    bill = next(
        (found[name] for name in ("total_cost_usd", "cost_usd", "dollars") if isinstance(found.get(name), int | float)), None
    )
    return text, None if bill is None or not 0 <= bill < 1e6 else float(bill)
