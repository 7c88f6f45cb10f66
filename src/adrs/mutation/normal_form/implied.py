"""implied: drops comparisons of an `and` or `or` that another one of it implies.

x < 5 and x < 7     ->  x < 5
x < y or x <= y     ->  x <= y
"""

from __future__ import annotations

import ast
from typing import Any

from adrs.mutation.tree import key, literal, pure

_BELOW = (ast.Lt, ast.LtE)
_ABOVE = (ast.Gt, ast.GtE)


def without_implied(values: list[ast.expr], conjunction: bool) -> list[ast.expr]:
    """The operands of an `and` or `or` without comparisons that another operand implies.

    Args:
        conjunction: True for `and`, where the tighter comparison stays; False for `or`, where the looser one does.
    """
    kept: dict[Any, ast.expr] = {}
    for place, value in enumerate(values):
        name = _family(value)
        if name is None:
            kept["other", place] = value
        elif name not in kept or _tighter(value, kept[name]) == conjunction:
            kept[name] = value
    return list(kept.values())


def _family(node: ast.expr) -> Any:
    """What two comparisons must share so that one implies the other: left side, direction, and the right side unless it is a
    literal. None for other conditions."""
    if not (isinstance(node, ast.Compare) and len(node.ops) == 1 and pure(node)):
        return None
    direction = "below" if isinstance(node.ops[0], _BELOW) else "above" if isinstance(node.ops[0], _ABOVE) else None
    if direction is None:
        return None
    right = node.comparators[0]
    return (key(node.left), direction, "literal" if literal(right) is not None else key(right))


def _tighter(one: ast.expr, other: ast.expr) -> bool:
    """Whether `one` holds in fewer cases than `other` of the same family, or in the same cases."""
    if not (isinstance(one, ast.Compare) and isinstance(other, ast.Compare)):
        return False
    left, right = literal(one.comparators[0]) or 0, literal(other.comparators[0]) or 0
    if left != right:
        return left < right if isinstance(one.ops[0], _BELOW) else left > right
    return isinstance(one.ops[0], ast.Lt | ast.Gt)
