"""program: one program opened for editing: its tree, its functions with their kinds and units, and its places."""

from __future__ import annotations

import ast

from adrs.mutation.inference import Types
from adrs.mutation.places import Function, Places, find_places
from adrs.mutation.rules import Rules, Scope, scopes
from adrs.mutation.terms import ParsedTerm
from adrs.mutation.tree import bodies, every, names_left
from adrs.mutation.units import Units


class Program:
    """A block opened for editing. It shows the tree as it was when opened: after an edit, open it again."""

    def __init__(self, tree: ast.Module, rules: Rules) -> None:
        self.tree = tree
        self.rules = rules
        self.offers: dict[str, tuple[ParsedTerm, ...]] = {}
        self.units: dict[str, Units] = {}
        self.functions: list[Function] = []
        for scope in scopes(tree, rules.around):
            if scope.name != "__init__":
                self.functions.append(self._function(scope))
        self.memory = frozenset(term.memory for term in rules.terms if term.memory)
        literals_only = None
        if rules.around.arguments is None and (constants := _constants(tree)):
            literals_only = Function("", "", (), constants, Types(ast.Module(constants, [])))
        self.places: Places = find_places(self.functions, rules.outer | module_names(tree), self.memory, literals_only)

    def _function(self, scope: Scope) -> Function:
        offered = self.rules.offered(scope, self.tree)
        shown = self.rules.functions.get(scope.name)
        kinds = {**(shown.kinds if shown else {}), **{term.name: term.kind for term in offered}}
        units = {**(shown.units if shown else {}), **{term.name: term.unit for term in offered if term.unit is not None}}
        self.offers[scope.name] = offered
        self.units[scope.name] = Units(scope.node, units)
        types = Types(scope.node, kinds, self.rules.calls)
        names = frozenset(term.name for term in offered)
        return Function(scope.name, scope.owner, scope.arguments, scope.body, types, names)

    def offered(self, function: Function) -> tuple[ParsedTerm, ...]:
        """The terms on offer in a function."""
        return self.offers[function.name]


def _constants(tree: ast.Module) -> list[ast.stmt]:
    """The assignments at the top of the block and of its classes."""
    homes = [tree.body, *(node.body for node in every(tree) if isinstance(node, ast.ClassDef))]
    return [statement for body in homes for statement in body if isinstance(statement, ast.Assign | ast.AnnAssign)]


def module_names(tree: ast.Module) -> frozenset[str]:
    """Names that the block itself binds at its top level."""
    found: dict[str, None] = {}
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            found[statement.name] = None
        elif not any(bodies(statement)):
            found.update(names_left(statement))
    return frozenset(found)
