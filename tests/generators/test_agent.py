"""Coding agents: what lies on their desk, what they may try, what they leave, and nothing left of them."""

from __future__ import annotations

import shlex
import sys
import tempfile
import textwrap
from pathlib import Path
from unittest.mock import patch

import pytest

from adrs.catalog import make_part
from adrs.core.failure import Foul, Refusal
from adrs.core.parts import Prompt
from adrs.core.resources import Resources
from adrs.core.selection import Selection
from adrs.core.task import Verdict
from adrs.core.trial import Candidate, Evaluation, Outcome, Trial
from adrs.generators.agent import Agent
from plain_parts import Numbers

PARENT = "def answer(x):\n    return 1\n"
PROMPT = Prompt(
    "The statement.", "The question.", Selection(Trial(3, Candidate(PARENT), Evaluation(score=0.1)), niche="2"), "0:7"
)


def scored(source: str) -> Evaluation:
    """A referee that counts characters."""
    if "bad" in source:
        return Evaluation(foul=Foul("crash", "NameError"))
    outcomes = tuple(Outcome(f"w{score}", "train", Verdict(score / 10, feedback=f"lost {score}")) for score in (7, 2))
    return Evaluation(score=float(len(source)), outcomes=outcomes)


def works(code: str, tmp_path: Path, **options: float) -> Candidate:
    """What comes of an agent that is a Python script."""
    script = tmp_path / "agent.py"
    script.write_text(textwrap.dedent(code), "utf-8")
    agent = Agent(line=f"{shlex.quote(sys.executable)} {script}", **options)  # type: ignore[arg-type]
    agent.attach(Resources(try_out=scored))
    desks = tmp_path / "desks"
    desks.mkdir()
    with patch.object(tempfile, "tempdir", str(desks)):
        made = agent.propose(PROMPT)
    assert not list(desks.iterdir()), "the folder is gone"
    return made


TRYING = """
import json, subprocess, sys
def tried(program):
    open("candidate.py", "w").write(program)
    return json.loads(subprocess.run([sys.executable, "try.py"], capture_output=True, text=True, check=True).stdout)
"""


def test_it_tries_programs_and_leaves_the_best(tmp_path: Path) -> None:
    made = works(
        TRYING
        + """
assert open("statement.md").read() == "The statement."
assert open("question.md").read() == sys.stdin.read() == "The question."
assert open("parent.py").read() == open("candidate.py").read()
first = tried("def answer(x):\\n    return 2\\n")
assert first["score"] == 28 and first["foul"] is None and first["tries_left"] == 1
assert [each["name"] for each in first["workloads"]] == ["w2", "w7"] and first["workloads"][0]["feedback"] == "lost 2"
assert tried("bad")["foul"] == {"kind": "crash", "reason": "NameError"}
assert "no tries are left" in tried("def answer(x):\\n    return 4\\n")["error"]
open("candidate.py", "w").write("def answer(x):\\n    return 3\\n")
print("Return three, as it is the largest.")
""",
        tmp_path,
        tries=2,
    )
    assert made.foul is None, made.foul
    assert made.source == "def answer(x):\n    return 3\n"
    assert (made.parents, made.niche, made.note) == ((3,), "2", "Return three, as it is the largest.")
    assert made.author.startswith("agent:python")
    assert made.spend.tries == 2
    assert made.calls[0].purpose == "agent"


def test_an_agent_that_only_writes_is_read(tmp_path: Path) -> None:
    made = works("print('```python\\ndef answer(x):\\n    return 5\\n```')", tmp_path)
    assert made.source == "def answer(x):\n    return 5\n"


@pytest.mark.parametrize(
    ("code", "kind", "says"),
    [
        ("pass", "syntax", "did not change candidate.py"),
        ("import sys; sys.exit('no key')", "crash", "no key"),
        ("import time; time.sleep(1e6)", "timeout", "no reply within"),
        ("import os; os.remove('candidate.py')", "syntax", "wrote no reply"),
        ("import os; os.remove('candidate.py'); os.symlink('/etc/passwd', 'candidate.py')", "syntax", "wrote no reply"),
        ("open('candidate.py', 'w').write('x' * (2 << 20))", "syntax", "wrote no reply"),
        ("import shutil; shutil.rmtree('tries')", "syntax", "wrote no reply"),
    ],
)
def test_what_is_no_program_is_a_foul(code: str, kind: str, says: str, tmp_path: Path) -> None:
    made = works(code, tmp_path, **({"seconds": 2.0} if kind == "timeout" else {}))
    assert made.foul is not None
    assert made.foul.kind == kind
    assert says in made.foul.reason


def test_outside_the_block_nothing_changes(tmp_path: Path) -> None:
    parent = "import math\n# EVOLVE-BLOCK-START\nx = 1\n# EVOLVE-BLOCK-END\n"
    script = tmp_path / "agent.py"
    script.write_text(f"open('candidate.py', 'w').write({parent.replace('math', 'os').replace('1', '2')!r})", "utf-8")
    prompt = Prompt("", "", Selection(Trial(0, Candidate(parent), Evaluation(score=0.1))), "0:1")
    foul = Agent(line=f"{shlex.quote(sys.executable)} {script}").propose(prompt).foul
    assert foul is not None
    assert foul.kind == "interface"


@pytest.mark.parametrize("line", ["", "/no/such/agent", "'unclosed"])
def test_what_is_no_agent_is_refused(line: str) -> None:
    with pytest.raises(Refusal, match="generator agent"):
        Agent(line=line).propose(PROMPT)
    with pytest.raises(Refusal, match="tries"):
        make_part("generator", "agent:line=x,tries=-1", Numbers())
