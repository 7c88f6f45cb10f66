"""fold: simplifies expressions: constants, double negations, repeated and absorbed operands, known conditions.

not not slack < 2                     ->  slack < 2
spot or (spot and slack < 1 + 1)      ->  spot
max(a, 3, max(a, b), 2)               ->  max(a, b, 3)
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Collection, Mapping
from typing import Any

from adrs.mutation.inference import Types
from adrs.mutation.normal_form.linear import clean
from adrs.mutation.tree import key, literal, number, path, pure, same

INVERSE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_ARITHMETIC: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_ROUNDING: dict[str, Callable[[float], float]] = {"math.floor": math.floor, "math.ceil": math.ceil, "abs": abs}


def inverse(node: ast.expr) -> ast.expr:
    """The negation of a condition; of a comparison it is the opposite comparison, without `not`."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return node.operand
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        return ast.Compare(node.left, [INVERSE[type(node.ops[0])]()], node.comparators)
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        return ast.Constant(not node.value)
    return ast.UnaryOp(ast.Not(), node)


class Fold(ast.NodeTransformer):
    """Folds one expression.

    Args:
        types: the kinds of its paths.
        facts: key of a condition -> its known value here.
        without: passes that are switched off.
    """

    def __init__(self, types: Types, facts: Mapping[Any, bool] | None = None, without: Collection[str] = ()) -> None:
        self.types = types
        self.facts = facts or {}
        self.folds = "fold" not in without
        self._truth = False

    def condition(self, node: ast.expr) -> ast.expr:
        """Fold an expression of which only the truth value is used, as in `if not not items`, where `items` does as well."""
        outer, self._truth = self._truth, True
        folded: ast.expr = self.visit(node)
        self._truth = outer
        while isinstance(folded, ast.UnaryOp) and isinstance(folded.op, ast.Not):
            inner = folded.operand
            if isinstance(inner, ast.UnaryOp) and isinstance(inner.op, ast.Not):
                folded = inner.operand
            elif isinstance(inner, ast.Compare) and len(inner.ops) == 1:
                folded = inverse(inner)
            else:
                break
        return folded

    def visit(self, node: ast.AST) -> Any:
        if isinstance(node, ast.expr) and self.facts and self._asks(node):
            known = self.facts.get(key(node))
            if known is not None:
                return ast.Constant(known)
        if not self.folds:
            return node
        outer = self._truth
        self._truth = outer and isinstance(node, ast.BoolOp)
        result = super().visit(node)
        self._truth = outer
        return result

    def _asks(self, node: ast.expr) -> bool:
        """Whether a known fact may replace `node`: outside of tests, a name that was tested may hold more than a bool."""
        return (self._truth or isinstance(node, ast.Compare)) and not isinstance(node, ast.Constant) and pure(node)

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        left, right = literal(node.left), literal(node.right)
        if isinstance(node.op, ast.Div) and right == 1 and self.types.of(node.left) == "number":
            return node.left
        if left is None or right is None or type(node.op) not in _ARITHMETIC:
            return node
        try:
            value = _ARITHMETIC[type(node.op)](left, right)
        except (ZeroDivisionError, OverflowError):
            return node
        return number(clean(value)) if math.isfinite(value) else node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        if not isinstance(node.op, ast.Not):
            self.generic_visit(node)
            if isinstance(node.op, ast.USub) and isinstance(node.operand, ast.UnaryOp) and literal(node) is not None:
                return number(literal(node) or 0)
            return node
        inner = self.condition(node.operand)
        if isinstance(inner, ast.UnaryOp) and isinstance(inner.op, ast.Not) and not self.types.certain(inner.operand):
            return ast.UnaryOp(ast.Not(), inner)
        return inverse(inner)

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        self.generic_visit(node)
        if len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq | ast.NotEq):
            right = node.comparators[0]
            texts = isinstance(node.left, ast.Constant) and isinstance(right, ast.Constant)
            if texts or (pure(node.left) and same(node.left, right)):
                return ast.Constant(same(node.left, right) == isinstance(node.ops[0], ast.Eq))
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        """Flatten, then drop neutral and repeated operands; `x or not x` and `x or True` are True, the like for `and`.

        `a and True` is `a` only where `a` is a bool or only its truth is used: `_truths` asks for that.
        """
        absorbing = isinstance(node.op, ast.Or)
        values: list[ast.expr] = []
        for value in node.values:
            folded: ast.expr = self.visit(value)
            values += folded.values if isinstance(folded, ast.BoolOp) and type(folded.op) is type(node.op) else [folded]
        kept: dict[Any, ast.expr] = {}
        for place, value in enumerate(values):
            if isinstance(value, ast.Constant) and isinstance(value.value, bool):
                if value.value == absorbing:
                    if all(pure(other) for other in kept.values()) and self._truths(list(kept.values())):
                        return value
                elif self._truths([*values[:place], *values[place + 1 :]]):
                    continue
            kept[key(value) if pure(value) else ("once", place)] = value
        for value in list(kept.values()):
            if self._truths([value]) and key(inverse(value)) in kept and all(map(pure, kept.values())):
                return ast.Constant(absorbing)
        left = self._absorbed(node, kept)
        if not left:
            return ast.Constant(not absorbing)
        return left[0] if len(left) == 1 else ast.BoolOp(node.op, left)

    def _absorbed(self, node: ast.BoolOp, kept: dict[Any, ast.expr]) -> list[ast.expr]:
        """The operands after absorption: `a or (a and b)` is `a`, `a and (a or b)` is `a`, `a or (not a and b)` is `a or b`."""
        left: list[ast.expr] = []
        for name, value in kept.items():
            if isinstance(value, ast.BoolOp) and type(value.op) is not type(node.op) and pure(value):
                others = {other for other in kept if other != name}
                if any(key(part) in others for part in value.values):
                    continue
                parts = [part for part in value.values if key(inverse(part)) not in others]
                if parts and len(parts) < len(value.values) and self._truths(value.values):
                    value = parts[0] if len(parts) == 1 else ast.BoolOp(value.op, parts)
            left.append(value)
        return left

    def _truths(self, values: list[ast.expr]) -> bool:
        """Whether the values may be treated as truth values."""
        return self._truth or all(self.types.certain(value) for value in values)

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        test = self.condition(node.test)
        body: ast.expr = self.visit(node.body)
        orelse: ast.expr = self.visit(node.orelse)
        if isinstance(test, ast.Constant):
            return body if test.value else orelse
        if pure(test) and same(body, orelse):
            return body
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            test, body, orelse = test.operand, orelse, body
        return ast.IfExp(test, body, orelse)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        name = path(node.func)
        if name in ("min", "max") and not node.keywords and len(node.args) > 1:
            return self._extreme(node, name)
        value = literal(node.args[0]) if len(node.args) == 1 and not node.keywords else None
        if value is not None and name in _ROUNDING:
            return number(_ROUNDING[name](value))
        return node

    def _extreme(self, node: ast.Call, name: str) -> ast.expr:
        """`min` and `max`: nested calls become one, repeated arguments go, literals become one, the last argument."""
        arguments: list[ast.expr] = []
        for argument in node.args:
            inner = isinstance(argument, ast.Call) and path(argument.func) == name and not argument.keywords
            arguments += argument.args if inner and len(argument.args) > 1 else [argument]  # type: ignore[attr-defined]
        if not all(pure(argument) for argument in arguments):
            return node
        numbers = [value for argument in arguments if (value := literal(argument)) is not None]
        kept = list({key(part): part for part in arguments if literal(part) is None}.values())
        if numbers:
            kept.append(number(min(numbers) if name == "min" else max(numbers)))
        if len(kept) == 1:
            return kept[0]
        return ast.Call(node.func, kept, [])
