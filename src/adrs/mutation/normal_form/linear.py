"""linear: writes sums as coefficients times parts plus a constant, and comparisons with a single part on the left.

    0.94 * slack - 2 - run_length - 2 < 4     ->  slack < 1.06 * run_length + 8.51
    2 * (a - b) + 3 * b                       ->  2 * a + b

Only expressions that are known to be numbers are rewritten: `x + "a"` stays.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from adrs.mutation.inference import Types
from adrs.mutation.tree import key, literal, number, pure, same

FLIPPED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.Gt,
    ast.Gt: ast.Lt,
    ast.LtE: ast.GtE,
    ast.GtE: ast.LtE,
    ast.Eq: ast.Eq,
    ast.NotEq: ast.NotEq,
}
_HOLDS: dict[type[ast.cmpop], Callable[[float], bool]] = {
    ast.Lt: lambda x: x < 0,
    ast.Gt: lambda x: x > 0,
    ast.LtE: lambda x: x <= 0,
    ast.GtE: lambda x: x >= 0,
    ast.Eq: lambda x: x == 0,
    ast.NotEq: lambda x: x != 0,
}


@dataclass
class Sum:
    """A sum: key of a part -> (coefficient, part), in order of appearance, and a constant."""

    parts: dict[Any, tuple[float, ast.expr]] = field(default_factory=dict)
    constant: float = 0.0

    def add(self, other: Sum, factor: float = 1.0) -> Sum:
        """This sum and `factor` times another."""
        for name, (coefficient, node) in other.parts.items():
            before = self.parts.get(name, (0.0, node))[0]
            self.parts[name] = (clean(before + factor * coefficient), node)
        self.constant = clean(self.constant + factor * other.constant)
        return self

    def settled(self) -> list[tuple[float, ast.expr]]:
        """The parts that did not cancel; a positive one comes first if there is one, so that no minus sign leads."""
        left = [(coefficient, node) for coefficient, node in self.parts.values() if coefficient]
        first = next((i for i, (coefficient, _) in enumerate(left) if coefficient > 0), 0)
        return [*left[first : first + 1], *left[:first], *left[first + 1 :]]


def clean(value: float) -> float:
    """A number without floating-point noise (12 digits), whole numbers as ints: 0.1 + 0.2 gives 0.3."""
    if not math.isfinite(value):
        return value
    value = float(f"{value:.12g}")
    return int(value) if value == int(value) and abs(value) < 1e15 else value


def collect(node: ast.expr, types: Types) -> Sum:
    """An expression as a sum; whatever is not arithmetic on numbers is one part of it.

    An impure part never merges with an equal one: two calls of `rng.random()` are two values."""
    value = literal(node)
    if value is not None and math.isfinite(value):
        return Sum(constant=clean(value))
    match node:
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right) if types.of(node) == "number":
            return collect(left, types).add(collect(right, types), 1.0 if isinstance(op, ast.Add) else -1.0)
        case ast.UnaryOp(op=ast.USub(), operand=operand) if types.of(operand) == "number":
            return Sum().add(collect(operand, types), -1.0)
        case ast.BinOp(left=left, op=ast.Mult(), right=right) if types.of(node) == "number":
            return _product(collect(left, types), collect(right, types))
    name: Any = key(node) if pure(node) else ("once", id(node))
    return Sum({name: (1, node)})


def _product(one: Sum, other: Sum) -> Sum:
    """A product as a sum: a constant factor is multiplied in, coefficients are drawn out; two true sums stay a product.

    `a * (2 * b)` is 2 times `a * b`; `(a + 1) * (b + 1)` is not multiplied out, or edits would make programs explode.
    """
    if not one.settled():
        return Sum().add(other, one.constant)
    if not other.settled():
        return Sum().add(one, other.constant)
    factor, sides = 1.0, []
    for side in (one, other):
        parts = side.settled()
        if len(parts) == 1 and not side.constant:
            factor *= parts[0][0]
            sides.append(parts[0][1])
        else:
            sides.append(build(parts, side.constant))
    node = ast.BinOp(sides[0], ast.Mult(), sides[1])
    return Sum({key(node) if pure(node) else ("once", id(node)): (clean(factor), node)})


def build(parts: list[tuple[float, ast.expr]], constant: float) -> ast.expr:
    """The expression of a sum: `c * x + y - z + constant`."""
    if not parts:
        return number(constant)
    if constant > 0 and all(coefficient < 0 for coefficient, _ in parts):
        result, rest, constant = number(constant), parts, 0
    else:
        coefficient, node = parts[0]
        result, rest = _scaled(abs(coefficient), node), parts[1:]
        if coefficient < 0:
            result = ast.BinOp(number(coefficient), ast.Mult(), node) if coefficient != -1 else ast.UnaryOp(ast.USub(), node)
    for coefficient, node in rest:
        result = ast.BinOp(result, ast.Add() if coefficient > 0 else ast.Sub(), _scaled(abs(coefficient), node))
    if constant:
        result = ast.BinOp(result, ast.Add() if constant > 0 else ast.Sub(), number(abs(constant)))
    return result


def _scaled(coefficient: float, node: ast.expr) -> ast.expr:
    return node if coefficient == 1 else ast.BinOp(number(coefficient), ast.Mult(), node)


class Linear(ast.NodeTransformer):
    """Puts every sum and every comparison of numbers into normal form, from the inside out."""

    def __init__(self, types: Types) -> None:
        self.types = types

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.op, ast.Add | ast.Sub | ast.Mult) and self.types.of(node) == "number":
            total = collect(node, self.types)
            return build(total.settled(), total.constant)
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.op, ast.USub) and literal(node) is None and self.types.of(node.operand) == "number":
            total = collect(node, self.types)
            return build(total.settled(), total.constant)
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        self.generic_visit(node)
        if len(node.ops) != 1 or type(node.ops[0]) not in FLIPPED:
            return node
        right = node.comparators[0]
        if "number" not in (left_kind := self.types.of(node.left), right_kind := self.types.of(right)):
            return node
        if not {left_kind, right_kind} <= {"number", "position", "count"}:
            return node
        return self._compared(node, collect(node.left, self.types).add(collect(right, self.types), -1.0))

    def _compared(self, node: ast.Compare, total: Sum) -> ast.expr:
        """The comparison `total ? 0` with positive coefficients on both sides and the constant on the right.

        A single part on the left gets the coefficient 1, so that `2 * a < 4` and `a < 2` are the same text.
        """
        parts, constant, operation = total.settled(), total.constant, type(node.ops[0])
        if not parts:
            return ast.Constant(bool(_HOLDS[operation](constant)))
        if all(coefficient < 0 for coefficient, _ in parts):
            parts, constant, operation = [(-c, n) for c, n in parts], -constant, FLIPPED[operation]
        left = [(c, n) for c, n in parts if c > 0]
        right = [(-c, n) for c, n in parts if c < 0]
        if len(left) == 1:
            scale = left[0][0]
            left, right = [(1, left[0][1])], [(clean(c / scale), n) for c, n in right]
            constant = clean(constant / scale)
        result = ast.Compare(build(left, 0), [operation()], [build(right, clean(-constant))])
        return node if same(result, node) else result
