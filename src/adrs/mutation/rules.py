"""rules: what holds for every program of a task: its functions, its terms and how large it may grow. It reads no program.

`reading.py` makes the rules from the task's start program, its terms and its kit.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from adrs.mutation.block import Surroundings
from adrs.mutation.inference import Kind
from adrs.mutation.terms import ParsedTerm
from adrs.mutation.tree import BUILTINS, every, functions, names_bound, shape
from adrs.mutation.units import Unit

PASSES = ("units", "linear", "flow", "fold")
"""What can be switched off to measure what it is good for: the care for units, and three passes of the normal form."""


@dataclass(frozen=True)
class Scope:
    """A function in the tree: its name, its class, its arguments and its body."""

    name: str
    owner: str
    arguments: tuple[str, ...]
    body: list[ast.stmt]
    node: ast.AST


def scopes(tree: ast.Module, around: Surroundings) -> list[Scope]:
    """The functions of a block, `__init__` included; the block itself when it lies inside a function."""
    if around.arguments is not None:
        return [Scope("", "", around.arguments, tree.body, tree)]
    owners = {id(inner): (node.name, ()) for node in every(tree) if isinstance(node, ast.ClassDef) for inner in node.body}
    closures = {id(inner): tuple(names_bound([node.args, *node.body])) for node in functions(tree) for inner in functions(node)}
    return [
        Scope(
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
class FunctionRules:
    """What the start program shows of one function.

    Args:
        kinds, units: of its access paths.
        results: expressions that a new guard may return.
        paths: access paths to build with.
        returns: whether every path through it ends in a return.
        unbound: names that the start program itself may read unbound, as far as this analysis sees.
    """

    kinds: Mapping[str, Kind]
    units: Mapping[str, Unit]
    results: tuple[ast.expr, ...]
    paths: tuple[ast.expr, ...]
    returns: bool
    unbound: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Rules:
    """What holds for every program of a task.

    Args:
        around: the text around the block.
        terms: in declared order.
        functions: name -> what the start program shows of it.
        calls: function name -> kind of its answer.
        kept_literals: literals of the start program and of the terms, which are never rounded.
        limits: how large a program may grow.
        needed_after: names that a block inside a function binds for the text after it.
        without: of `PASSES`, what is switched off; for the ablation bench.
    """

    around: Surroundings
    terms: tuple[ParsedTerm, ...]
    functions: Mapping[str, FunctionRules]
    calls: Mapping[str, Kind]
    kept_literals: frozenset[float]
    limits: Limits
    needed_after: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()

    @property
    def outer(self) -> frozenset[str]:
        """Names that hold everywhere in the block."""
        return self.around.names | BUILTINS

    def offered(self, scope: Scope, tree: ast.Module) -> tuple[ParsedTerm, ...]:
        """The terms that may be used in a function: it has their arguments, and a place for their memory.

        A name that the program assigns otherwise than the term does is not offered: the term's definition would overwrite it.
        """
        if not self.terms or scope.name == "__init__":
            return ()
        known = set(scope.arguments) | self.outer
        homes = {other.owner for other in scopes(tree, self.around) if other.name == "__init__"}
        stored = _assignments(scope.body)
        found: list[ParsedTerm] = []
        for term in self.terms:
            at_home = not term.memory or (scope.owner in homes and scope.owner != "")
            own = stored.get(term.name, term.code)
            intact = own is term.code or (own is not None and shape(own) == shape(term.code))
            if term.function in ("", scope.name) and at_home and intact and set(term.reads) <= known:
                found.append(term)
                known.add(term.name)
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
