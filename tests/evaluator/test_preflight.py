"""Preflight: good programs pass, others are told what to change, and no text takes the referee down or holds it up."""

from __future__ import annotations

import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adrs.core.failure import Foul
from adrs.core.imports import OFFERED
from adrs.evaluator.preflight import MAX_SOURCE, parse, preflight

FUNCTION = "def answer(wanted: float, size: float) -> float: ..."
CLASS = '''
class Policy:
    """Decides."""

    def __init__(self, settings: dict) -> None: ...
    def decide(self, observation: dict) -> str: ...
'''
GOOD = "def answer(wanted, size):\n    return wanted\n"


def foul(source: str, interface: str = FUNCTION, packages: tuple[str, ...] = ()) -> Foul:
    with pytest.raises(Foul) as caught:
        preflight(source, interface, packages)
    return caught.value


@pytest.mark.parametrize(
    "source",
    [
        GOOD,
        "def answer(wanted, size=1.0):\n    return wanted\n",
        "def answer(*numbers):\n    return numbers[0]\n",
        "def answer(wanted, size, extra=None, *, tuned=3):\n    return wanted\n",
        "answer = lambda wanted, size: wanted\n",
        "answer: object = max\n",
        "from operator import mul as answer\n",
        "try:\n    def answer(wanted, size): return wanted\nexcept Exception:\n    pass\n",
        "if True:\n    pass\nelse:\n    def answer(wanted, size): return wanted\n",
        f"import numpy as np, numpy.linalg\nfrom __future__ import annotations\n{GOOD}",
        f"import concurrent.futures\nfrom collections import abc\nimport kit\n{GOOD}",
    ],
)
def test_good_programs_pass(source: str) -> None:
    preflight(source, FUNCTION)


@pytest.mark.parametrize("module", OFFERED)
def test_what_is_offered_may_be_imported(module: str) -> None:
    preflight(f"import {module}\nfrom {module} import __name__\n{GOOD}", FUNCTION)


@pytest.mark.parametrize(
    ("source", "kind", "says"),
    [
        ("def answer(wanted, size)\n    return 1\n", "syntax", "line 1: expected ':'"),
        ("x = 1\n", "interface", "does not define the function answer"),
        (
            "def answer(wanted):\n    return 1\n",
            "interface",
            "line 1: answer must take (wanted: float, size: float), 2 arguments",
        ),
        ("def answer(wanted, size, more):\n    return 1\n", "interface", "2 arguments"),
        ("def answer(wanted, size, *, more):\n    return 1\n", "interface", "2 arguments"),
        ("async def answer(wanted, size):\n    return 1\n", "interface", "must be a plain function"),
        (f"import os\n{GOOD}", "interface", "line 1: os is not offered; offered: math"),
        (f"{GOOD}    import socket\n", "interface", "line 3: socket is not offered"),
        (f"import adrs.tasks\n{GOOD}", "interface", "adrs.tasks is not offered"),
        (f"from adrs import catalog\n{GOOD}", "interface", "adrs is not offered"),
        (f"from . import answer\n{GOOD}", "interface", ". is not offered"),
        (f"from ..evaluator import wire\n{GOOD}", "interface", "..evaluator is not offered"),
        (f"import scipy\n{GOOD}", "interface", "scipy is not offered"),
    ],
)
def test_what_is_wrong_is_named(source: str, kind: str, says: str) -> None:
    caught = foul(source)
    assert caught.kind == kind
    assert says in caught.reason


def test_a_class_needs_its_methods() -> None:
    preflight("class Policy:\n    def decide(self, observation): return 'SPOT'\n", CLASS)
    preflight("class Base: ...\nclass Policy(Base):\n    pass\n", CLASS)
    assert "class Policy" in foul("def decide(observation): ...", CLASS).reason
    assert "function Policy.decide" in foul("class Policy:\n    pass\n", CLASS).reason
    assert (
        "Policy.decide must take (self, observation: dict)"
        in foul("class Policy:\n    def decide(self): return 1\n", CLASS).reason
    )


def test_packages_of_a_task_may_be_imported_lazy_parts_included() -> None:
    preflight(f"import scipy.optimize\n{GOOD}", FUNCTION, ("scipy",))
    assert "scipyx is not offered" in foul(f"import scipyx\n{GOOD}", packages=("scipy",)).reason


def full(piece: str) -> str:
    return piece * ((MAX_SOURCE - 100) // len(piece))


HOSTILE = {
    "nul": "x = 1\0",
    "surrogate": "x = '\ud800'",
    "100 MB": "x" * 10**8,
    "too long": "#" * (MAX_SOURCE + 1),
    "too long in bytes": "#" + "€" * (MAX_SOURCE // 2),
    "parentheses": "(" * 100_000 + ")" * 100_000,
    "minus": "x = " + "-" * 200_000 + "1",
    "not": "x = " + "not " * 60_000 + "1",
    "lambda": "x = " + "lambda: " * 30_000 + "1",
    "attributes": "x = a" + ".a" * 120_000,
    "calls": "x = a" + "()" * 120_000,
    "sum": "x = " + "1+" * 120_000 + "1",
    "power": "x = " + "1**" * 80_000 + "1",
    "ternary": "x = " + "1 if 1 else " * 20_000 + "1",
    "elif": "if 1:\n pass\n" + full("elif 1:\n pass\n"),
    "integer": "x = " + "9" * 250_000,
    "f-strings": "x = " + 'f"{' * 200 + "1" + '}"' * 200,
    "unclosed": '"""' + full("a"),
    "indentation": "\n".join(" " * level + "if 1:" for level in range(400)),
    "missing comma": "f(" + "a=1, " * 50_000 + "a b)",
    "nested error": "f(" * 90 + "a b" + ")" * 90,
    "pattern": "match x:\n case " + "[" * 10_000 + "]" * 10_000 + ": pass",
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.budget(2.0)
def test_hostile_text_is_a_syntax_foul(name: str) -> None:
    caught = foul(HOSTILE[name])
    assert caught.kind == "syntax"
    assert caught.reason.isprintable()
    assert len(caught.reason) < 300


@pytest.mark.budget(4.0)
@pytest.mark.parametrize("piece", ["a\n", "a;", "x = [1, 2]\n", "@a\n", "x[:,:,:]\n", "1 < 2\n", "\\\n", "\x0c"])
def test_the_longest_legal_texts_are_parsed(piece: str) -> None:
    assert foul(full(piece)).kind in {"interface", "syntax"}


def test_constants_are_not_computed() -> None:
    preflight(f"x = 10**10**10\ny = 'a' * 10**12\nz = [0] * 10**12\n{GOOD}", FUNCTION)


def test_names_in_messages_are_clean() -> None:
    reason = foul("import a" + "b" * 10_000 + f"\n{GOOD}").reason
    assert "characters cut" in reason
    assert foul("x = '\x1b[31m\n").reason.isprintable()


def test_warnings_of_a_program_are_not_ours() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        parse("x = '\\d'\ny = 1or 2\nassert (1, 'x')\nz = 1 is 1\n")


@given(st.text(max_size=200))
def test_any_text_parses_or_is_a_foul(text: str) -> None:
    try:
        parse(text)
    except Foul as caught:
        kind = caught.kind
        assert kind == "syntax"
