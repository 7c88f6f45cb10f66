"""units: units of measure, inferred without declarations by unification in the free Abelian group (Kennedy 1994).

A unit is a product of symbols with exponents. Every access path starts with a symbol of its own; sums, comparisons and
assignments make units equal:

    time_left = (self.job["deadline_s"] - obs["elapsed_s"]) / self.job["tick_s"]

gives both times in the numerator the same unit s, and `time_left` the unit s / t where t is the unit of `tick_s`. So seconds
are told apart from ticks. A unit of None fits everything: literals have it, and whatever this analysis does not understand.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

from adrs.mutation.tree import every, literal, path

Unit = tuple[tuple[str, int], ...]
"""Symbols with exponents, sorted by symbol; () is a pure number such as a share."""


def declared(name: str) -> Unit:
    """The unit of a term that declares it by name: "ticks", "share"."""
    return () if name == "share" else ((f"!{name}", 1),)


def times(one: Unit, other: Unit, power: int = 1) -> Unit:
    """one * other ** power."""
    exponents = dict(one)
    for symbol, exponent in other:
        exponents[symbol] = exponents.get(symbol, 0) + power * exponent
    return tuple(sorted((symbol, exponent) for symbol, exponent in exponents.items() if exponent))


class Units:
    """The units of the paths in one function.

    Args:
        function: the function, or a module.
        known: path -> unit, from terms and from the start program.
    """

    def __init__(self, function: ast.AST, known: Mapping[str, Unit] | None = None) -> None:
        self._known = dict(known or {})
        self._bound: dict[str, Unit] = {}
        nodes = [node for node in every(function) if isinstance(node, ast.Assign | ast.Compare | ast.BinOp | ast.Call)]
        for node in nodes:
            self._learn(node)

    def of(self, node: ast.AST | None) -> Unit | None:
        """The unit of an expression; None fits everything."""
        if literal(node) is not None:
            return None
        if (name := path(node)) is not None:
            return self._resolve(self._known.get(name, ((name, 1),)))
        match node:
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self.of(operand)
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=right):
                unit = self.of(left)
                return self.of(right) if unit is None else unit
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                return self._product(left, right, 1)
            case ast.BinOp(left=left, op=ast.Div() | ast.FloorDiv(), right=right):
                return self._product(left, right, -1)
            case (
                ast.Call(func=ast.Name(id="min" | "max" | "abs" | "round" | "int" | "float"), args=arguments)
                | ast.Call(func=ast.Attribute(value=ast.Name(id="math"), attr="floor" | "ceil" | "fabs"), args=arguments)
            ):
                return next((unit for part in arguments if (unit := self.of(part)) is not None), None)
            case ast.IfExp(body=body, orelse=orelse):
                unit = self.of(body)
                return self.of(orelse) if unit is None else unit
        return None

    def agree(self, one: ast.AST, other: ast.AST) -> bool:
        """Whether two expressions may be added or compared."""
        left, right = self.of(one), self.of(other)
        return left is None or right is None or left == right

    def _product(self, left: ast.expr, right: ast.expr, power: int) -> Unit | None:
        one, other = self.of(left), self.of(right)
        if one is None and other is None:
            return None
        return times(one or (), other or (), power)

    def _resolve(self, unit: Unit) -> Unit:
        while any(symbol in self._bound for symbol, _ in unit):
            result: Unit = ()
            for symbol, exponent in unit:
                result = times(result, self._bound.get(symbol, ((symbol, 1),)), exponent)
            unit = result
        return unit

    def _unify(self, one: Unit | None, other: Unit | None) -> None:
        """Make two units equal by solving one / other = 1 for one symbol that is free; if none is, they stay different.

        Only symbols with exponent 1 or -1 are solved for, since others would need roots. Contradictions are not errors:
        programs of a search compare what does not fit, and then the first use decides.
        """
        if one is None or other is None:
            return
        rest = times(self._resolve(one), self._resolve(other), -1)
        symbol = next(
            (s for s, exponent in rest if abs(exponent) == 1 and not s.startswith("!") and s not in self._known), None
        )
        if symbol is not None:
            exponent = dict(rest)[symbol]
            others: Unit = tuple(pair for pair in rest if pair[0] != symbol)
            self._bound[symbol] = times((), others, -exponent)

    def _learn(self, node: ast.AST) -> None:
        match node:
            case ast.Assign(targets=[target], value=value) if path(target) is not None:
                self._unify(self.of(target), self.of(value))
            case ast.Compare(left=left, comparators=others):
                for other in others:
                    self._unify(self.of(left), self.of(other))
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=right):
                self._unify(self.of(left), self.of(right))
            case ast.Call(func=ast.Name(id="min" | "max"), args=[first, *others]):
                for other in others:
                    self._unify(self.of(first), self.of(other))
