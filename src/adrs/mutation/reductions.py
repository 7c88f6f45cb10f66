"""reductions: a program made smaller by one node at a time. Which reductions keep the score is for a search to find out."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace

from adrs.mutation.block import open_block
from adrs.mutation.check import finished
from adrs.mutation.literals import literals
from adrs.mutation.normal_form.rounding import significant
from adrs.mutation.places import Site
from adrs.mutation.program import Program
from adrs.mutation.rules import Rules
from adrs.mutation.tree import count, literal, number, short

Step = tuple[str, Callable[[], None]]
"""What would go, and a function that removes it."""


def reductions(source: str, rules: Rules, tried: Collection[str], fresh: bool) -> Iterator[tuple[str, str]]:
    """The reductions of a program in normal form, each with a note of what went, the large ones first.

    Args:
        tried: notes of reductions that were tried before.
        fresh: whether to give those that were not, or those that were.
    """
    before = _length(source)
    block, tree = open_block(source)
    own = replace(rules, kept_literals=rules.kept_literals.union(literals(tree)))
    for place, (note, _) in enumerate(steps(Program(tree, own))):
        if (note in tried) == fresh:
            continue
        block, tree = open_block(source)
        steps(Program(tree, own))[place][1]()
        reduced = finished(block, tree, own)
        if reduced is not None and _length(reduced) < before:
            yield note, reduced


def _length(source: str) -> tuple[int, int]:
    """Number of nodes, then of digits: a reduction lowers the first, or the second with as many nodes."""
    tree = open_block(source)[1]
    return count(tree), sum(len(f"{value:g}") for value in literals(tree))


def steps(program: Program) -> list[Step]:
    """All reductions of an opened program by one node: statements, then parts of expressions, then digits."""
    found: list[Step] = []
    for line in program.places.lines:
        statement = line.statement
        if line.protected or statement is None or isinstance(statement, ast.Return | ast.Raise | ast.Break | ast.Continue):
            continue
        found.append((f"without {short(statement)}", _deleting(line.body, line.index)))
        if isinstance(statement, ast.If):
            found.append((f"always {short(statement)}", _inlining(line.body, line.index, statement)))
    for site in program.places.sites:
        if not site.protected:
            found += [(f"{short(site.node)} -> {short(part)}", _putting(site, part)) for part in _parts(site)]
    for site in program.places.sites:
        value = literal(site.node)
        if value is not None and site.kind == "number":
            found += [
                (f"{value:g} -> {rounded:g}", _putting(site, number(rounded)))
                for digits in (2, 1)
                if (rounded := significant(value, digits)) not in (value, 0)
            ]
    return found


def _deleting(body: list[ast.stmt], index: int) -> Callable[[], None]:
    def act() -> None:
        del body[index]
        if not body:
            body.append(ast.Pass())

    return act


def _inlining(body: list[ast.stmt], index: int, statement: ast.If) -> Callable[[], None]:
    def act() -> None:
        body[index : index + 1] = statement.body

    return act


def _putting(site: Site, part: ast.expr) -> Callable[[], None]:
    return lambda: site.put(part)


def _parts(site: Site) -> list[ast.expr]:
    """Expressions with one node less that may replace an expression."""
    node = site.node
    match node:
        case ast.BoolOp(op=op, values=values):
            rests = [[value for place, value in enumerate(values) if place != gone] for gone in range(len(values))]
            return [rest[0] if len(rest) == 1 else ast.BoolOp(op, rest) for rest in rests]
        case ast.BinOp(left=left, right=right) if site.kind in ("number", "position", "count"):
            return [left, right]
        case ast.IfExp(body=body, orelse=orelse):
            return [body, orelse]
        case ast.Call(args=arguments, keywords=[]) if site.kind == "number" and arguments:
            if len(arguments) <= 2:
                return [argument for argument in arguments if not isinstance(argument, ast.Starred)]
            rests = [[value for place, value in enumerate(arguments) if place != gone] for gone in range(len(arguments))]
            return [ast.Call(node.func, rest, []) for rest in rests]
    return []
