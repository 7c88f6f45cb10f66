"""expressions: operators on whole expressions: another of its kind, one of its own parts, another string, a richer sort key."""

from __future__ import annotations

import ast

from adrs.mutation.edit import Edit
from adrs.mutation.ingredients import strings
from adrs.mutation.places import Site
from adrs.mutation.tree import clone, every, number, same, short

KINDS = ("number", "position", "count", "bool", "str", "list")


def expr(edit: Edit) -> str | None:
    """Replace an expression by another of its kind: `slack < 2` -> `time_left < 2`."""
    sites = [site for site in edit.sites() if site.kind in KINDS and not text(site.node)]
    if not sites:
        return None
    site = edit.rng.choice(sites)
    new = edit.ingredients.draw(site.function, site.bound, site.kind, site.node)
    if new is None or same(new, site.node):
        return None
    note = f"{short(site.node)} -> {short(new)}"
    site.put(new)
    return note


def text(node: ast.expr) -> bool:
    """Whether a node is a string literal."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def parts(edit: Edit, site: Site) -> list[ast.expr]:
    """The parts of an expression that are of its own kind."""
    inside = {id(node) for node in every(site.node) if node is not site.node}
    return [other.node for other in edit.sites(site.kind) if id(other.node) in inside and not _local(other, site)]


def _local(inner: Site, outer: Site) -> bool:
    """Whether a part stands where a comprehension or a lambda has bound more names than hold outside."""
    return inner.bound != outer.bound


def hoist(edit: Edit) -> str | None:
    """Replace an expression by a part of it of the same kind, or an `if` by its body: `a - b` -> `a`."""
    choices = [(site, inner) for site in edit.sites() if site.kind in KINDS for inner in parts(edit, site)]
    branches = [line for line in edit.lines() if isinstance(line.statement, ast.If)]
    if not choices and not branches:
        return None
    pick = edit.rng.randrange(len(choices) + len(branches))
    if pick < len(choices):
        site, inner = choices[pick]
        note = f"{short(site.node)} -> {short(inner)}"
        site.put(inner)
        return note
    line = branches[pick - len(choices)]
    statement = line.statement
    if not isinstance(statement, ast.If):
        return None
    line.body[line.index : line.index + 1] = statement.body
    return f"without {short(statement)}"


def choice(edit: Edit) -> str | None:
    """Replace a string literal by another one of the block: `return "NONE"` -> `return "SPOT"`."""
    known = strings(edit.program)
    sites = [site for site in edit.sites() if text(site.node)]
    if not sites or len(known) < 2:
        return None
    site = edit.rng.choice(sites)
    old = str(site.node.value) if isinstance(site.node, ast.Constant) else ""
    new = edit.rng.choice([one for one in known if one != old])
    site.put(ast.Constant(new))
    return f"{old} -> {new}"


def key(edit: Edit) -> str | None:
    """Give a sort key a tie-break or a weighted second term: `key=lambda j: size[j]` -> `key=lambda j: (size[j], load[j])`."""
    sites = [site for site in edit.sites("number") if site.role == "key" and isinstance(site.owner, ast.Lambda)]
    if not sites:
        return None
    site = edit.rng.choice(sites)
    other = edit.ingredients.draw(site.function, site.bound, "number")
    if other is None:
        return None
    old = short(site.node)
    if edit.rng.random() < 0.5:
        new: ast.expr = ast.Tuple([site.node, other], ast.Load())
    else:
        new = ast.BinOp(site.node, ast.Add(), ast.BinOp(number(edit.ingredients.factor(0.5)), ast.Mult(), clone(other)))
    site.put(new)
    return f"{old} -> {short(new)}"
