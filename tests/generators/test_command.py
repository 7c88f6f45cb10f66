"""Commands as authors: replies, bills, failures, time limits, and nothing left of them."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from adrs.catalog import make_part
from adrs.core.failure import Refusal
from adrs.core.parts import Prompt
from adrs.core.selection import Selection
from adrs.core.trial import Candidate, Evaluation, Trial
from adrs.generators.command import Command
from command_line import alive, until
from plain_parts import Numbers

PARENT = "def answer(x):\n    return 1\n"
PROMPT = Prompt("System.", "Text.", Selection(Trial(3, Candidate(PARENT), Evaluation(score=0.1)), niche="2"), "0:7")


def asked(code: str, **options: float) -> Candidate:
    command = f"{shlex.quote(sys.executable)} -c {shlex.quote(code)}"
    return Command(line=command, **options).propose(PROMPT)  # type: ignore[arg-type]


def test_a_reply_becomes_a_program() -> None:
    made = asked(
        "import sys; p = sys.stdin.read(); print('Better.\\n```python\\ndef answer(x):\\n    return', len(p), '\\n```')"
    )
    assert made.source == f"def answer(x):\n    return {len('System.') + 1 + len('Text.')} \n"
    assert (made.parents, made.niche, made.foul, made.note) == ((3,), "2", None, "Better.")
    assert made.author.startswith("command:python")
    assert made.calls[0].text == "System.\nText."


def test_a_bill_is_taken_from_json() -> None:
    reply = {"result": "<<<<<<< SEARCH\n    return 1\n=======\n    return 2\n>>>>>>> REPLACE", "total_cost_usd": 0.125}
    made = asked(f"import json; print(json.dumps({reply!r}))")
    assert made.source == PARENT.replace("1", "2")
    assert (made.spend.dollars, made.calls[0].dollars) == (0.125, 0.125)


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("import sys; sys.exit(3)", "exited with code 3"),
        ("import sys; sys.exit('no key')", "no key"),
        ("pass", "wrote nothing"),
        ("print('I cannot help')", "no edit"),
    ],
)
def test_what_is_no_reply_is_a_foul_that_quotes_it(code: str, says: str) -> None:
    foul = asked(code).foul
    assert foul is not None
    assert says in foul.reason


def test_what_takes_too_long_is_ended_with_all_its_children(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    mark.touch()
    code = f"import os, time; os.fork(); open({str(mark)!r}, 'a').write(str(os.getpid()) + ' '); time.sleep(1e6)"
    seconds = 1.0
    while len(mark.read_text().split()) < 2:  # on a busy machine it may need longer to start and fork
        mark.write_text("")
        foul = asked(code, seconds=seconds).foul
        assert foul is not None
        assert foul.kind == "timeout"
        seconds *= 3
    for pid in mark.read_text().split():
        until(lambda: not alive([int(pid)]), f"the end of {pid}")  # noqa: B023


def test_a_flood_is_bounded() -> None:
    assert asked("import sys; sys.stdout.write('x' * (20 << 20))").calls[0].reply.count("x") == 4 << 20


@pytest.mark.parametrize("line", ["", "/no/such/program -p", "'unclosed"])
def test_what_cannot_be_started_is_refused(line: str) -> None:
    with pytest.raises(Refusal, match="command"):
        Command(line=line).propose(PROMPT)


def test_a_spec_takes_the_line_as_it_stands() -> None:
    made = make_part("generator", "command:claude -p --model a=b,c", Numbers())
    assert isinstance(made, Command)
    assert made.program.words == ["claude", "-p", "--model", "a=b,c"]
