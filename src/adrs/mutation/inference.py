"""inference: what kind of value an expression has, from literals, operators, annotations, known calls and use. It runs nothing.

Kinds: "number"; "position", an integer that indexes; "count", an integer that says how many; "bool"; "str"; "list"; "tuple";
"" for unknown. A position is only replaced by a position and a count by a count: as numbers they caused most fouls, an index
out of range or a float as an index. Access paths count as names: `obs["done_s"]` has a kind of its own.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

from adrs.core.program import parse
from adrs.mutation.tree import every, literal, path

Kind = str

TERM_KINDS = {"float": "number", "int": "number", "bool": "bool", "str": "str", "list": "list"}
_CALLS: dict[str, Kind] = {
    **dict.fromkeys(("len", "int", "float", "abs", "round", "sum", "min", "max", "pow", "ord"), "number"),
    **dict.fromkeys(("bool", "isinstance", "any", "all", "callable", "hasattr"), "bool"),
    **dict.fromkeys(("sorted", "list", "range", "reversed", "zip", "enumerate"), "list"),
    **dict.fromkeys(("str", "repr", "chr"), "str"),
}
_RANDOM = {"random": "number", "uniform": "number", "gauss": "number", "randint": "position", "randrange": "position"}
_COUNTS = frozenset(("range", "randrange", "randint", "islice", "combinations", "permutations"))
WHOLE = frozenset(("position", "count"))
"""Kinds that must stay integers and in range."""
_STRICT = (ast.Sub, ast.Div, ast.Pow, ast.FloorDiv)


def annotated(annotation: ast.expr | None) -> Kind:
    """The kind that an annotation gives."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        return TERM_KINDS.get(annotation.value, "")
    if isinstance(annotation, ast.Subscript):
        return "list" if path(annotation.value) in ("list", "List", "Sequence", "tuple") else ""
    return TERM_KINDS.get(path(annotation) or "", "")


def signature_kinds(source: str) -> dict[str, Kind]:
    """Function name -> kind of its result, from the annotations in a text such as a task's kit."""
    return {
        node.name: kind
        for node in every(parse(source))
        if isinstance(node, ast.FunctionDef) and (kind := annotated(node.returns))
    }


