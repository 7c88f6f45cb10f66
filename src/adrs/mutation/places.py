"""places: the places in a program where an edit may be made, with the names that are bound there and the kind that fits there.

Decorators, annotations, defaults, targets, docstrings, f-strings and the insides of access paths are not edited.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from adrs.mutation.inference import WHOLE, Kind, Types
from adrs.mutation.tree import bodies, docstring, every, leaves, literal, names_bound, names_left, path

_LEAVES = (ast.Constant, ast.JoinedStr)


@dataclass
class Function:
    """One function of the block that may be edited, or the block itself when it lies inside a function."""

    name: str
    owner: str
    arguments: tuple[str, ...]
    body: list[ast.stmt]
    types: Types
    terms: frozenset[str] = frozenset()
    """Terms that may be used here, whether or not the program defines them now."""


@dataclass
class Site:
    """An expression and its place in the tree.

    Args:
        owner, attribute, index: the place; index is None when the attribute holds one expression and not a list.
        bound: names that are bound there, including terms that could be defined.
        kind: what may stand there; "divisor" for a divisor, which is never replaced because its successor might be 0.
        role: "test" for a condition, "compare" for a side of a comparison, "sum", "call", "key", "index"; "" for others.
        protected: whether it belongs to the definition of a term.
    """

    node: ast.expr
    owner: ast.AST
    attribute: str
    index: int | None
    bound: frozenset[str]
    function: Function
    kind: Kind
    role: str = ""
    protected: bool = False

    def put(self, new: ast.expr) -> None:
        """Replace the expression."""
        if self.index is None:
            setattr(self.owner, self.attribute, new)
        else:
            getattr(self.owner, self.attribute)[self.index] = new


@dataclass
class Line:
    """A statement and its place, or the place after the last one (`statement` is None)."""

    body: list[ast.stmt]
    index: int
    bound: frozenset[str]
    function: Function
    statement: ast.stmt | None
    loop: bool = False
    protected: bool = False


@dataclass
class Places:
    """All places of one program, in the order of the text."""

    sites: list[Site] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)


def definition_of(statement: ast.stmt, terms: Collection[str]) -> str | None:
    """The term that a statement defines, or None."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)]) if name in terms:
            return name
    return None


def defines(statement: ast.stmt, terms: Collection[str], memory: Collection[str]) -> bool:
    """Whether a statement belongs to the definition of a term: it assigns its name or the path of its memory."""
    if definition_of(statement, terms) is not None:
        return True
    return isinstance(statement, ast.Assign) and path(statement.targets[0]) in memory


