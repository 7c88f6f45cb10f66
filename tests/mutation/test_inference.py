"""Kinds come from use, units from sums and comparisons; neither needs a declaration."""

from __future__ import annotations

import ast

import pytest
from sample_programs import ORDER, spot

from adrs.mutation.block import open_block
from adrs.mutation.inference import Types, signature_kinds
from adrs.mutation.tree import functions
from adrs.mutation.units import Units, declared


def expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def first(source: str) -> ast.FunctionDef:
    return functions(open_block(source)[1])[0]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("obs['spot_available']", "bool"),
        ("obs['done_s']", "number"),
        ("self.job['tick_s']", "number"),
        ("slack", "number"),
        ("spot", "bool"),
        ("slack < 2", "bool"),
        ("'SPOT'", "str"),
        ("obs['never seen']", ""),
    ],
)
def test_kinds_in_a_policy(name: str, kind: str) -> None:
    decide = functions(open_block(spot()["spot start"])[1])[1]
    assert Types(decide).of(expression(name)) == kind


def test_an_index_is_a_position_and_so_is_the_variable_it_comes_from() -> None:
    types = Types(first(ORDER))
    assert [types.of(expression(name)) for name in ("i", "j", "n", "new")] == ["position", "position", "count", "list"]


def test_what_repeats_a_list_is_a_count() -> None:
    types = Types(ast.parse("n = len(x)\ny = [0.0] * n\nz = y[n - 1]\nw = z / n\n"))
    assert [types.of(expression(name)) for name in ("n", "n - 1", "w")] == ["count", "count", "number"]


def test_a_string_makes_what_is_compared_with_it_a_string() -> None:
    types = Types(ast.parse("def f(x, y):\n    z = y\n    return x == 'a' or z == 'b'\n"))
    assert [types.of(expression(name)) for name in "xyz"] == ["str", "str", "str"]


def test_a_name_that_is_only_tested_may_hold_any_value() -> None:
    tested = Types(ast.parse("if items:\n    pass\n"))
    assert tested.of(expression("items")) == "bool"
    assert not tested.certain(expression("items"))
    assert tested.certain(expression("not items"))


def test_annotations_and_kit_signatures_count() -> None:
    types = Types(ast.parse("def f(x: float, y: 'bool', z: list[int]): ...\n"))
    assert [types.of(expression(name)) for name in "xyz"] == ["number", "bool", "list"]
    calls = signature_kinds("def makespan(batch: list, order: list) -> int: ...\ndef other(): ...\n")
    assert calls == {"makespan": "number"}
    assert Types(ast.parse("pass"), None, calls).of(expression("makespan(a, b)")) == "number"


def test_greedy_separates_seconds_from_ticks() -> None:
    units = Units(functions(open_block(spot()["spot start"])[1])[1])
    assert units.agree(expression("slack"), expression("time_left"))
    assert units.agree(expression("obs['done_s']"), expression("self.job['work_s']"))
    assert not units.agree(expression("slack"), expression("obs['done_s']"))
    assert not units.agree(expression("slack"), expression("self.job['tick_s'] * slack"))
    assert units.agree(expression("slack"), expression("3"))


def test_declared_units_hold() -> None:
    units = Units(ast.parse("x = a / b\n"), {"a": declared("gb"), "b": declared("s"), "c": declared("share")})
    assert units.of(expression("x")) == (("!gb", 1), ("!s", -1))
    assert units.of(expression("c")) == ()
    assert not units.agree(expression("a"), expression("b"))