class Types:
    """The kinds of the paths in one function, and of every expression over them.

    Args:
        function: the function, or a module for a block of bare statements.
        known: path -> kind, from terms and from the start program; these override what is inferred.
        calls: function name -> kind of its result.
    """

    def __init__(
        self, function: ast.AST, known: Mapping[str, Kind] | None = None, calls: Mapping[str, Kind] | None = None
    ) -> None:
        self.known = dict(known or {})
        self.calls = calls or {}
        self.kinds: dict[str, Kind] = {}
        self.tested: dict[str, None] = {}
        for node in every(function):
            if isinstance(node, ast.arg) and (kind := annotated(node.annotation)):
                self.kinds[node.arg] = kind
        nodes = every(function)
        for _ in range(2):  # a name may get its kind from a use that stands after an assignment to another name
            for node in nodes:
                self._learn(node)

    def of(self, node: ast.AST | None) -> Kind:
        """The kind of an expression."""
        if literal(node) is not None:
            return "number"
        if (name := path(node)) is not None:
            return self.known.get(name) or self.kinds.get(name, "")
        match node:
            case ast.Constant(value=bool()) | ast.Compare() | ast.UnaryOp(op=ast.Not()):
                return "bool"
            case ast.Constant(value=str()) | ast.JoinedStr():
                return "str"
            case ast.UnaryOp(operand=operand):
                return self.of(operand) or "number"
            case ast.BoolOp(values=values):
                return self._joined(values)
            case ast.IfExp(body=body, orelse=orelse):
                return self._joined([body, orelse])
            case ast.BinOp():
                return self._arithmetic(node)
            case ast.Call():
                return self._call(node)
            case ast.List() | ast.ListComp() | ast.GeneratorExp():
                return "list"
            case ast.Tuple():
                return "tuple"
        return ""

    def certain(self, node: ast.expr) -> bool:
        """Whether an expression can only be True or False; a name that is only tested may hold any value."""
        if isinstance(node, ast.BoolOp):
            return all(self.certain(value) for value in node.values)
        return self.of(node) == "bool" and path(node) not in self.tested

    def _joined(self, nodes: list[ast.expr]) -> Kind:
        kinds = {kind: None for node in nodes if (kind := self.of(node))}
        return next(iter(kinds)) if len(kinds) == 1 else ""

    def _arithmetic(self, node: ast.BinOp) -> Kind:
        left, right = self.of(node.left), self.of(node.right)
        if "str" in (left, right) or "list" in (left, right):
            return left if left in ("str", "list") else right
        if isinstance(node.op, ast.Div):
            return "number"
        if WHOLE & {left, right} and all(
            kind in WHOLE or isinstance(literal(side), int) for kind, side in ((left, node.left), (right, node.right))
        ):
            return "position" if "position" in (left, right) else "count"
        if isinstance(node.op, ast.Add | ast.Mult | ast.Mod) and not (left or right):
            return ""
        return "number"

    def _call(self, node: ast.Call) -> Kind:
        name = path(node.func) or ""
        last = name.rsplit(".", 1)[-1]
        if name.startswith("math."):
            return "bool" if last.startswith("is") else "number"
        if name in ("min", "max") and len(node.args) == 1:
            return ""
        if name in ("min", "max", "abs", "sum") and node.args:
            kind = self.of(node.args[0])
            return kind if name in ("min", "max", "abs") and kind in ("str", "position", "count") else "number"
        return self.calls.get(name) or _CALLS.get(name) or (_RANDOM.get(last, "") if "." in name else "")

    def _demand(self, node: ast.AST | None, kind: Kind) -> None:
        """Note that `node` is used as a `kind`; a position or a count overrides a number, otherwise the first use decides."""
        name = path(node)
        if name is None or not kind:
            if kind in WHOLE and isinstance(node, ast.BinOp):
                self._demand(node.left, kind)
                self._demand(node.right, kind)
            return
        if not self.kinds.get(name) or (kind in WHOLE and self.kinds[name] == "number"):
            self.kinds[name] = kind

    def _learn(self, node: ast.AST) -> None:
        match node:
            case ast.BinOp(left=left, op=op, right=right):
                if isinstance(op, ast.Mult) and "list" in (self.of(left), self.of(right)):
                    self._demand(right if self.of(left) == "list" else left, "count")
                number = isinstance(op, _STRICT) or "number" in (self.of(left), self.of(right))
                strings = "str" in (self.of(left), self.of(right)) and isinstance(op, ast.Add)
                for side in (left, right):
                    if number and not {"str", "list"} & {self.of(left), self.of(right)}:
                        self._demand(side, "number")
                    elif strings:
                        self._demand(side, "str")
            case ast.Compare(left=left, ops=ops, comparators=others):
                self._compare([left, *others], ops)
            case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
                self._truth(test)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                self._truth(operand)
            case ast.UnaryOp(operand=operand):
                self._demand(operand, "number")
            case ast.Subscript(slice=index) if path(node) is None:
                for part in (index.lower, index.upper, index.step) if isinstance(index, ast.Slice) else (index,):
                    self._demand(part, "position")
            case ast.Call():
                self._learn_call(node)
            case ast.For(target=target, iter=source) | ast.comprehension(target=target, iter=source):
                self._learn_loop(target, source)
            case ast.Assign(targets=[target], value=value):
                self._demand(target, self.of(value))
                self._demand(value, self.of(target))
            case ast.AnnAssign(target=target, annotation=annotation):
                self._demand(target, annotated(annotation))
            case ast.AugAssign(target=target, op=op, value=value):
                if isinstance(op, _STRICT) or self.of(value) == "number":
                    self._demand(target, "number")

    def _compare(self, sides: list[ast.expr], ops: list[ast.cmpop]) -> None:
        if any(isinstance(op, ast.In | ast.NotIn | ast.Is | ast.IsNot) for op in ops):
            return
        kinds = {kind: None for side in sides if (kind := self.of(side)) and kind not in WHOLE}
        ordered = any(isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE) for op in ops)
        kind = next(iter(kinds)) if len(kinds) == 1 else "number" if ordered and not kinds else ""
        for side in sides:
            self._demand(side, kind)

    def _truth(self, node: ast.expr) -> None:
        if isinstance(node, ast.BoolOp):
            for value in node.values:
                self._truth(value)
        else:
            name = path(node)
            if name is not None and not self.kinds.get(name):
                self.tested[name] = None
            self._demand(node, "bool")

    def _learn_call(self, node: ast.Call) -> None:
        name = path(node.func) or ""
        last = name.rsplit(".", 1)[-1]
        if last in _COUNTS:
            for argument in node.args if name == "range" or "rand" in last else node.args[1:]:
                self._demand(argument, "count")
        elif last in ("pop", "insert") and node.args and "." in name:
            self._demand(node.args[0], "position")
        elif name.startswith("math.") or (name in ("min", "max") and len(node.args) > 1) or name in ("abs", "round"):
            for argument in node.args:
                if not isinstance(argument, ast.Starred):
                    self._demand(argument, "number")

    def _learn_loop(self, target: ast.expr, source: ast.expr) -> None:
        name = path(source.func) if isinstance(source, ast.Call) else ""
        if name == "range":
            self._demand(target, "position")
        elif name == "enumerate" and isinstance(target, ast.Tuple) and target.elts:
            self._demand(target.elts[0], "position")
