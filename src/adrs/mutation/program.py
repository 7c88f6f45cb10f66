"""program: what holds for every program of a task, and one program opened for editing. It edits nothing itself."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from adrs.mutation.block import Surroundings
from adrs.mutation.infer import Kind, Types
from adrs.mutation.scope import Function, Map, scout
from adrs.mutation.terms import Entry
from adrs.mutation.tree import BUILTINS, bodies, every, functions, names_bound, names_left, shape
from adrs.mutation.units import Unit, Units


@dataclass(frozen=True)
class Cell:
    """A function in the tree: its name, its class, its arguments and its body."""

    name: str
    owner: str
    arguments: tuple[str, ...]
    body: list[ast.stmt]
    node: ast.AST


def cells(tree: ast.Module, around: Surroundings) -> list[Cell]:
    """The functions of a block, `__init__` included; the block itself when it lies inside a function."""
    if around.arguments is not None:
        return [Cell("", "", around.arguments, tree.body, tree)]
    owners = {id(inner): (node.name, ()) for node in every(tree) if isinstance(node, ast.ClassDef) for inner in node.body}
    closures = {id(inner): tuple(names_bound([node.args, *node.body])) for node in functions(tree) for inner in functions(node)}
    return [
        Cell(
            node.name,
            owners.get(id(node), ("", ()))[0],
            tuple(dict.fromkeys((*names_bound(node.args), *closures.get(id(node), ())))),
            node.body,
            node,
        )
        for node in functions(tree)
    ]


@dataclass(frozen=True)
class Limits:
    """How large and how deep a program may grow."""

    nodes: int
    depth: int = 5
    line: int = 120


@dataclass(frozen=True)
class Lore:
    """What the seed says of one function: kinds and units of its paths, what it returns, and paths to build with."""

    kinds: Mapping[str, Kind]
    units: Mapping[str, Unit]
    results: tuple[ast.expr, ...]
    paths: tuple[ast.expr, ...]
    returns: bool
    loose: frozenset[str] = frozenset()
    """Names that the seed itself may read unbound, as far as this analysis sees."""


@dataclass(frozen=True)
class Rules:
    """What holds for every program of a task.

    Args:
        around: what the block finds around it.
        entries: the terms, in declared order.
        lore: function name -> what the seed says of it.
        calls: function name -> kind of its answer.
        exact: literals of the seed and of the terms: they are never rounded.
        limits: how large a program may grow.
        gives: names that a block inside a function binds for the text after it.
    """

    around: Surroundings
    entries: tuple[Entry, ...]
    lore: Mapping[str, Lore]
    calls: Mapping[str, Kind]
    exact: frozenset[float]
    limits: Limits
    gives: frozenset[str] = frozenset()

    @property
    def outer(self) -> frozenset[str]:
        """Names that hold everywhere in the block."""
        return self.around.names | BUILTINS

    def offered(self, cell: Cell, tree: ast.Module) -> tuple[Entry, ...]:
        """The terms that may be used in a function: it has their arguments, and a place for their memory."""
        if not self.entries or cell.name == "__init__":
            return ()
        known = set(cell.arguments) | self.outer
        homes = {other.owner for other in cells(tree, self.around) if other.name == "__init__"}
        stored = _assignments(cell.body)
        found: list[Entry] = []
        for entry in self.entries:
            at_home = not entry.memory or (cell.owner in homes and cell.owner != "")
            own = stored.get(entry.name, entry.code)
            intact = own is entry.code or (own is not None and shape(own) == shape(entry.code))
            if entry.function in ("", cell.name) and at_home and intact and set(entry.reads) <= known:
                found.append(entry)
                known.add(entry.name)
        return tuple(found)


def _assignments(body: list[ast.stmt]) -> dict[str, ast.expr | None]:
    """Name -> what it is assigned, for those assigned once at the top of a body; None for all others that are assigned."""
    stored = [node.id for part in body for node in every(part) if isinstance(node, ast.Name) and _store(node)]
    counts = Counter(stored)
    found: dict[str, ast.expr | None] = dict.fromkeys(stored)
    for statement in body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if counts[name] == 1:
                found[name] = value
    return found


def _store(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Store | ast.Del)


class Program:
    """A block opened for editing: its tree, its functions with their kinds and units, and its places."""

    def __init__(self, tree: ast.Module, rules: Rules) -> None:
        self.tree = tree
        self.rules = rules
        self.offers: dict[str, tuple[Entry, ...]] = {}
        self.units: dict[str, Units] = {}
        self.functions: list[Function] = []
        for cell in cells(tree, rules.around):
            if cell.name != "__init__":
                self.functions.append(self._function(cell))
        self.memory = frozenset(entry.memory for entry in rules.entries if entry.memory)
        frozen = None
        if rules.around.arguments is None and (constants := _constants(tree)):
            frozen = Function("", "", (), constants, Types(ast.Module(constants, [])))
        self.places: Map = scout(self.functions, rules.outer | module_names(tree), self.memory, frozen)

    def _function(self, cell: Cell) -> Function:
        offered = self.rules.offered(cell, self.tree)
        lore = self.rules.lore.get(cell.name)
        kinds = {**(lore.kinds if lore else {}), **{entry.name: entry.kind for entry in offered}}
        units = {**(lore.units if lore else {}), **{entry.name: entry.unit for entry in offered if entry.unit is not None}}
        self.offers[cell.name] = offered
        self.units[cell.name] = Units(cell.node, units)
        types = Types(cell.node, kinds, self.rules.calls)
        return Function(cell.name, cell.owner, cell.arguments, cell.body, types, frozenset(e.name for e in offered))

    def offered(self, function: Function) -> tuple[Entry, ...]:
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
