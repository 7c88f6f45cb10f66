"""The normal form computes the same: each rule by an example, all rules together by playing programs before and after."""

from __future__ import annotations

import ast
import random
from typing import Any

import pytest
from sample_programs import PROGRAMS, allowing, normalised

from adrs.mutation.block import open_block
from adrs.mutation.edit import Edit
from adrs.mutation.normal_form.normalise import normalise
from adrs.mutation.normal_form.rounding import significant
from adrs.mutation.operators.table import random_edit, weights
from adrs.mutation.program import Program
from adrs.mutation.reading import rules_from
from adrs.mutation.rules import scopes
from adrs.mutation.terms import define


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("0.94 * a + -2 - b + -2 + -4.39 < 1.7 * (1 - -3)", "a < 1.06 * b + 16.2"),
        ("2 * a - b < a + 3", "a < b + 3"),
        ("5 > a", "a < 5"),
        ("-a < -2 * b", "b < 0.5 * a"),
        ("a + b - c > c", "a + b > 2 * c"),
        ("a - a < 1", "True"),
        ("a * 2 * 3 < b", "a < 0.167 * b"),
        ("a == b + a - 2", "b == 2"),
    ],
)
def test_comparisons_have_a_normal_form(before: str, after: str) -> None:
    assert normalised(f"return {before}") == f"return {after}"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a + a + 1.5 - 0.5 - b", "2 * a - b + 1"),
        ("-(a - b)", "b - a"),
        ("2 * (a - b) + 3 * b", "2 * a + b"),
        ("a * (2 * b)", "2 * (a * b)"),
        ("-a - b + 4", "4 - a - b"),
        ("a * 0 + 2 + 3", "5"),
        ("max(a, 3, max(a, b), 2)", "max(a, b, 3)"),
        ("min(a - b, a - b)", "a - b"),
        ("a / 1 - 0", "a"),
        ("(a + 1) // 2 - 0", "(a + 1) // 2"),
        ("a % 3 + a % 3", "2 * (a % 3)"),
    ],
)
def test_sums_have_a_normal_form(before: str, after: str) -> None:
    assert normalised(f"x = a - b\nreturn {before}") == f"return {after}"


@pytest.mark.parametrize("kept", ["a + 'x'", "a + [1]", "[0] * 3", "'%d' % 3", "a + c", "a / 3 + b / 3"])
def test_what_may_not_be_a_number_and_what_is_plain_stays(kept: str) -> None:
    assert normalised(f"return {kept}") == f"return {kept}"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("not not (a < b)", "a < b"),
        ("not a < b", "a >= b"),
        ("a < b and a < b", "a < b"),
        ("a < b or (a < b and flag)", "a < b"),
        ("a < b and (a >= b or c > 2)", "a < b and c > 2"),
        ("a < b or a >= b", "True"),
        ("(a < b and True) or False", "a < b"),
        ("1 if 2 < 3 else 4", "1"),
        ("a if not flag else b", "b if flag else a"),
        ("3 if flag else 3", "3"),
        ("'x' == 'x'", "True"),
        ("math.floor(2.5)", "2"),
    ],
)
def test_expressions_fold(before: str, after: str) -> None:
    assert normalised(f"return {before}", "a, b, c, flag, math=None") == f"return {after}"


def test_a_value_that_may_not_be_a_bool_is_not_replaced_by_one() -> None:
    assert normalised("if not a:\n    return b\nreturn a and True") == "if not a:\n    return b\nreturn a and True"
    assert normalised("if a:\n    return a\nreturn b") == "if a:\n    return a\nreturn b"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("return a\nx = 1\nreturn b", "return a"),
        ("if flag:\n    return a\nreturn a", "return a"),
        ("if flag:\n    return a\nif flag:\n    return b\nreturn c", "if flag:\n    return a\nreturn c"),
        (
            "if flag:\n    return a\nif flag or a < b:\n    return b\nreturn c",
            "if flag:\n    return a\nif a < b:\n    return b\nreturn c",
        ),
        ("if flag:\n    return a\nelse:\n    return b", "if flag:\n    return a\nreturn b"),
        ("if flag:\n    if a < b:\n        return a\nreturn b", "if flag and a < b:\n    return a\nreturn b"),
        ("if flag:\n    pass\nelse:\n    return b\nreturn a", "if not flag:\n    return b\nreturn a"),
        ("if True:\n    x = a\nelse:\n    x = b\nreturn x", "x = a\nreturn x"),
        ("unused = a + b\nreturn a", "return a"),
        ("a < b\nreturn c", "return c"),
        ("x = x = a\nx = x\nreturn x", "x = x = a\nreturn x"),
    ],
)
def test_statements_that_do_nothing_go(before: str, after: str) -> None:
    assert normalised(before) == after


