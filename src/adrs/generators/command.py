"""command: any program that reads a prompt on stdin and writes a reply on stdout: a coding agent, a client of one's own."""

from __future__ import annotations

import json
import os
from typing import Any, ClassVar

from adrs.core.failure import Foul, Refusal
from adrs.core.parts import Prompt, ReplyFormat, SolutionGenerator
from adrs.core.trial import Call, Candidate, Spend, Usage
from adrs.generators.commandline import Said, run, words_of
from adrs.generators.edit import program_of
from adrs.generators.redact import redact
from adrs.generators.said import first_sentence

UNKNOWN = Usage(measured=False)
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
        self.words = words_of(line, "generator command")
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
        said = run(self.words, asked, self.seconds, shown="generator command")
        text, dollars = reply_and_bill(said.text)
        finish = "other" if said.why else "stop"
        call = Call(self.author, "propose", "", asked, text, finish, UNKNOWN, dollars, redact(said.why), said.seconds)
        return self._candidate(prompt, text, said, call)

    @property
    def author(self) -> str:
        """The command's name, without its arguments."""
        return f"command:{os.path.basename(self.words[0])}" if self.words else "command"

    def _candidate(self, prompt: Prompt, text: str, said: Said, call: Call) -> Candidate:
        parent = prompt.selection.parent
        spend = Spend(call.dollars or 0.0, 0, 0, 1, call.seconds)
        source, foul, note = "", None, ""
        why = said.why or ("" if text.strip() else f"it wrote nothing; {said.complaints}")
        try:
            if why:
                raise Foul("timeout" if said.late else "crash", redact(f"the command gave no reply: {why}"))
            source = program_of(text, parent.candidate.source)
            note = first_sentence(text)
        except Foul as found:
            foul, note = found, found.reason
        shown = (parent.number,), prompt.selection.niche
        return Candidate(source, *shown, author=self.author, note=note, spend=spend, foul=foul, calls=(call,))


def reply_and_bill(written: str) -> tuple[str, float | None]:
    """The text of a reply and its bill, where the command reports one."""
    try:
        found: Any = json.loads(written)
    except ValueError:
        return written, None
    if not isinstance(found, dict):
        return written, None
    text = next((found[name] for name in _TEXTS if isinstance(found.get(name), str)), written)
    bill = next((found[name] for name in _BILLS if isinstance(found.get(name), int | float)), None)
    return text, None if bill is None or not 0 <= bill < 1e6 else float(bill)
