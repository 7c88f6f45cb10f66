"""conditions: operators on conditions: fewer or more operands, another comparison, a negation."""

from __future__ import annotations

import ast

from adrs.mutation.edit import Edit
from adrs.mutation.ingredients import COMPARISONS
from adrs.mutation.normal_form.fold import inverse
from adrs.mutation.tree import short


def dropcond(edit: Edit) -> str | None:
    """Drop one operand of an `and` or an `or`: `spot and slack < 2` -> `spot`."""
    sites = [(site, site.node) for site in edit.sites() if isinstance(site.node, ast.BoolOp)]
    if not sites:
        return None
    site, node = edit.rng.choice(sites)
    gone = edit.rng.randrange(len(node.values))
    note = f"without {short(node.values[gone])}"
    left = [value for place, value in enumerate(node.values) if place != gone]
    site.put(left[0] if len(left) == 1 else ast.BoolOp(node.op, left))
    return note


def compare(edit: Edit) -> str | None:
    """Change a comparison operator: `slack < 2` -> `slack >= 2`."""
    nodes = [site.node for site in edit.sites() if isinstance(site.node, ast.Compare) and len(site.node.ops) == 1]
    if not nodes:
        return None
    node = edit.rng.choice(nodes)
    old = short(node)
    if isinstance(node.ops[0], COMPARISONS):
        node.ops[0] = edit.rng.choice([op for op in COMPARISONS if not isinstance(node.ops[0], op)])()
    else:
        opposite = inverse(node)
        if isinstance(opposite, ast.Compare):
            node.ops = opposite.ops
    return f"{old} -> {short(node)}"


def narrow(edit: Edit) -> str | None:
    """Make a condition hold in fewer cases: `spot` -> `spot and slack < 30`."""
    return _joined(edit, ast.And())


def widen(edit: Edit) -> str | None:
    """Make a condition hold in more cases: `slack < 2` -> `slack < 2 or not spot`."""
    return _joined(edit, ast.Or())


def _joined(edit: Edit, operation: ast.boolop) -> str | None:
    sites = edit.tests()
    if not sites:
        return None
    site = edit.rng.choice(sites)
    other = edit.ingredients.condition(site.function, site.bound)
    if other is None:
        return None
    word = "and" if isinstance(operation, ast.And) else "or"
    note = f"{short(site.node)} {word} {short(other)}"
    site.put(ast.BoolOp(operation, [site.node, other]))
    return note


def negate(edit: Edit) -> str | None:
    """Negate a bool: `if spot` -> `if not spot`."""
    sites = list(edit.sites("bool"))
    if not sites:
        return None
    site = edit.rng.choice(sites)
    new = inverse(site.node)
    note = f"{short(site.node)} -> {short(new)}"
    site.put(new)
    return note
