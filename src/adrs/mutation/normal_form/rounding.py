"""rounding: literals with a few significant digits. Which ones may be rounded is for the rules to say."""

from __future__ import annotations

import ast
import math
from collections.abc import Collection

from adrs.mutation.tree import literal, number


class Round(ast.NodeTransformer):
    """Rounds the literals of a tree to a few significant digits, whole floats to ints; those in `kept` stay as they are.

    `slack < 7.63218` becomes `slack < 7.63`, `x > 12.0` becomes `x > 12`.
    """

    def __init__(self, kept: Collection[float], digits: int) -> None:
        self.kept = kept
        self.digits = digits

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        value = literal(node)
        if value is None:
            self.generic_visit(node)
            return node
        return number(self._rounded(value))

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        value = literal(node)
        if value is None:
            return node
        return node if (rounded := self._rounded(value)) == value and type(rounded) is type(value) else number(rounded)

    def _rounded(self, value: float) -> float:
        return value if value in self.kept or abs(value) in self.kept else significant(value, self.digits)


def significant(value: float, digits: int = 3) -> float:
    """`value` rounded to so many significant digits, as an int when it is whole."""
    if not math.isfinite(value):
        return value
    rounded = float(f"{value:.{digits}g}")
    return int(rounded) if rounded == int(rounded) else rounded
