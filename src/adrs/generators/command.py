"""command: any program that reads a prompt on stdin and writes a reply on stdout, such as a coding agent or your own client."""

from __future__ import annotations

from typing import ClassVar

from adrs.core.failure import Foul
from adrs.core.parts import Prompt, ReplyFormat, SolutionGenerator
from adrs.core.resources import Resources
from adrs.core.trial import Call, Candidate, Spend, Usage
from adrs.llm import CommandLine, ProgramOutput, note_of, program_of, redact


class Command(SolutionGenerator):
    """Runs a command line for every question: `--generator "command:claude -p"`, `codex exec -`, `gemini -p`, `llm -m NAME`.

    If the command writes one JSON object, its text is taken from "result", "response" or "text", and its bill from
    "total_cost_usd", "cost_usd" or "dollars".

    Args:
        line: the command line, without a shell; quotes group words.
        seconds: wall seconds for one reply.
        dollars: maximal cost of one reply; required with --dollars, and counted if the command reports no bill.
        format: the requested form of reply: "file", "edits" or "crossover".
    """

    whole: ClassVar[str] = "line"
    spends = True

    def __init__(
        self, *, line: str = "", seconds: float = 900.0, dollars: float | None = None, format: ReplyFormat = "file"
    ) -> None:
        self.program = CommandLine(line, seconds, dollars, "generator command")
        self.format = format

    def attach(self, resources: Resources) -> None:
        """Connect to the run, and check that the program exists and the limits can be kept.

        Raises:
            Refusal: no such program, or a limit that cannot be kept.
        """
        self.program.attach(resources)

    def propose(self, prompt: Prompt) -> Candidate:
        """Run the command and read its reply.

        Raises:
            Refusal: the command is not installed, or a limit cannot be kept.
            Exhausted: the limits do not cover one more call, or the run was asked to stop.
        """
        asked = f"{prompt.system}\n{prompt.text}"
        said = self.program.run(asked)
        author, finish = f"command:{self.program.name}", "other" if said.why else "stop"
        usage = Usage(measured=False)
        call = Call(author, "propose", "", asked, said.text, finish, usage, said.dollars, redact(said.why), said.seconds)
        spend = Spend(said.dollars or 0.0, 0, 0, 1, said.seconds)
        parent = prompt.selection.parent
        source, foul, note = "", None, ""
        try:
            source = _program(said, parent.candidate.source)
            note = note_of(said.text, parent.candidate.source)
        except Foul as found:
            foul, note = found, found.reason
        shown = (parent.number,), prompt.selection.niche
        return Candidate(source, *shown, author=author, note=note, spend=spend, foul=foul, calls=(call,))


def _program(said: ProgramOutput, parent: str) -> str:
    """The program in a reply.

    Raises:
        Foul: the reply holds no usable program.
    """
    why = said.why or ("" if said.text.strip() else f"it wrote nothing; {said.errors}")
    if why:
        raise Foul("timeout" if said.late else "crash", redact(f"the command gave no reply: {why}"))
    return program_of(said.text, parent)
