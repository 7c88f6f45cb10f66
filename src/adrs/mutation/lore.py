"""lore: the rules of a task's programs, read from its start program, its terms and its kit. It opens no other program."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from adrs.core.failure import Refusal
from adrs.core.program import expression, parse
from adrs.core.task import Task, Term
from adrs.mutation.block import Block, surroundings
from adrs.mutation.check import held_at_end, unbound
from adrs.mutation.infer import Kind, Types, signature_kinds
from adrs.mutation.program import Cell, Limits, Lore, Program, Rules, cells, module_names
from adrs.mutation.terms import Entry, declare, derive
from adrs.mutation.tree import BUILTINS, clone, count, depth, every, key, literal, names_bound, outermost, path, returns
from adrs.mutation.units import Units


def rules_of(task: Task[Any], start: str) -> Rules:
    """The rules of a task's programs.

    Args:
        start: the program from which the search sets out.

    Raises:
        Refusal: the task's terms contradict its seed; the start program or the kit does not parse.
    """
    field = "offline_seed" if task.offline_seed else "seed"
    try:
        parse(start, field)
        Block.of(start).parse()
        field = "kit"
        parse(task.kit, field)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise Refusal(f"task {task.name}: its {field} is no Python: {error}: mend it") from error
    return rules_from(start, task.terms, task.results, task.kit)


def rules_from(start: str, terms: Sequence[Term] = (), results: Sequence[str] = (), kit: str = "") -> Rules:
    """The rules that a start program, terms, results and a kit lay down. See `rules_of`."""
    block = Block.of(start)
    around = surroundings(block)
    tree = block.parse()
    calls = {**signature_kinds(kit), **signature_kinds(start)}
    homes = [cell for cell in cells(tree, around) if cell.name != "__init__"]
    entries: tuple[Entry, ...] = ()
    if terms:
        entries = declare(terms, [(cell.name, cell.body) for cell in homes])
    else:
        wide = around.names | BUILTINS | module_names(tree)
        for cell in homes:
            entries += derive(cell.name, cell.arguments, cell.body, Types(cell.node, None, calls), wide)
    lore = {cell.name: _lore(cell, entries, calls, results) for cell in homes}
    entries = tuple(
        replace(entry, unit=lore[entry.function].units.get(entry.name)) if entry.function in lore else entry
        for entry in entries
    )
    exact = frozenset((*literals(tree), *(value for entry in entries for value in literals(entry.code))))
    rules = Rules(around, entries, lore, calls, exact, _limits(tree))
    program = Program(tree, rules)
    loose = frozenset(unbound(program))
    gives = (
        around.used & held_at_end(program) & frozenset(names_bound(tree.body)) if around.arguments is not None else frozenset()
    )
    return replace(rules, lore={name: replace(one, loose=loose) for name, one in lore.items()}, gives=gives)


def literals(tree: ast.AST) -> list[float]:
    """All numbers that are written in a tree."""
    return [float(value) for node in every(tree) if (value := literal(node)) is not None]


def _limits(tree: ast.Module) -> Limits:
    """A program may be twice as large as the start program, or 200 nodes larger; no deeper than 5 operators or than it."""
    size = count(tree)
    deepest = max((depth(node) for node in outermost(tree)), default=0)
    longest = max((len(line) for line in ast.unparse(ast.fix_missing_locations(tree)).splitlines()), default=0)
    return Limits(max(2 * size, size + 200), max(5, deepest), max(120, longest))


def _lore(cell: Cell, entries: Sequence[Entry], calls: Mapping[str, Kind], results: Sequence[str]) -> Lore:
    kinds: dict[str, Kind] = {entry.name: entry.kind for entry in entries if entry.function in ("", cell.name)}
    types = Types(cell.node, kinds, calls)
    units = Units(cell.node, {entry.name: entry.unit for entry in entries if entry.unit is not None})
    paths: dict[str, ast.expr] = {}
    for node in every(cell.node):
        name = path(node)
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Load) and name is not None:
            paths.setdefault(name, node)
    kinds.update({name: kind for name, node in paths.items() if (kind := types.of(node))})
    numeric = any(kinds.get(argument) == "number" for argument in cell.arguments)
    for argument in cell.arguments:
        if argument not in paths and argument not in ("self", "cls"):
            paths[argument] = ast.Name(argument, ast.Load())
            kinds.setdefault(argument, types.of(paths[argument]) or ("number" if numeric else ""))
    measured = {
        name: unit for name, node in paths.items() if kinds.get(name) == "number" and (unit := units.of(node)) is not None
    }
    answers = [node.value for node in every(cell.node) if isinstance(node, ast.Return) and node.value is not None]
    stated: list[ast.expr] = [expression(text) for text in results]
    steady = {argument for argument in cell.arguments if argument not in names_bound(cell.body)}
    return Lore(
        kinds={name: kind for name, kind in kinds.items() if kind},
        units=measured,
        results=tuple(clone(answer) for answer in {key(answer): answer for answer in stated or answers}.values()),
        paths=tuple(clone(node) for name, node in paths.items() if name.split("[")[0].split(".")[0] in steady),
        returns=returns(cell.body),
    )
