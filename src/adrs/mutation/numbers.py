"""numbers: operators on numbers: another literal, a scaled or shifted quantity, a second quantity, another operation."""

from __future__ import annotations

import ast
import math
import random

from adrs.core.program import expression
from adrs.mutation.infer import WHOLE
from adrs.mutation.scope import Site
from adrs.mutation.tidy import significant
from adrs.mutation.tree import clone, key, literal, number, path, short
from adrs.mutation.workbench import Workbench

SPREADS = (0.1, 0.3, 0.8)
_OPERATIONS: tuple[type[ast.operator], ...] = (ast.Add, ast.Sub, ast.Mult, ast.Div)


def const(bench: Workbench) -> str | None:
    """One literal moves by a log-normal factor, a small int by one; definitions of terms included, positions not."""
    sites = [site for site in bench.sites(protected=True) if tunable(site)]
    if not sites:
        return None
    site = bench.rng.choice(sites)
    old = literal(site.node) or 0
    new = moved(bench.rng, old, whole=site.kind in WHOLE)
    site.put(number(new))
    return f"{old:g} -> {new:g}"


def tunable(site: Site) -> bool:
    """Whether a literal may be moved: no zero, no index."""
    value = literal(site.node)
    return bool(value) and (site.kind == "number" or (site.kind == "count" and site.role == "call"))


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


def threshold(bench: Workbench) -> str | None:
    """A quantity inside a comparison, a sum, a key or a call is scaled or shifted by a constant."""
    sites = [site for site in bench.numbers() if site.role in ("compare", "sum", "key", "call")]
    if not sites:
        return None
    site = bench.rng.choice(sites)
    old = short(site.node)
    if bench.rng.random() < 0.7:
        new: ast.expr = ast.BinOp(number(bench.pool.factor(0.4)), ast.Mult(), site.node)
    else:
        new = ast.BinOp(site.node, ast.Add(), number(bench.rng.choice((-3, -2, -1, 1, 2, 3))))
    site.put(new)
    return f"{old} -> {short(new)}"


def combine(bench: Workbench) -> str | None:
    """A second quantity is added, subtracted or multiplied, with a coefficient at times."""
    sites = bench.numbers()
    if not sites:
        return None
    site = bench.rng.choice(sites)
    operation = bench.rng.choice((ast.Add, ast.Sub, ast.Mult))()
    like = None if isinstance(operation, ast.Mult) else site.node
    other = bench.pool.draw(site.function, site.bound, "number", like)
    if other is None:
        return None
    old = short(site.node)
    if bench.rng.random() < 0.4:
        other = ast.BinOp(number(bench.pool.factor(0.5)), ast.Mult(), other)
    new = ast.BinOp(site.node, operation, other)
    site.put(new)
    return f"{old} -> {short(new)}"


def arith(bench: Workbench) -> str | None:
    """Another operation: + - * /, min and max, floor and ceil, a sum as a max or min. Only known divisors divide."""
    divisors = {
        key(site.node.right): None
        for site in bench.sites(protected=True)
        if isinstance(site.node, ast.BinOp) and isinstance(site.node.op, ast.Div | ast.FloorDiv)
    }
    choices: list[tuple[Site, list[ast.expr]]] = []
    for site in bench.sites("number"):
        if others := _other_operations(site.node, divisors):
            choices.append((site, others))
    if not choices:
        return None
    site, others = bench.rng.choice(choices)
    new = bench.rng.choice(others)
    note = f"{short(site.node)} -> {short(new)}"
    site.put(new)
    return note


def _other_operations(node: ast.expr, divisors: dict[object, None]) -> list[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, _OPERATIONS):
        divides = literal(node.right) is not None or key(node.right) in divisors
        others: list[ast.expr] = [
            ast.BinOp(clone(node.left), operation(), clone(node.right))
            for operation in _OPERATIONS
            if not isinstance(node.op, operation) and (operation is not ast.Div or (divides and literal(node.right) != 0))
        ]
        if isinstance(node.op, ast.Add):
            others += [_call(name, [clone(node.left), clone(node.right)]) for name in ("max", "min")]
        return others
    if isinstance(node, ast.Call):
        swapped = {"min": "max", "max": "min", "math.floor": "math.ceil", "math.ceil": "math.floor"}.get(path(node.func) or "")
        if swapped:
            function = expression(swapped)
            return [ast.Call(function, clone(ast.Tuple(node.args, ast.Load())).elts, clone_keywords(node))]
    return []


def clone_keywords(node: ast.Call) -> list[ast.keyword]:
    """The keywords of a call, copied."""
    return [ast.keyword(keyword.arg, clone(keyword.value)) for keyword in node.keywords]


def _call(name: str, arguments: list[ast.expr]) -> ast.expr:
    return ast.Call(ast.Name(name, ast.Load()), arguments, [])
