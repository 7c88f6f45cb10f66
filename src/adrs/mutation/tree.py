"""tree: small questions about Python syntax trees: literals, access paths, purity, equality. It changes nothing in place."""

from __future__ import annotations

import ast
import builtins
import copy
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

Node = TypeVar("Node", bound=ast.AST)

PURE_CALLS = frozenset(
    (
        "abs all any bool divmod enumerate float int isinstance len list max min range reversed round set sorted str sum "
        "tuple zip"
    ).split()
)
"""Builtins whose call changes nothing and always gives the same value."""

NUMERIC_CALLS = frozenset(("abs", "min", "max", "sum", "round", "int", "float", "len"))
BUILTINS = frozenset(dir(builtins))


def every(top: ast.AST) -> list[ast.AST]:
    """All nodes of a tree in the order of `ast.walk` (breadth first), but faster and without load and store marks."""
    found = [top]
    for node in found:
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, list):
                found += [part for part in value if isinstance(part, ast.AST)]
            elif isinstance(value, ast.AST) and not isinstance(value, ast.expr_context):
                found.append(value)
    return found


def literal(node: ast.AST | None) -> int | float | None:
    """The value of a numeric literal, negative ones included; None for everything else, also for True and False."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = literal(node.operand)
        return None if value is None else -value
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return node.value
    return None


def number(value: int | float) -> ast.expr:
    """A numeric literal as the parser builds it: a minus sign is an operator."""
    if value < 0:
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    return ast.Constant(abs(value))


def path(node: ast.AST | None) -> str | None:
    """The text of an access path, `obs['done_s']`, `self.job`, `x`, `t[0]`; None if `node` is not one."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attr):
            inner = path(value)
            return None if inner is None else f"{inner}.{attr}"
        case ast.Subscript(value=value, slice=ast.Constant(value=str() | int() as step)):
            inner = path(value)
            return None if inner is None else f"{inner}[{step!r}]"
    return None


def key(node: object) -> Any:
    """A hashable that is equal for equal trees; positions in the text do not count."""
    if isinstance(node, ast.AST):
        return (type(node).__name__, *[key(getattr(node, name, None)) for name in node._fields if name != "ctx"])
    if isinstance(node, list):
        return tuple(key(part) for part in node)
    return (type(node).__name__, node)


def shape(node: object) -> Any:
    """A hashable that is equal for trees that differ in their numeric literals only."""
    if isinstance(node, ast.AST):
        if literal(node) is not None:
            return "#"
        return (type(node).__name__, *[shape(getattr(node, name, None)) for name in node._fields if name != "ctx"])
    if isinstance(node, list):
        return tuple(shape(part) for part in node)
    return (type(node).__name__, node)


def same(one: ast.AST, other: ast.AST) -> bool:
    """Whether two trees are equal, apart from their positions in the text."""
    return type(one) is type(other) and bool(key(one) == key(other))


def clone(node: Node) -> Node:
    """A copy that shares nothing."""
    return copy.deepcopy(node) if not isinstance(node, ast.expr) else _copied(node)


def _copied(node: Any) -> Any:
    if isinstance(node, ast.AST):
        return type(node)(**{name: _copied(getattr(node, name, None)) for name in node._fields})
    return [_copied(part) for part in node] if isinstance(node, list) else node


def count(node: ast.AST) -> int:
    """Number of nodes of a tree, without load and store marks."""
    return len(every(node))


def names_read(node: ast.AST | Sequence[ast.AST]) -> dict[str, None]:
    """Names loaded anywhere below `node`, in order of appearance."""
    nodes = [node] if isinstance(node, ast.AST) else node
    return {
        part.id: None for top in nodes for part in every(top) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)
    }


_COMPREHENSIONS = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def names_bound(node: ast.AST | Sequence[ast.AST]) -> dict[str, None]:
    """Names stored anywhere below `node`: assignments, loops, comprehensions, imports, definitions, arguments."""
    nodes = [node] if isinstance(node, ast.AST) else node
    return {name: None for top in nodes for part in every(top) for name in _binds(part)}


def names_left(node: ast.AST | Sequence[ast.AST]) -> dict[str, None]:
    """Names that are bound after `node` has run: those bound below it, except inside comprehensions and lambdas."""
    nodes = [node] if isinstance(node, ast.AST) else node
    return {name: None for top in nodes for part in (*_outside(top), *_walruses(top)) for name in _binds(part)}


def free_names(node: ast.AST) -> tuple[str, ...]:
    """Names that an expression needs from outside, without those of its own comprehensions, lambdas and walruses."""
    walruses = {target.id for target in _walruses(node)}
    return tuple(name for name in _free(node) if name not in walruses)


