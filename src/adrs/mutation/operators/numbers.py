"""numbers: operators on numbers: a literal moved, a quantity scaled or shifted, a second quantity, another operation."""

from __future__ import annotations

import ast

from adrs.core.program import expression
from adrs.mutation.edit import Edit
from adrs.mutation.inference import WHOLE
from adrs.mutation.literals import moved, tunable
from adrs.mutation.places import Site
from adrs.mutation.tree import clone, key, literal, number, path, short

_OPERATIONS: tuple[type[ast.operator], ...] = (ast.Add, ast.Sub, ast.Mult, ast.Div)


def const(edit: Edit) -> str | None:
    """Move one literal by a log-normal factor, a small int by one: `slack < 2` -> `slack < 3`.

    Literals in definitions of terms are included, positions in subscripts are not.
    """
    sites = [site for site in edit.sites(protected=True) if tunable(site)]
    if not sites:
        return None
    site = edit.rng.choice(sites)
    old = literal(site.node) or 0
    new = moved(edit.rng, old, whole=site.kind in WHOLE)
    site.put(number(new))
    return f"{old:g} -> {new:g}"


def threshold(edit: Edit) -> str | None:
    """Scale or shift a quantity in a comparison, sum, sort key or call: `slack < 2` -> `1.3 * slack < 2`."""
    sites = [site for site in edit.numbers() if site.role in ("compare", "sum", "key", "call")]
    if not sites:
        return None
    site = edit.rng.choice(sites)
    old = short(site.node)
    if edit.rng.random() < 0.7:
        new: ast.expr = ast.BinOp(number(edit.ingredients.factor(0.4)), ast.Mult(), site.node)
    else:
        new = ast.BinOp(site.node, ast.Add(), number(edit.rng.choice((-3, -2, -1, 1, 2, 3))))
    site.put(new)
    return f"{old} -> {short(new)}"


def combine(edit: Edit) -> str | None:
    """Add, subtract or multiply a second quantity: `slack < 2` -> `slack - 0.4 * work_left < 2`."""
    sites = edit.numbers()
    if not sites:
        return None
    site = edit.rng.choice(sites)
    operation = edit.rng.choice((ast.Add, ast.Sub, ast.Mult))()
    like = None if isinstance(operation, ast.Mult) else site.node
    other = edit.ingredients.draw(site.function, site.bound, "number", like)
    if other is None:
        return None
    old = short(site.node)
    if edit.rng.random() < 0.4:
        other = ast.BinOp(number(edit.ingredients.factor(0.5)), ast.Mult(), other)
    new = ast.BinOp(site.node, operation, other)
    site.put(new)
    return f"{old} -> {short(new)}"


def arith(edit: Edit) -> str | None:
    """Change an operation: + - * /, min and max, floor and ceil, a sum to a max or min: `a + b` -> `max(a, b)`.

    A new division only has a divisor that the program divides by already: others may be 0 at times.
    """
    divisors = {
        key(site.node.right): None
        for site in edit.sites(protected=True)
        if isinstance(site.node, ast.BinOp) and isinstance(site.node.op, ast.Div | ast.FloorDiv)
    }
    choices: list[tuple[Site, list[ast.expr]]] = []
    for site in edit.sites("number"):
        if others := _other_operations(site.node, divisors):
            choices.append((site, others))
    if not choices:
        return None
    site, others = edit.rng.choice(choices)
    new = edit.rng.choice(others)
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
    """Copies of the keywords of a call."""
    return [ast.keyword(keyword.arg, clone(keyword.value)) for keyword in node.keywords]


def _call(name: str, arguments: list[ast.expr]) -> ast.expr:
    return ast.Call(ast.Name(name, ast.Load()), arguments, [])
