"""Likeness of programs: blind to layout, quick, and calm about text that is no program."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adrs.analysis.similarity import changed_lines, likeness, only_constants_differ, skeleton, tokens


def test_comments_and_layout_do_not_count() -> None:
    one, other = (
        "def f(a, b):\n    return a+b\n",
        "# sum\ndef f(a,b):\n\n        return (a + b)  # why\n".replace("(a + b)", "a + b"),
    )
    assert likeness(one, other) == 1.0
    assert likeness(one, "def f(a, b):\n    return a-b\n") < 1.0
    assert likeness("x", "y") == 0.0
    assert likeness("", "") == 1.0


def test_a_constant_is_told_from_structure() -> None:
    assert only_constants_differ("x = 1", "x = -2.5")
    assert not only_constants_differ("x = 1", "x = 1  # same")
    assert not only_constants_differ("x = 1", "x = True")
    assert not only_constants_differ("x = 'a'", "x = 'b'")
    assert not only_constants_differ("x = (", "x = )")


def test_lines_that_moved_are_no_change() -> None:
    assert changed_lines("a\nb\nc\n", "b\n  a\nd\n") == (frozenset({"c"}), frozenset({"d"}))


@given(st.text(max_size=80))
def test_any_text_is_like_itself(text: str) -> None:
    assert likeness(text, text) == 1.0
    tokens(text)
    skeleton(text)


def test_hostile_text_has_no_skeleton() -> None:
    assert skeleton("-" * 100_000 + "1") is None
    assert skeleton("1" + "+1" * 20_000) is None


@pytest.mark.budget(2.0)
def test_a_long_program_is_compared() -> None:
    one = "".join(f"value_{n} = other_{n} * {n}\n" for n in range(1500))
    assert 0.9 < likeness(one, one.replace("other_7 ", "another ")) < 1.0
