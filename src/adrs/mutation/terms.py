"""terms: the quantities that a program may use by name, from the task or from its start program, and their definitions.

A term that a program uses is defined at the head of its function, in declared order, with the terms that it needs. When its
last use goes, the definition goes, and it comes back with the next use:

    def decide(self, obs):                  def decide(self, obs):
        if slack < 2:                ->         time_left = obs["deadline"] - obs["now"]
            return "ON_DEMAND"                  slack = time_left - obs["work_left"]
                                                if slack < 2: ...

Without this, names die out in a search: once no program of the population uses `slack`, no edit could bring it back.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from adrs.core.failure import Refusal
from adrs.core.program import expression, parse
from adrs.core.task import Term
from adrs.mutation.inference import TERM_KINDS, Kind, Types
from adrs.mutation.places import definition_of
from adrs.mutation.tree import BUILTINS, clone, docstring, every, names_bound, names_read, path, pure, same
from adrs.mutation.units import Unit, declared


@dataclass(frozen=True)
class ParsedTerm:
    """One term, parsed. `function` is the only function that may use it; "" stands for all that have its arguments."""

    name: str
    kind: Kind
    code: ast.expr
    reads: tuple[str, ...]
    unit: Unit | None = None
    low: float | None = None
    high: float | None = None
    function: str = ""
    initial: ast.Assign | None = None
    update: ast.Assign | None = None

    @property
    def memory(self) -> str:
        """The path where a term with memory keeps its state; "" for other terms."""
        return path(self.update.targets[0]) or "" if self.update else ""

    def definition(self) -> ast.stmt:
        """A new statement `name = code`."""
        return ast.Assign([ast.Name(self.name, ast.Store())], clone(self.code), lineno=0)


def parsed(term: Term, later: Collection[str]) -> ParsedTerm:
    """A declared term.

    Raises:
        Refusal: its code, `initial` or `update` cannot be used.
    """
    try:
        code = expression(term.code)
        initial, update = _statement(term.initial), _statement(term.update)
    except SyntaxError as error:
        raise Refusal(f"the term {term.name} does not parse ({error.msg}): correct `terms` of the task") from None
    if not pure(code):
        raise Refusal(f"the term {term.name} calls something that may have side effects: make its code a pure expression")
    if bool(term.update) != bool(term.initial) or (term.update and not (initial and update)):
        raise Refusal(f"the term {term.name} needs both `initial` and `update`, one assignment each, or neither")
    reads = names_read([code, *(part.value for part in (initial, update) if part is not None)])
    if wrong := next((name for name in reads if name in later), None):
        raise Refusal(f"the term {term.name} needs {wrong}, which is not declared before it: put it further down")
    unit = declared(term.unit) if term.unit else None
    low, high = (term.low, term.high) if term.high is not None else (None, None)
    kind = TERM_KINDS[term.type]
    return ParsedTerm(term.name, kind, code, tuple(reads), unit, low, high, "", initial, update)


def _statement(text: str) -> ast.Assign | None:
    body = parse(text).body
    return body[0] if len(body) == 1 and isinstance(body[0], ast.Assign) and len(body[0].targets) == 1 else None


def declare(declared_terms: Sequence[Term], functions: Iterable[tuple[str, list[ast.stmt]]]) -> tuple[ParsedTerm, ...]:
    """The terms that a task declares, checked against the functions of its start program.

    Raises:
        Refusal: a term is malformed, or the start program assigns other code to its name.
    """
    terms = tuple(parsed(term, [later.name for later in declared_terms[number:]]) for number, term in enumerate(declared_terms))
    code = {term.name: term.code for term in terms}
    for function, body in functions:
        for statement in body:
            for node in every(statement):
                if not (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in code):
                    continue
                at_top = isinstance(statement, ast.Assign) and statement.targets[0] is node and len(statement.targets) == 1
                if not at_top or not same(statement.value, code[node.id]):  # type: ignore[attr-defined]
                    raise Refusal(
                        f"`{function}` of the start program assigns other code to {node.id} than the term: rename one"
                    )
    return terms


def derive(
    name: str, arguments: Collection[str], body: Sequence[ast.stmt], types: Types, outer: Collection[str]
) -> tuple[ParsedTerm, ...]:
    """Terms for a task that declares none: every name that a function assigns once at its top level, purely from arguments and
    earlier terms. Only these can be moved to the head of the function without a change of meaning."""
    stored = [node.id for part in body for node in every(part) if isinstance(node, ast.Name) and _stores(node)]
    steady = (set(arguments) - set(stored)) | set(outer) | BUILTINS
    written = {path(node) for part in body for node in every(part) if isinstance(node, ast.Attribute) and _stores(node)}
    terms: list[ParsedTerm] = []
    guarded = False
    for statement in body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=target)], value=value) if stored.count(target) == 1 and pure(value):
                known = steady | {term.name for term in terms}
                inner = set(names_bound(value))
                reads = tuple(read for read in names_read(value) if read not in inner)
                parts = {path(node) for node in every(value) if isinstance(node, ast.Attribute)}
                hoistable = not guarded or all(_safe(node, arguments) for node in every(value))
                useful = types.of(value) in ("number", "bool", "str") or path(value) is not None
                if set(reads) <= known and not parts & written and hoistable and useful:
                    terms.append(ParsedTerm(target, types.of(value), value, reads, function=name))
            case ast.If() | ast.For() | ast.While() | ast.Try() | ast.With():
                guarded = True
    return tuple(terms)


def _stores(node: ast.Name | ast.Attribute) -> bool:
    return isinstance(node.ctx, ast.Store | ast.Del)


def _safe(node: ast.AST, arguments: Collection[str]) -> bool:
    """Whether a part of a definition may be computed before the guards above it: a guard may have excluded a divisor of 0."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div | ast.FloorDiv | ast.Mod | ast.Pow):
        root = (path(node.right) or "").split("[")[0].split(".")[0]
        return isinstance(node.right, ast.Constant) or root in arguments
    return not isinstance(node, ast.Subscript) or path(node) is not None


