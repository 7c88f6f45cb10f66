"""check: the last step from an edited tree to a program: its normal form, and the reasons to refuse it before it is played."""

from __future__ import annotations

import ast
import symtable

from adrs.mutation.block import Block
from adrs.mutation.normal_form.normalise import normalise
from adrs.mutation.places import Line
from adrs.mutation.program import Program
from adrs.mutation.rules import Rules, Scope, scopes
from adrs.mutation.tree import BUILTINS, count, depth, free_names, outermost, returns


def finished(block: Block, tree: ast.Module, rules: Rules) -> str | None:
    """The program with an edited tree as its block, in normal form; None if it is unfit."""
    if not normalise(tree, rules):
        return None
    source = block.fill(tree)
    text = source[len(block.head) : len(source) - len(block.tail)]
    if unfit(Program(tree, rules), text):
        return None
    try:
        symtable.symtable(source, "program", "exec")  # finds what the parser accepts: a name assigned before its `nonlocal`
    except SyntaxError:
        return None
    return source


def unfit(program: Program, text: str) -> str:
    """The first reason to refuse a program in normal form; "" for a fit program.

    Args:
        text: the text of the program's block.
    """
    rules = program.rules
    tree = program.tree
    if count(tree) > rules.limits.nodes:
        return "too large"
    for scope in scopes(tree, rules.around):
        shown = rules.functions.get(scope.name)
        if shown is not None and shown.returns and not returns(scope.body):
            return "it no longer returns on every path"
        if not scope.body or (len(scope.body) == 1 and isinstance(scope.body[0], ast.Pass)):
            return "an empty function"
    if any(len(line) > rules.limits.line for line in text.splitlines()):
        return "a long line"
    if any(depth(node) > rules.limits.depth for node in outermost(tree)):
        return "a deep expression"
    if any(name not in bound_at_end(program) for name in rules.needed_after):
        return "a name that the text after the block needs may be unbound"
    name = next(iter(unbound(program)), None)
    return f"{name} may be unbound" if name else ""


def bound_at_end(program: Program) -> frozenset[str]:
    """Names that are bound after the block, when it lies inside a function."""
    ends = [line for line in program.places.lines if line.body is program.tree.body and line.statement is None]
    return ends[0].bound if ends else frozenset()


def unbound(program: Program) -> list[str]:
    """Names that some path through a function reads before anything binds them."""
    missing: dict[str, None] = {}
    for scope in scopes(program.tree, program.rules.around):
        if scope.name == "__init__":
            continue
        lines = [line for line in program.places.lines if line.function.body is scope.body or _within(line, scope)]
        missing.update(_missing(scope, lines, program.rules))
    return list(missing)


def _within(line: Line, scope: Scope) -> bool:
    return line.function.name == scope.name and line.function.owner == scope.owner


def _missing(scope: Scope, lines: list[Line], rules: Rules) -> dict[str, None]:
    expected = rules.functions[scope.name].unbound if scope.name in rules.functions else frozenset()
    found: dict[str, None] = {}
    for line in lines:
        for part in _header(line.statement):
            for name in free_names(part):
                if name not in line.bound and name not in BUILTINS and name not in expected:
                    found[name] = None
    return found


def _header(statement: ast.stmt | None) -> list[ast.AST]:
    """The expressions of a statement itself, without those of the statements in it."""
    if statement is None or isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return []
    return [child for child in ast.iter_child_nodes(statement) if isinstance(child, ast.expr | ast.withitem)]
