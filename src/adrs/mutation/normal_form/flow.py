"""flow: drops statements that do nothing: code after a return, guards that cannot fire, results given twice, unread names.

It follows the function from top to bottom and knows, after a guard that returns, that its condition was false:

    if spot:                            if spot:
        return "SPOT"                       return "SPOT"
    if spot or slack < 2:        ->     if slack < 2:
        return "ON_DEMAND"                  return "ON_DEMAND"
    if slack > 9:                       return "NONE"
        return "NONE"
    return "NONE"
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator
from typing import Any

from adrs.mutation.inference import Types
from adrs.mutation.normal_form.fold import Fold, inverse
from adrs.mutation.tree import bodies, docstring, every, key, leaves, names_bound, names_read, path, pure, same

Facts = dict[Any, tuple[bool, tuple[str, ...]]]
"""Key of a condition -> its known value, and the names it reads: assigning one of them ends the knowledge."""


class Flow:
    """Cleans the statements of one function from top to bottom, with the facts that its guards establish.

    Args:
        types: the kinds of its paths.
        defines: whether a statement belongs to the definition of a term; these stay unchanged.
        without: passes that are switched off.
    """

    def __init__(self, types: Types, defines: Callable[[ast.stmt], bool], without: Collection[str] = ()) -> None:
        self.types = types
        self.defines = defines
        self.without = without

    def _fold(self, facts: Facts) -> Fold:
        return Fold(self.types, {name: value for name, (value, _) in facts.items()}, self.without)

    def clean(self, body: list[ast.stmt], facts: Facts | None = None) -> None:
        """Clean a statement list in place."""
        known: Facts = dict(facts or {})
        kept: list[ast.stmt] = []
        for statement in list(body):
            for result in self._statement(statement, known):
                kept.append(result)
                self._learn(result, known)
                if leaves([result]):
                    break
            if kept and leaves(kept[-1:]):
                break
        body[:] = self._settled(kept)

    def _settled(self, body: list[ast.stmt]) -> list[ast.stmt]:
        """The statements without `pass`, and without guards that do what the statements after them do anyway."""
        body = [statement for statement in body if not isinstance(statement, ast.Pass)]
        changed = True
        while changed:
            changed = False
            for index, statement in enumerate(body):
                if isinstance(statement, ast.If) and pure(statement.test) and not statement.orelse and leaves(statement.body):
                    rest = body[index + 1 :]
                    if len(rest) == len(statement.body) and all(map(same, statement.body, rest)):
                        del body[index]
                        changed = True
                        break
        return body

    def _statement(self, node: ast.stmt, facts: Facts) -> list[ast.stmt]:
        """What a statement becomes: nothing, itself cleaned, or the statements of a branch that always runs."""
        if self.defines(node):
            return [node]
        fold = self._fold(facts)
        if isinstance(node, ast.If):
            return self._branch(node, fold, facts)
        if isinstance(node, ast.While | ast.For):
            # The body also runs after itself, so facts about names that it changes do not hold at its start.
            inner = _without(facts, tuple(names_bound(node)), calls=not pure(node))
            if isinstance(node, ast.While):
                node.test = self._fold({}).condition(node.test)
            else:
                node.iter = fold.visit(node.iter)
            self._inside(node.body, inner)
            self._inside(node.orelse, inner)
            return [node]
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            return [node]
        if any(bodies(node)):  # try, with, match: control may reach these bodies in more ways than this analysis follows
            for body in bodies(node):
                self._inside(body, {})
            return [node]
        match node:
            case ast.Assign(targets=[target]) | ast.AugAssign(target=target):
                node.value = fold.visit(node.value)
                if isinstance(node, ast.Assign) and path(target) is not None and path(target) == path(node.value):
                    return []
            case ast.Return(value=ast.expr() as value) | ast.Expr(value=value) | ast.AnnAssign(value=ast.expr() as value):
                if not docstring(node):
                    node.value = fold.visit(value)
                    if isinstance(node, ast.Expr) and pure(node.value):
                        return []
        return [node]

    def _inside(self, body: list[ast.stmt], facts: Facts) -> None:
        """Clean a body that must not become empty."""
        if body:
            self.clean(body, facts)
            if not body:
                body.append(ast.Pass())

    def _branch(self, node: ast.If, fold: Fold, facts: Facts) -> list[ast.stmt]:
        """What an `if` becomes: the branch that always runs, one `if` for two nested ones, or a guard without `else`."""
        node.test = fold.condition(node.test)
        if isinstance(node.test, ast.Constant):
            chosen = node.body if node.test.value else node.orelse
            self.clean(chosen, facts)
            return chosen
        known = pure(node.test)
        self.clean(node.body, {**facts, **_facts(node.test, True)} if known else facts)
        self.clean(node.orelse, {**facts, **_facts(node.test, False)} if known else facts)
        if known and len(node.body) == len(node.orelse) and all(map(same, node.body, node.orelse)):
            return node.body
        if not node.body:
            if not node.orelse:
                return [] if known else [ast.Expr(node.test)]
            node.test, node.body, node.orelse = inverse(node.test), node.orelse, []
        inner = node.body[0]
        if not node.orelse and len(node.body) == 1 and isinstance(inner, ast.If) and not inner.orelse:
            node.test = self._fold({}).condition(ast.BoolOp(ast.And(), [node.test, inner.test]))
            node.body = inner.body
        if node.orelse and leaves(node.body):  # `else` after a return says nothing; without it there are fewer levels
            rest, node.orelse = node.orelse, []
            return [node, *rest]
        return [node]

    def _learn(self, node: ast.stmt, facts: Facts) -> None:
        """Update the facts after a statement: drop those on names that it changes, add what a guard that leaves tells."""
        changed = tuple(names_bound(node)) + tuple(
            _root(part) for part in every(node) if isinstance(part, ast.Attribute | ast.Subscript) and _stored(part)
        )
        for name in list(facts):
            if name not in _without(facts, changed, calls=_calls(node)):
                del facts[name]
        if isinstance(node, ast.If) and not node.orelse and leaves(node.body) and pure(node.test):
            facts.update(_facts(node.test, False))


def _stored(node: ast.Attribute | ast.Subscript) -> bool:
    return isinstance(node.ctx, ast.Store | ast.Del)


def _root(node: ast.AST) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _calls(node: ast.stmt) -> bool:
    """Whether a statement may change objects, and with them the values of access paths."""
    return not all(pure(part) for part in every(node) if isinstance(part, ast.expr))


def _without(facts: Facts, changed: Collection[str], calls: bool) -> Facts:
    """The facts that still hold after an assignment to the names `changed`, and after a call that may change any object."""
    return {} if calls else {name: fact for name, fact in facts.items() if not any(read in changed for read in fact[1])}


def _facts(test: ast.expr, value: bool) -> Facts:
    """The facts that follow from a condition being `value`: of `a and b` that is true, both parts are true."""
    names = tuple(names_read(test))
    found: Facts = {key(test): (value, names)}
    opposite = inverse(test)
    found[key(opposite)] = (not value, names)
    if isinstance(test, ast.UnaryOp):
        found.update(_facts(test.operand, not value))
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) == value:
        for part in test.values:
            found.update(_facts(part, value))
    return found


def _needed(tree: ast.AST) -> Iterator[str]:
    """Names that must stay bound although no expression loads them."""
    for node in every(tree):
        match node:
            case ast.AugAssign(target=ast.Name(id=name)) | ast.Name(id=name, ctx=ast.Del()):
                yield name
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                yield from names


def drop_unread(tree: ast.AST, body: list[ast.stmt], keep: Collection[str]) -> None:
    """Drop pure assignments to names that are never read below `tree`: `unused = a + b` goes.

    Args:
        tree: the whole function, because a closure may read a name of `body`.
        keep: names that are read outside of the function's tree.
    """
    read = {**names_read(tree), **dict.fromkeys(_needed(tree))}

    def look(statements: list[ast.stmt]) -> None:
        kept: list[ast.stmt] = []
        for statement in statements:
            for inner in bodies(statement):
                look(inner)
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)], value=value) if name not in read and name not in keep:
                    if pure(value):
                        continue
            kept.append(statement)
        statements[:] = kept or [ast.Pass()]

    look(body)