def define(body: list[ast.stmt], offered: Sequence[ParsedTerm], keep: Collection[str] = ()) -> tuple[str, ...]:
    """Put the definitions of the terms that a function uses at its head and drop the others.


    Definitions that the program has already are kept: an edit may have tuned their constants.

    Returns:
        The memories of the terms in use.
    """
    if not offered:
        return ()
    by_name = {term.name: term for term in offered}
    memories = {term.memory: term.name for term in offered if term.memory}
    present: dict[str, ast.stmt] = {}
    rest: list[ast.stmt] = []
    for statement in body:
        name = definition_of(statement, by_name)
        state = memories.get(path(statement.targets[0]) or "") if isinstance(statement, ast.Assign) else None
        if name is not None:
            present.setdefault(name, statement)
        elif state is not None:
            present.setdefault(f"{state}=", statement)
        else:
            rest.append(statement)
    wanted = [name for name in (*names_read(rest), *keep) if name in by_name]
    used: dict[str, None] = {}
    while wanted:
        name = wanted.pop()
        if name not in used:
            used[name] = None
            parts = [part for part in (present.get(name), present.get(f"{name}=")) if part is not None]
            wanted += [read for read in (*by_name[name].reads, *names_read(parts)) if read in by_name]
    head: list[ast.stmt] = []
    for term in offered:
        if term.name in used:
            if term.update is not None:
                head.append(present.get(f"{term.name}=") or clone(term.update))
            head.append(present.get(term.name) or term.definition())
    start = 1 if rest and docstring(rest[0]) else 0
    body[:] = [*rest[:start], *head, *rest[start:]]
    return tuple(term.memory for term in offered if term.name in used and term.memory)


def remember(body: list[ast.stmt], offered: Sequence[ParsedTerm], memories: Collection[str]) -> None:
    """Keep in `__init__` the initial states of the terms in use and drop those of other terms."""
    states = {term.memory: term for term in offered if term.memory}
    kept = []
    have: dict[str, None] = {}
    for statement in body:
        state = path(statement.targets[0]) if isinstance(statement, ast.Assign) else None
        if state in states:
            if state not in memories or state in have:
                continue
            have[state] = None
        kept.append(statement)
    for state in memories:
        term = states[state]
        if state not in have and term.initial is not None:
            kept.append(clone(term.initial))
    body[:] = kept or [ast.Pass()]
