"""The worked examples of docs/offline.md: each operator can make its edit, and each pass makes its change."""

from __future__ import annotations

import ast
import random
import re
from pathlib import Path

import pytest

from adrs.core.task import Term
from adrs.mutation.block import open_block
from adrs.mutation.check import finished
from adrs.mutation.edit import Edit
from adrs.mutation.operators.table import OPERATORS
from adrs.mutation.program import Program
from adrs.mutation.reading import rules_from

PAGE = (Path(__file__).parents[2] / "docs" / "offline.md").read_text("utf-8")
ARGUMENTS = "spot: bool, late: bool, slack: float, left: float, jobs: list"
MARGIN = Term("margin", "float", "slack - left", "what is left")
STATES = 4000


def examples(heading: str) -> dict[str, str]:
    """Name -> the lines below its comment, in the code of one section."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    code = "".join(re.findall(r"```python\n(.*?)```", section, re.DOTALL))
    found = {}
    for example in code.strip().split("\n\n"):
        title, _, lines = example.partition("\n")
        found[title.removeprefix("# ").split(":")[0]] = lines
    return found


def function(lines: str) -> str:
    """A function with this body; one that can run past its end returns "NONE" there."""
    body = ast.parse(f"def f({ARGUMENTS}):\n" + "".join(f"    {line}\n" for line in lines.strip().splitlines()))
    first = body.body[0]
    assert isinstance(first, ast.FunctionDef)
    if not isinstance(first.body[-1], ast.Return):
        first.body.append(ast.parse("def g():\n    return 'NONE'").body[0].body[0])  # type: ignore[attr-defined]
    return ast.unparse(body) + "\n"


@pytest.mark.parametrize(("name", "lines"), examples("Operators").items())
def test_an_operator_makes_the_edit_that_the_page_shows(name: str, lines: str) -> None:
    before, after = lines.split("# ->\n")
    before, _, other = before.partition("# inspiration\n")
    rules = rules_from(function(before), [MARGIN] if not other else [])
    wanted = function(after)
    for state in range(STATES):
        tree = open_block(function(before))[1]
        inspiration = Program(open_block(function(other))[1], rules) if other else None
        OPERATORS[name][0](Edit(Program(tree, rules), inspiration, random.Random(state)))
        if ast.unparse(ast.fix_missing_locations(tree)) + "\n" == wanted:
            return
    pytest.fail(f"no random state below {STATES} gives this edit")


def test_the_page_shows_every_operator() -> None:
    assert set(examples("Operators")) == set(OPERATORS)


@pytest.mark.parametrize(("name", "lines"), examples("Normal form").items())
def test_the_normal_form_is_what_the_page_shows(name: str, lines: str) -> None:
    before, after = lines.split("# ->\n")
    rules = rules_from(function("return slack"), [MARGIN] if name == "terms" else [])
    block, tree = open_block(function(before))
    assert finished(block, tree, rules) == function(after)
