"""normalise: every program is put into one normal form before it is proposed; it computes the same but for rounded literals.

Two edits that lead to the same program then give the same text, and what an edit made superfluous goes:

    if 2 * slack - 4 < 0 and True:              if slack < 2:
        return "SPOT"                    ->         return "SPOT"
    else:                                       return "NONE"
        unused = slack
        return "NONE"
"""

from __future__ import annotations

import ast
from functools import partial

from adrs.mutation.inference import Types
from adrs.mutation.normal_form.flow import Flow, drop_unread
from adrs.mutation.normal_form.fold import Fold
from adrs.mutation.normal_form.linear import Linear
from adrs.mutation.normal_form.rounding import Round
from adrs.mutation.places import defines
from adrs.mutation.rules import Rules, Scope, scopes
from adrs.mutation.terms import define, remember
from adrs.mutation.tree import key

ROUNDS = 4
"""One pass makes work for another (a folded test leaves dead code), so all of them run again until nothing changes; 2 rounds
do for most programs. What still changes after 4 is refused: its text would depend on how often it was normalised."""


def normalise(tree: ast.Module, rules: Rules, digits: int | None = 3) -> bool:
    """Put a block into normal form in place.

    Args:
        digits: significant digits of the literals that are not the start program's; None leaves them as they are.

    Returns:
        Whether the form is stable; a program without a stable form must be thrown away.
    """
    before = key(tree)
    for _ in range(ROUNDS):
        _once(tree, rules, digits)
        after = key(tree)
        if after == before:
            return True
        before = after
    return False


def _once(tree: ast.Module, rules: Rules, digits: int | None) -> None:
    """One round over all functions of a block."""
    memories: dict[str, None] = {}
    all_scopes = scopes(tree, rules.around)
    for scope in all_scopes:
        if scope.name != "__init__":
            memories.update(dict.fromkeys(_function(scope, tree, rules)))
    for scope in all_scopes:
        if scope.name == "__init__":
            remember(scope.body, rules.terms, memories)
    if digits is not None:
        Round(rules.kept_literals, digits).visit(tree)


def _function(scope: Scope, tree: ast.Module, rules: Rules) -> tuple[str, ...]:
    """One round over one function; the memories of the terms that it uses."""
    keep = frozenset(rules.around.used if rules.around.arguments is not None else ())
    memory = [term.memory for term in rules.terms if term.memory]
    offered = rules.offered(scope, tree)
    shown = rules.functions.get(scope.name)
    kinds = {**(shown.kinds if shown else {}), **{term.name: term.kind for term in offered}}
    types = Types(scope.node, kinds, rules.calls)
    defining = partial(defines, terms=[term.name for term in offered], memory=memory)
    _expressions([statement for statement in scope.body if not defining(statement)], types, rules)
    flows = "flow" not in rules.without
    if flows:
        Flow(types, defining, rules.without).clean(scope.body)
    memories = define(scope.body, offered, keep)
    if flows:
        drop_unread(scope.node, scope.body, keep)
    return memories


def _expressions(body: list[ast.stmt], types: Types, rules: Rules) -> None:
    """Fold every expression and put its sums and comparisons into linear normal form."""
    linear, fold = Linear(types), Fold(types, without=rules.without)

    def normal(node: ast.expr) -> ast.expr:
        folded: ast.expr = fold.visit(node)
        return folded if "linear" in rules.without else linear.visit(folded)

    def look(node: ast.AST) -> None:
        for name, value in ast.iter_fields(node):
            if isinstance(value, ast.expr) and name not in ("annotation", "target", "returns"):
                setattr(node, name, normal(value))
            elif isinstance(value, list) and name not in ("targets", "decorator_list"):
                for index, part in enumerate(value):
                    if isinstance(part, ast.expr):
                        value[index] = normal(part)
                    elif isinstance(part, ast.stmt | ast.excepthandler | ast.match_case):
                        look(part)

    for statement in body:
        if not isinstance(statement, ast.FunctionDef | ast.ClassDef):  # inner functions are scopes of their own
            look(statement)
