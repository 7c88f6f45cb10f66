"""reading: the rules of a task's programs, read from its start program, its terms and its kit. It opens no other program."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from adrs.core.failure import Refusal
from adrs.core.program import expression, parse
from adrs.core.task import Task, Term
from adrs.mutation.block import Block, surroundings
from adrs.mutation.check import bound_at_end, unbound
from adrs.mutation.inference import Kind, Types, signature_kinds
from adrs.mutation.literals import literals
from adrs.mutation.program import Program, module_names
from adrs.mutation.rules import FunctionRules, Limits, Rules, Scope, scopes
from adrs.mutation.terms import ParsedTerm, declare, derive
from adrs.mutation.tree import BUILTINS, clone, count, depth, every, key, names_bound, outermost, path, returns
from adrs.mutation.units import Units


def rules_of(task: Task[Any], start: str) -> Rules:
    """The rules of a task's programs.

    Args:
        start: the program that the search starts from.

    Raises:
        Refusal: the task's terms contradict its start program; the start program or the kit does not parse.
    """
    field = "offline_seed" if task.offline_seed else "seed"
    try:
        parse(start, field)
        Block.of(start).parse()
        field = "kit"
        parse(task.kit, field)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise Refusal(f"task {task.name}: `{field}` is not valid Python ({error}): fix it") from error
    return rules_from(start, task.terms, task.results, task.kit)


def rules_from(start: str, declared: Sequence[Term] = (), results: Sequence[str] = (), kit: str = "") -> Rules:
    """The rules given by a start program, terms, results and a kit. See `rules_of`."""
    block = Block.of(start)
    around = surroundings(block)
    tree = block.parse()
    calls = {**signature_kinds(kit), **signature_kinds(start)}
    homes = [scope for scope in scopes(tree, around) if scope.name != "__init__"]
    terms: tuple[ParsedTerm, ...] = ()
    if declared:
        terms = declare(declared, [(scope.name, scope.body) for scope in homes])
    else:
        wide = around.names | BUILTINS | module_names(tree)
        for scope in homes:
            terms += derive(scope.name, scope.arguments, scope.body, Types(scope.node, None, calls), wide)
    shown = {scope.name: _function_rules(scope, terms, calls, results) for scope in homes}
    terms = tuple(
        replace(term, unit=shown[term.function].units.get(term.name)) if term.function in shown else term for term in terms
    )
    kept = frozenset((*literals(tree), *(value for term in terms for value in literals(term.code))))
    rules = Rules(around, terms, shown, calls, kept, _limits(tree))
    program = Program(tree, rules)
    never_bound = frozenset(unbound(program))
    needed: Collection[str] = ()
    if around.arguments is not None:
        needed = around.used & bound_at_end(program) & frozenset(names_bound(tree.body))
    functions = {name: replace(one, unbound=never_bound) for name, one in shown.items()}
    return replace(rules, functions=functions, needed_after=frozenset(needed))


def _limits(tree: ast.Module) -> Limits:
    """A program may be twice as large as the start program, or 200 nodes larger; no deeper than 5 operators or than it."""
    size = count(tree)
    deepest = max((depth(node) for node in outermost(tree)), default=0)
    longest = max((len(line) for line in ast.unparse(ast.fix_missing_locations(tree)).splitlines()), default=0)
    return Limits(max(2 * size, size + 200), max(5, deepest), max(120, longest))


def _function_rules(
    scope: Scope, terms: Sequence[ParsedTerm], calls: Mapping[str, Kind], results: Sequence[str]
) -> FunctionRules:
    kinds: dict[str, Kind] = {term.name: term.kind for term in terms if term.function in ("", scope.name)}
    types = Types(scope.node, kinds, calls)
    units = Units(scope.node, {term.name: term.unit for term in terms if term.unit is not None})
    paths: dict[str, ast.expr] = {}
    for node in every(scope.node):
        name = path(node)
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Load) and name is not None:
            paths.setdefault(name, node)
    kinds.update({name: kind for name, node in paths.items() if (kind := types.of(node))})
    # An argument that the start program leaves unused is worth trying as well: it is taken for a number where others are.
    numeric = any(kinds.get(argument) == "number" for argument in scope.arguments)
    for argument in scope.arguments:
        if argument not in paths and argument not in ("self", "cls"):
            paths[argument] = ast.Name(argument, ast.Load())
            kinds.setdefault(argument, types.of(paths[argument]) or ("number" if numeric else ""))
    measured = {
        name: unit for name, node in paths.items() if kinds.get(name) == "number" and (unit := units.of(node)) is not None
    }
    answers = [node.value for node in every(scope.node) if isinstance(node, ast.Return) and node.value is not None]
    stated: list[ast.expr] = [expression(text) for text in results]
    steady = {argument for argument in scope.arguments if argument not in names_bound(scope.body)}
    return FunctionRules(
        kinds={name: kind for name, kind in kinds.items() if kind},
        units=measured,
        results=tuple(clone(answer) for answer in {key(answer): answer for answer in stated or answers}.values()),
        paths=tuple(clone(node) for name, node in paths.items() if name.split("[")[0].split(".")[0] in steady),
        returns=returns(scope.body),
    )
