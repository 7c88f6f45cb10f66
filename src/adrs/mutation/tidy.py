"""tidy: every program is put into one plain form before it is handed over; what it computes stays the same but for rounding."""

from __future__ import annotations

import ast
import math
from collections.abc import Collection
from functools import partial

from adrs.mutation.flow import Flow, drop_unread
from adrs.mutation.fold import Fold
from adrs.mutation.infer import Types
from adrs.mutation.linear import Linear
from adrs.mutation.program import Rules, cells
from adrs.mutation.scope import defines
from adrs.mutation.terms import define, remember
from adrs.mutation.tree import key, literal, number

ROUNDS = 4


def tidy(tree: ast.Module, rules: Rules, digits: int | None = 3) -> bool:
    """Tidy a block in place, to a fixed point.

    Args:
        digits: significant digits of the literals that are not the seed's; None leaves them as they are.

    Returns:
        Whether a fixed point was reached; if not, the program had better be thrown away.
    """
    before = key(tree)
    for _ in range(ROUNDS):
        once(tree, rules, digits)
        after = key(tree)
        if after == before:
            return True
        before = after
    return False


def once(tree: ast.Module, rules: Rules, digits: int | None) -> None:
    """One round over all functions of a block."""
    memories: dict[str, None] = {}
    keep = frozenset(rules.around.used if rules.around.arguments is not None else ())
    memory = [entry.memory for entry in rules.entries if entry.memory]
    all_cells = cells(tree, rules.around)
    for cell in all_cells:
        if cell.name == "__init__":
            continue
        offered = rules.offered(cell, tree)
        lore = rules.lore.get(cell.name)
        kinds = {**(lore.kinds if lore else {}), **{entry.name: entry.kind for entry in offered}}
        types = Types(cell.node, kinds, rules.calls)
        defining = partial(defines, terms=[entry.name for entry in offered], memory=memory)
        normalise([statement for statement in cell.body if not defining(statement)], types)
        Flow(types, defining).clean(cell.body)
        memories.update(dict.fromkeys(define(cell.body, offered, keep)))
        drop_unread(cell.node, cell.body, keep)
    for cell in all_cells:
        if cell.name == "__init__":
            remember(cell.body, rules.entries, memories)
    if digits is not None:
        Round(rules.exact, digits).visit(tree)


def normalise(body: list[ast.stmt], types: Types) -> None:
    """Fold every expression and put its sums and comparisons into linear normal form."""
    linear, fold = Linear(types), Fold(types)

    def look(node: ast.AST) -> None:
        for name, value in ast.iter_fields(node):
            if isinstance(value, ast.expr) and name not in ("annotation", "target", "returns"):
                setattr(node, name, linear.visit(fold.visit(value)))
            elif isinstance(value, list) and name not in ("targets", "decorator_list"):
                for index, part in enumerate(value):
                    if isinstance(part, ast.expr):
                        value[index] = linear.visit(fold.visit(part))
                    elif isinstance(part, ast.stmt | ast.excepthandler | ast.match_case):
                        look(part)

    for statement in body:
        if not isinstance(statement, ast.FunctionDef | ast.ClassDef):
            look(statement)


class Round(ast.NodeTransformer):
    """Literals to a few significant digits, whole floats as ints; those of the seed and of the terms are left alone."""

    def __init__(self, exact: Collection[float], digits: int) -> None:
        self.exact = exact
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
        return value if value in self.exact or abs(value) in self.exact else significant(value, self.digits)


def significant(value: float, digits: int = 3) -> float:
    """`value` to so many significant digits, as an int when it is whole."""
    if not math.isfinite(value):
        return value
    rounded = float(f"{value:.{digits}g}")
    return int(rounded) if rounded == int(rounded) else rounded
