"""check: what makes a tidied program unfit to be handed over, before anybody plays it."""

from __future__ import annotations

import ast

from adrs.mutation.program import Cell, Program, Rules, cells
from adrs.mutation.scope import Line
from adrs.mutation.tree import BUILTINS, count, depth, free_names, outermost, returns


def unfit(program: Program, text: str) -> str:
    """The first reason to refuse a tidied program, "" if there is none.

    Args:
        text: the program's block as text.
    """
    rules = program.rules
    tree = program.tree
    if count(tree) > rules.limits.nodes:
        return "too large"
    for cell in cells(tree, rules.around):
        lore = rules.lore.get(cell.name)
        if lore is not None and lore.returns and not returns(cell.body):
            return "it no longer returns on every path"
        if not cell.body or (len(cell.body) == 1 and isinstance(cell.body[0], ast.Pass)):
            return "an empty function"
    if any(len(line) > rules.limits.line for line in text.splitlines()):
        return "a long line"
    if any(depth(node) > rules.limits.depth for node in outermost(tree)):
        return "a deep expression"
    if any(name not in held_at_end(program) for name in rules.gives):
        return "a name that the text after the block needs may be unbound"
    name = next(iter(unbound(program)), None)
    return f"{name} may be unbound" if name else ""


def held_at_end(program: Program) -> frozenset[str]:
    """Names that hold after the block, when it lies inside a function."""
    ends = [line for line in program.places.lines if line.body is program.tree.body and line.statement is None]
    return ends[0].bound if ends else frozenset()


def unbound(program: Program) -> list[str]:
    """Names that some path through a function reads before anything binds them."""
    missing: dict[str, None] = {}
    for cell in cells(program.tree, program.rules.around):
        if cell.name == "__init__":
            continue
        lines = [line for line in program.places.lines if line.function.body is cell.body or _within(line, cell)]
        missing.update(_missing(cell, lines, program.rules))
    return list(missing)


def _within(line: Line, cell: Cell) -> bool:
    return line.function.name == cell.name and line.function.owner == cell.owner


def _missing(cell: Cell, lines: list[Line], rules: Rules) -> dict[str, None]:
    loose = rules.lore[cell.name].loose if cell.name in rules.lore else frozenset()
    found: dict[str, None] = {}
    for line in lines:
        for part in _header(line.statement):
            for name in free_names(part):
                if name not in line.bound and name not in BUILTINS and name not in loose:
                    found[name] = None
    return found


def _header(statement: ast.stmt | None) -> list[ast.AST]:
    """The expressions of a statement itself, not those of the statements in it."""
    if statement is None or isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return []
    return [child for child in ast.iter_child_nodes(statement) if isinstance(child, ast.expr | ast.withitem)]
