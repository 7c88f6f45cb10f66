"""agent: lets a coding agent write `candidate.py` in its own folder. The folder is not a sandbox.

The agent has the user's permissions and keys and can read whatever the user can read: adrs sandboxes candidates, not the
programs that write them. Its program is evaluated like any other.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from adrs.core.failure import Fault, Foul, Refusal
from adrs.core.parts import Prompt, ReplyFormat, SolutionGenerator
from adrs.core.resources import Resources
from adrs.core.task import Verdict
from adrs.core.text import clean
from adrs.core.trial import Call, Candidate, Evaluation, Spend, Usage
from adrs.llm import CommandLine, ProgramOutput, first_sentence, program_of, redact, successor

TryOut = Callable[[str], Evaluation | None]
"""Plays a program on all train workloads; None if no attempt is left."""

MAX_SOURCE = 1 << 20
TRY = '''"""Play a program on the train workloads: python try.py [candidate.py]. Each try counts as an attempt of the run."""

import pathlib
import sys
import time

here = pathlib.Path(__file__).resolve().parent
asked = here / "tries"
source = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else here / "candidate.py").read_text("utf-8")
number = len(list(asked.glob("*.py"))) + 1
(asked / f"{number}.part").write_text(source, "utf-8")
(asked / f"{number}.part").rename(asked / f"{number}.py")
while not (asked / f"{number}.json").exists():
    time.sleep(0.05)
print((asked / f"{number}.json").read_text("utf-8"))
'''


class Agent(SolutionGenerator):
    """Runs a coding agent: `--generator "agent:claude -p --permission-mode acceptEdits"`, or codex, or any other.

    Its folder contains `statement.md`, `question.md` (the parent, its results, failed attempts, hints), `parent.py`,
    `candidate.py` (a copy of the parent, to be changed) and `try.py`, which plays a program on the train workloads through the
    referee; every try counts as an attempt of the run. The agent also receives the question on its standard input.

    Args:
        line: the command line, without a shell; quotes group words.
        seconds: wall seconds for one candidate.
        dollars: maximal cost of one candidate; required with --dollars, and counted if the agent reports no bill.
        tries: number of programs that it may try for one candidate.
    """

    whole: ClassVar[str] = "line"
    spends = True
    wants_tries = True
    format: ReplyFormat = "folder"

    def __init__(self, *, line: str = "", seconds: float = 1800.0, dollars: float | None = None, tries: int = 5) -> None:
        if tries < 0:
            raise Refusal(f"generator agent: tries is {tries}: give 0 or more")
        self.program = CommandLine(line, seconds, dollars, "generator agent")
        self.tries = tries
        self._try_out: TryOut = Resources().try_out

    def attach(self, resources: Resources) -> None:
        """Connect to the run, and check that the program exists and the limits can be kept.

        Raises:
            Refusal: no such program, or a limit that cannot be kept.
        """
        self.program.attach(resources)
        self._try_out = resources.try_out

    def propose(self, prompt: Prompt) -> Candidate:
        """Run the agent and read its program.

        Raises:
            Refusal: the agent is not installed, or a limit cannot be kept.
            Exhausted: the limits do not cover one more candidate, or the run was asked to stop.
            Fault: the folder cannot be created.
        """
        self.program.check()
        parent = prompt.selection.parent
        try:
            with tempfile.TemporaryDirectory(prefix="adrs-agent-", ignore_cleanup_errors=True) as place:
                workspace = _Workspace(Path(place), prompt, self._try_out, self.tries)
                said = self.program.run(prompt.text, workspace)
                left = workspace.left()
        except OSError as error:
            raise Fault(f"the folder of a coding agent cannot be used: {error.strerror or error}") from error
        author, asked = f"agent:{self.program.name}", f"{prompt.system}\n{prompt.text}"
        usage = Usage(measured=False)
        call = Call(author, "agent", "", asked, said.text, "stop", usage, said.dollars, redact(said.why), said.seconds)
        spend = Spend(said.dollars or 0.0, 0, 0, 1, said.seconds, workspace.played)
        source, foul, note = "", None, first_sentence(said.text) or f"{workspace.played} tries"
        try:
            source = _program(left, said, parent.candidate.source)
        except Foul as found:
            foul, note = found, found.reason
        shown = (parent.number,), prompt.selection.niche
        return Candidate(source, *shown, author=author, note=note, spend=spend, foul=foul, calls=(call,))


def _program(left: str, said: ProgramOutput, parent: str) -> str:
    """The program in candidate.py; if that is unchanged, the program in the reply.

    Raises:
        Foul: the agent wrote no new program.
    """
    if left and left != parent:
        return successor(left, parent)
    if said.why:
        raise Foul("timeout" if said.late else "crash", redact(f"the agent left no program: {said.why}"))
    if not said.text.strip():
        raise Foul("syntax", redact(f"the agent did not change candidate.py and wrote no reply; {said.errors}"))
    return program_of(said.text, parent)


class _Workspace:
    """The folder of one question, which answers the agent's requests for tries."""

    def __init__(self, folder: Path, prompt: Prompt, try_out: TryOut, tries: int) -> None:
        self.folder, self.asked, self.played = folder, folder / "tries", 0
        self._try_out, self._tries = try_out, tries
        self._answered = 0
        self.asked.mkdir()
        parent = prompt.selection.parent.candidate.source
        texts = {"statement.md": prompt.system, "question.md": prompt.text, "try.py": TRY}
        for name, text in {**texts, "parent.py": parent, "candidate.py": parent}.items():
            (folder / name).write_text(text, "utf-8")

    def answer(self) -> None:
        """Play the next requested program, if there is one."""
        request = self.asked / f"{self._answered + 1}.py"
        if not request.is_file():
            return
        self._answered += 1
        evaluation = self._try_out(_read(request)) if self.played < self._tries else None
        self.played += evaluation is not None
        left = self._tries - self.played
        spent = {"error": "no tries are left: write your best program to candidate.py"}
        said = spent if evaluation is None else _try_result(evaluation)
        part = self.asked / f"{self._answered}.json.part"
        with contextlib.suppress(OSError):  # the agent may have removed its folder
            part.write_text(json.dumps({**said, "tries_left": left}, indent=1), "utf-8")
            part.rename(part.with_suffix(""))

    def left(self) -> str:
        """The text of candidate.py; "" if the file is missing."""
        return _read(self.folder / "candidate.py")


def _read(file: Path) -> str:
    """The text of a file that an agent wrote; "" if it is not a plain, small file."""
    try:
        if file.is_symlink() or not file.is_file() or file.stat().st_size > MAX_SOURCE:
            return ""
        return file.read_text("utf-8", "replace")
    except OSError:
        return ""


def _try_result(evaluation: Evaluation) -> dict[str, Any]:
    """The result of a try for the agent: train split only, worst workload first."""
    verdicts = sorted(evaluation.verdicts("train").items(), key=lambda pair: pair[1].score)
    return {
        "score": evaluation.score,
        "foul": None if evaluation.foul is None else {"kind": evaluation.foul.kind, "reason": evaluation.foul.reason},
        "metrics": evaluation.metrics,
        "workloads": [_workload(name, verdict) for name, verdict in verdicts],
    }


def _workload(name: str, verdict: Verdict) -> dict[str, Any]:
    return {"name": name, "score": verdict.score, "feedback": clean(verdict.feedback, 800)}