class PlaceFinder:
    """Walks one function and records its places."""

    def __init__(
        self, function: Function, outer: frozenset[str], memory: frozenset[str], places: Places, literals_only: bool = False
    ) -> None:
        self.literals_only = literals_only
        self.function = function
        self.memory = memory
        self.places = places
        self.types = function.types
        self.start = frozenset(function.arguments) | outer | function.terms

    def walk(self) -> None:
        """Record every place of the function."""
        self._body(self.function.body, self.start, loop=False, top=True)

    def _body(self, body: list[ast.stmt], bound: frozenset[str], loop: bool, top: bool = False) -> frozenset[str]:
        for index, statement in enumerate(body):
            if docstring(statement) and index == 0:
                continue
            protected = self.literals_only or (top and self._defines(statement))
            self.places.lines.append(Line(body, index, bound, self.function, statement, loop, protected))
            bound = self._statement(statement, bound, loop, protected)
        if not leaves(body) and not self.literals_only:
            self.places.lines.append(Line(body, len(body), bound, self.function, None, loop))
        return bound

    def _defines(self, statement: ast.stmt) -> bool:
        return defines(statement, self.function.terms, self.memory)

    def _statement(self, node: ast.stmt, bound: frozenset[str], loop: bool, protected: bool) -> frozenset[str]:
        def note(attribute: str, role: str = "", kind: Kind | None = None) -> None:
            self._field(node, attribute, bound, role, kind, protected)

        match node:
            case ast.Assign(targets=targets):
                note("value", kind=self.types.of(targets[0]) if path(targets[0]) else "tuple")
            case ast.AnnAssign() | ast.AugAssign():
                note("value")
            case ast.Return() | ast.Expr():
                note("value")
            case ast.If(body=body, orelse=orelse):
                note("test", "test", "bool")
                bound |= _walrus(node.test)
                yes, no = self._body(body, bound, loop), self._body(orelse, bound, loop) if orelse else bound
                return no if leaves(body) else yes if orelse and leaves(orelse) else yes & no
            case ast.While(body=body):
                note("test", "test", "bool")
                self._body(body, bound | _walrus(node.test), True)
                return bound
            case ast.For(target=target, body=body):
                note("iter")
                self._body(body, bound | frozenset(names_bound(target)), True)
                return bound
            case ast.With(items=items, body=body):
                return self._body(body, bound | frozenset(names_left(items)), loop)
            case ast.Try(body=body):
                self._body(body, bound, loop)
                return bound
            case _:
                return bound | frozenset(names_left(node)) if not any(bodies(node)) else bound | _defined(node)
        return bound | frozenset(names_left(node)) if isinstance(node, ast.Assign | ast.AnnAssign) else bound

    def _field(
        self, owner: ast.AST, attribute: str, bound: frozenset[str], role: str, kind: Kind | None, protected: bool
    ) -> None:
        value = getattr(owner, attribute, None)
        for index, node in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(node, ast.expr):
                place = index if isinstance(value, list) else None
                self._site(
                    Site(node, owner, attribute, place, bound, self.function, kind or self.types.of(node), role, protected)
                )

    def _site(self, site: Site) -> None:
        node = site.node
        if isinstance(node, ast.Starred | ast.JoinedStr):
            return
        self.places.sites.append(site)
        if path(node) is not None or literal(node) is not None or isinstance(node, _LEAVES):
            return

        def below(attribute: str, role: str = "", kind: Kind | None = None, more: Iterable[str] = ()) -> None:
            self._field(node, attribute, site.bound | frozenset(more), role, kind, site.protected)

        whole = site.kind if site.kind in WHOLE else None
        match node:
            case ast.BinOp(op=op):
                role = "sum" if isinstance(op, ast.Add | ast.Sub) else ""
                many = site.kind == "list" and isinstance(op, ast.Mult)
                below("left", role, "count" if many and self.types.of(node.left) != "list" else whole)
                divides = isinstance(op, ast.Div | ast.FloorDiv | ast.Mod) and literal(node.right) is None
                counts = many and self.types.of(node.right) != "list"
                below("right", role, "count" if counts else whole or ("divisor" if divides else None))
            case ast.BoolOp():
                below("values", "test", "bool" if site.kind == "bool" else None)
            case ast.UnaryOp(op=op):
                below("operand", "test" if isinstance(op, ast.Not) else "", "bool" if isinstance(op, ast.Not) else site.kind)
            case ast.Compare():
                below("left", "compare")
                below("comparators", "compare")
            case ast.IfExp():
                below("test", "test", "bool")
                below("body", "", whole)
                below("orelse", "", whole)
            case ast.Call():
                self._call(node, site, whole)
            case ast.Subscript(slice=index):
                below("value", "", "list")
                self._index(node, index, site)
            case ast.Lambda(args=arguments):
                below("body", "key", more=names_bound(arguments))
            case ast.ListComp() | ast.GeneratorExp() | ast.SetComp() | ast.DictComp():
                self._comprehension(node, site)
            case ast.Tuple() | ast.List():
                below("elts", "key" if site.role == "key" else "")

    def _call(self, node: ast.Call, site: Site, whole: Kind | None) -> None:
        name = path(node.func) or ""
        last = name.rsplit(".", 1)[-1]
        kind: Kind | None = whole if name in ("min", "max", "abs") else None
        if name == "range" or last in ("randrange", "randint"):
            kind = "count"
        elif last in ("pop", "insert"):
            kind = "position"
        self._field(node, "args", site.bound, "call", kind, site.protected)
        for keyword in node.keywords:
            self._field(keyword, "value", site.bound, "call", None, site.protected)

    def _index(self, node: ast.Subscript, index: ast.expr, site: Site) -> None:
        if isinstance(index, ast.Slice):
            for attribute in ("lower", "upper", "step"):
                self._field(index, attribute, site.bound, "index", "position", site.protected)
        elif not isinstance(index, ast.Tuple):
            self._field(node, "slice", site.bound, "index", "position", site.protected)

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.DictComp, site: Site) -> None:
        bound = site.bound
        for generator in node.generators:
            self._field(generator, "iter", bound, "", None, site.protected)
            bound |= frozenset(names_bound(generator.target))
            self._field(generator, "ifs", bound, "test", "bool", site.protected)
        for attribute in ("elt",) if not isinstance(node, ast.DictComp) else ("key", "value"):
            self._field(node, attribute, bound, "", None, site.protected)


def _walrus(test: ast.expr) -> frozenset[str]:
    """Names that a test binds with `:=`."""
    return frozenset(
        node.target.id for node in every(test) if isinstance(node, ast.NamedExpr) and isinstance(node.target, ast.Name)
    )


def _defined(node: ast.stmt) -> frozenset[str]:
    return frozenset([node.name]) if isinstance(node, ast.FunctionDef | ast.ClassDef) else frozenset()


def find_places(
    functions: Sequence[Function],
    outer: frozenset[str],
    memory: frozenset[str] = frozenset(),
    literals_only: Function | None = None,
) -> Places:
    """The places of all functions.

    Args:
        memory: paths of terms with memory, whose statements are protected.
        literals_only: statements outside all functions, of which only the literals may change.
    """
    places = Places()
    if literals_only is not None:
        PlaceFinder(literals_only, outer, memory, places, literals_only=True).walk()
    for function in functions:
        PlaceFinder(function, outer, memory, places).walk()
    return places
