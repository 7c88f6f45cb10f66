"""preflight: checks a program without running it, in microseconds. It saves a fork; it is not a security boundary."""

from __future__ import annotations

import ast
import warnings
from functools import lru_cache

from adrs.core import program
from adrs.core.failure import Foul
from adrs.core.imports import OFFERED, is_offered
from adrs.core.text import clean

MAX_SOURCE = 256 << 10

_Definition = ast.FunctionDef | ast.AsyncFunctionDef


def preflight(source: str, interface: str, packages: tuple[str, ...] = ()) -> None:
    """Check that a program parses, imports only offered modules, and defines the interface.

    Args:
        interface: a Python stub; the program must define each function, class and method in it with as many arguments.

    Raises:
        Foul: `syntax` or `interface`, naming the line or the name.
    """
    tree = parse(source)
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [("." * node.level) + (node.module or "")]
        for name in names:
            if not is_offered(name, packages):
                raise Foul(
                    "interface",
                    f"line {getattr(node, 'lineno', 0)}: {clean(name, 100)} is not offered; offered: {_listed(packages)}",
                )
    _check_names(_definitions(tree.body), _definitions(_stub(interface).body), "")


def parse(source: str) -> ast.Module:
    """The syntax tree of a candidate's source.

    Raises:
        Foul: `syntax`.
    """
    if len(source) > MAX_SOURCE or len(source.encode("utf-8", "surrogatepass")) > MAX_SOURCE:
        raise Foul("syntax", f"the program is longer than {MAX_SOURCE >> 10} KiB")
    try:
        source.encode("utf-8")
    except UnicodeEncodeError:
        raise Foul("syntax", "the program holds a lone surrogate, which is no UTF-8") from None
    if "\0" in source:
        raise Foul("syntax", "the program holds a NUL character")
    try:
        with warnings.catch_warnings(action="ignore"):  # do not print warnings about a candidate's escape sequences
            return program.parse(source, "candidate.py")
    except SyntaxError as error:
        raise Foul("syntax", f"line {error.lineno or 0}: {clean(error.msg or 'invalid syntax', 200)}") from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise Foul("syntax", f"the program cannot be parsed: {type(error).__name__}") from None


def _listed(packages: tuple[str, ...]) -> str:
    return ", ".join([name for name in OFFERED if "." not in name] + list(packages))


@lru_cache(maxsize=32)
def _stub(interface: str) -> ast.Module:
    return program.parse(interface)


def names_of(interface: str) -> frozenset[str]:
    """The functions and classes that an interface defines, and the methods of its classes: {"Policy", "Policy.decide"}."""
    found: set[str] = set()
    for name, node in _definitions(_stub(interface).body).items():
        methods = _definitions(node.body) if isinstance(node, ast.ClassDef) else {}
        found |= {name, *(f"{name}.{method}" for method in methods)}
    return frozenset(found)


def _definitions(body: list[ast.stmt]) -> dict[str, ast.stmt]:
    """Name -> its definition, at the top level of a module or class, including if and try blocks."""
    found: dict[str, ast.stmt] = {}
    for node in body:
        if isinstance(node, _Definition | ast.ClassDef):
            found[node.name] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found.update({target.id: node for target in targets if isinstance(target, ast.Name)})
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found.update({(alias.asname or alias.name): node for alias in node.names})
        elif isinstance(node, ast.If | ast.Try | ast.With):
            found.update(_definitions(node.body))
            for branch in ("orelse", "finalbody"):
                found.update(_definitions(getattr(node, branch, [])))
    return found


def _check_names(given: dict[str, ast.stmt], wanted: dict[str, ast.stmt], inside: str) -> None:
    for name, stub in wanted.items():
        if isinstance(stub, ast.ClassDef):
            there = given.get(name)
            if there is None:
                raise Foul("interface", f"the program does not define the class {name}")
            if isinstance(there, ast.ClassDef) and not there.bases:  # a base class may provide the methods
                _check_names(_definitions(there.body), _definitions(stub.body), f"{name}.")
        elif isinstance(stub, _Definition):
            there = given.get(name)
            if there is None and inside and name == "__init__":
                continue
            if there is None:
                raise Foul("interface", f"the program does not define the function {inside}{name}")
            if isinstance(there, _Definition):
                _check_arguments(there, stub, inside + name)


def _check_arguments(given: _Definition, stub: _Definition, name: str) -> None:
    wanted = len(stub.args.posonlyargs) + len(stub.args.args)
    positional = len(given.args.posonlyargs) + len(given.args.args)
    needed = positional - len(given.args.defaults)
    missing = [
        argument.arg for argument, default in zip(given.args.kwonlyargs, given.args.kw_defaults, strict=True) if default is None
    ]
    enough = positional >= wanted or given.args.vararg is not None
    if needed > wanted or not enough or missing:
        shown = ast.unparse(stub.args)
        raise Foul("interface", f"line {given.lineno}: {name} must take ({shown}), {wanted} arguments, as the interface says")
    if isinstance(given, ast.AsyncFunctionDef):
        raise Foul("interface", f"line {given.lineno}: {name} must be a plain function, not async")