def _binds(part: ast.AST) -> tuple[str, ...]:
    """The names that one node stores by itself."""
    match part:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            return (name,)
        case ast.arg(arg=name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return (name,)
        case ast.alias(name=name, asname=asname):
            return (asname or name.split(".")[0],)
        case ast.ExceptHandler(name=str() as name):
            return (name,)
    return ()


def _walruses(node: ast.AST) -> list[ast.Name]:
    """The targets of `:=` anywhere below `node`; they stay bound outside of comprehensions."""
    return [part.target for part in every(node) if isinstance(part, ast.NamedExpr)]


def _outside(node: ast.AST) -> list[ast.AST]:
    """All nodes of a tree, except those in comprehensions and lambdas."""
    if isinstance(node, ast.Lambda | _COMPREHENSIONS):
        return []
    return [node, *(part for child in ast.iter_child_nodes(node) for part in _outside(child))]


def _free(node: ast.AST) -> dict[str, None]:
    """Names loaded below `node` where no comprehension or lambda around them binds them."""
    if not any(isinstance(part, ast.Lambda | _COMPREHENSIONS) for part in every(node)):
        return names_read(node)
    own: dict[str, None] = {}
    if isinstance(node, ast.Lambda):
        own = names_bound(node.args)
    elif isinstance(node, _COMPREHENSIONS):
        own = names_bound([generator.target for generator in node.generators])
    return {name: None for child in ast.iter_child_nodes(node) for name in _free(child) if name not in own}


def pure(node: ast.AST) -> bool:
    """Whether evaluating an expression changes nothing and always gives the same value, as far as the tree shows."""
    for part in every(node):
        match part:
            case ast.Call(func=ast.Name(id=name)) if name in PURE_CALLS:
                pass
            case ast.Call(func=ast.Attribute(value=ast.Name(id="math"))):
                pass
            case ast.Call() | ast.NamedExpr() | ast.Await() | ast.Yield() | ast.YieldFrom() | ast.Starred():
                return False
    return True


def leaves(body: Sequence[ast.stmt]) -> bool:
    """Whether control never reaches the end of a body: its last statement returns, raises, continues or breaks on all paths."""
    if not body:
        return False
    last = body[-1]
    if isinstance(last, ast.If):
        return bool(last.orelse) and leaves(last.body) and leaves(last.orelse)
    if isinstance(last, ast.With):
        return leaves(last.body)
    return isinstance(last, ast.Return | ast.Raise | ast.Continue | ast.Break)


def returns(body: Sequence[ast.stmt]) -> bool:
    """Whether every path through a body ends in a return or a raise."""
    return leaves(body) and not any(isinstance(part, ast.Break | ast.Continue) for part in every(body[-1]))


def docstring(statement: ast.stmt) -> bool:
    """Whether a statement is a string alone."""
    return (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant) and isinstance(statement.value.value, str)
    )


def bodies(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """The statement lists directly below `node`, including those of `except` and `case`."""
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
            yield block
    for name in ("handlers", "cases"):
        for part in getattr(node, name, ()):
            yield part.body


def functions(tree: ast.AST) -> list[ast.FunctionDef]:
    """All function definitions in the order of the text, outer functions before inner ones."""
    found: list[ast.FunctionDef] = []

    def look(body: Sequence[ast.stmt]) -> None:
        for statement in body:
            if isinstance(statement, ast.FunctionDef):
                found.append(statement)
            for inner in bodies(statement):
                look(inner)

    look(getattr(tree, "body", []))
    return found


def depth(node: ast.AST) -> int:
    """How deep operators are nested: 0 for paths and literals, 1 for `a + b - c` and for `a and b and c`."""
    if path(node) is not None or literal(node) is not None:
        return 0
    sums = (ast.Add, ast.Sub)
    if isinstance(node, ast.BinOp) and isinstance(node.op, sums):
        deepest = 0
        for side in (node.left, node.right):
            nested = isinstance(side, ast.BinOp) and isinstance(side.op, sums)
            deepest = max(deepest, depth(side) - nested)
        return deepest + 1
    below = max((depth(child) for child in ast.iter_child_nodes(node)), default=0)
    return below + isinstance(node, ast.BinOp | ast.BoolOp | ast.Compare | ast.Call | ast.IfExp | ast.UnaryOp | ast.Lambda)


def outermost(tree: ast.AST) -> Iterator[ast.expr]:
    """The outermost expressions of all statements."""
    for node in every(tree):
        if isinstance(node, ast.stmt):
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    yield child


def short(node: ast.AST, limit: int = 48) -> str:
    """The first line of a node's text, cut to `limit` characters, for notes that people read."""
    text = ast.unparse(ast.fix_missing_locations(node)).split("\n")[0].rstrip(":")
    return text if len(text) <= limit else text[: limit - 1] + "…"
