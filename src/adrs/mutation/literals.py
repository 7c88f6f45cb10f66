"""literals: the numbers written in a program, as a vector that can be read, moved and filled in again."""

from __future__ import annotations

import ast
import math
import random
from collections.abc import Hashable, Sequence

from adrs.mutation.block import open_block
from adrs.mutation.inference import WHOLE
from adrs.mutation.normal_form.rounding import significant
from adrs.mutation.places import Site
from adrs.mutation.program import Program
from adrs.mutation.rules import Rules
from adrs.mutation.tree import every, key, literal, number

SPREADS = (0.1, 0.3, 0.8)
"""Standard deviations of a step on the logarithmic scale: fine, usual, wide."""


def literals(tree: ast.AST) -> list[float]:
    """All numbers that are written in a tree."""
    return [float(value) for node in every(tree) if (value := literal(node)) is not None]


def _sites(program: Program) -> list[Site]:
    return [site for site in program.places.sites if tunable(site)]


def tunable(site: Site) -> bool:
    """Whether a literal may be moved: no zero, no index."""
    value = literal(site.node)
    return bool(value) and (site.kind == "number" or (site.kind == "count" and site.role == "call"))


def vector(source: str, rules: Rules) -> list[float]:
    """The literals that may be tuned, in the order of the text: no zero, no index, none of `__init__`."""
    return [literal(site.node) or 0 for site in _sites(Program(open_block(source)[1], rules))]


def filled(source: str, values: Sequence[float], rules: Rules) -> str:
    """The program with other literals; those that count or index stay whole."""
    block, tree = open_block(source)
    for site, value in zip(_sites(Program(tree, rules)), values, strict=True):
        site.put(number(max(1, round(value)) if site.kind in WHOLE else significant(value)))
    return block.fill(tree)


def shape_of(source: str, rules: Rules) -> Hashable:
    """A key that is equal for programs that differ in their tunable literals only; None for a text that does not parse."""
    try:
        tree = open_block(source)[1]
    except SyntaxError:
        return None
    for site in _sites(Program(tree, rules)):
        site.put(number(1))
    shape: Hashable = key(tree)
    return shape


def moved(rng: random.Random, old: float, whole: bool, flips: float = 0.05) -> float:
    """A neighbour of a literal, never the same, never 0.

    Args:
        whole: it stays an int of at least 1.
        flips: chance of another sign.
    """
    if isinstance(old, int) and abs(old) <= 4:
        near = old + rng.choice((-1, 1))
        return near if near else old * 2
    for _ in range(8):
        factor = math.exp(rng.gauss(0, rng.choice(SPREADS)))
        new = significant(old * factor) if not whole else max(1, round(old * factor))
        if not whole and rng.random() < flips:
            new = -new
        if new not in (old, 0):
            return new
    return old + 1