@pytest.mark.parametrize(
    "kept",
    [
        "if flag:\n    return a\nflag = b > 1\nif flag:\n    return b\nreturn c",
        "if a.ready:\n    return a\nb.work()\nif a.ready:\n    return b\nreturn c",
        "n = 0\nfor x in a:\n    n += x\nreturn n",
        "b.work()\nreturn a",
        "if b.work():\n    return a\nreturn a",
        "while flag:\n    if a.ready:\n        break\n    flag = a.next()\nreturn b",
    ],
)
def test_what_may_matter_stays(kept: str) -> None:
    assert normalised(kept) == kept


@pytest.mark.parametrize(("value", "rounded"), [(3.67159, 3.67), (2.0, 2), (1234.5, 1230), (-0.0012345, -0.00123), (0.1, 0.1)])
def test_three_digits(value: float, rounded: float) -> None:
    assert significant(value) == rounded
    assert type(significant(value)) is type(rounded)


def test_only_new_literals_are_rounded() -> None:
    source = "def f(a):\n    return a * 86401 + 3.14159\n"
    block, tree = open_block(source)
    normalise(tree, rules_from(source))
    assert "86401 * a + 3.14159" in block.fill(tree)
    block, tree = open_block(source.replace("86401", "86402.7"))
    normalise(tree, rules_from(source))
    assert "86400 * a + 3.14159" in block.fill(tree)


class Observation(dict[str, Any]):
    """A made-up observation of one tick."""


def answers(source: str, rng: random.Random) -> list[str]:
    """The answers of a spot policy to made-up observations."""
    names: dict[str, Any] = {}
    exec(compile(source, "program", "exec"), names)
    said = []
    for _ in range(12):
        job = {"work_s": 172800.0, "deadline_s": rng.choice((187200.0, 252000.0)), "restart_s": 180.0, "tick_s": 600.0}
        policy = names["Policy"](job)
        for _ in range(12):
            elapsed = rng.randrange(1, 400)
            done = min(elapsed * 600.0 * rng.random(), 172000.0)
            now = rng.choice(("SPOT", "ON_DEMAND", "NONE"))
            obs = Observation(tick=elapsed, elapsed_s=elapsed * 600.0, done_s=done, pending_s=0.0, last=now, current=now)
            obs["spot_available"] = rng.random() < 0.5
            try:
                said.append(policy.decide(obs))
            except (ArithmeticError, LookupError):
                said.append("error")
    return said


@pytest.mark.parametrize("name", ["spot seed", "spot start", "uniform"])
def test_the_normal_form_without_rounding_changes_no_answer(name: str) -> None:
    start = PROGRAMS[name]
    rules, rng, pool, compared = rules_from(start), random.Random("tidy"), [start], 0
    while compared < 70:
        parent, mate = rng.choice(pool[-30:]), rng.choice(pool[-30:])
        own = allowing(rules, parent, mate)
        block, tree = open_block(parent)
        for _ in range(2):
            random_edit(Edit(Program(tree, own), Program(open_block(mate)[1], own), rng), weights(False))
        for scope in scopes(tree, own.around):
            define(scope.body, own.offered(scope, tree))
        raw = block.fill(tree)
        assert normalise(tree, own, digits=None)
        plain = block.fill(tree)
        try:
            before = answers(raw, random.Random("play"))
        except (NameError, TypeError):
            continue
        after = answers(plain, random.Random("play"))
        spared = [
            a if b != "error" else b for a, b in zip(after, before, strict=True)
        ]  # an error may be gone with code whose result nothing used
        assert spared == before, f"{raw}\n-->\n{plain}"
        compared += 1
        if len(ast.unparse(tree)) < 2_500:
            pool.append(plain)
