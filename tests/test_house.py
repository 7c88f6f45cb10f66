"""The house: imports run down only, folders and files are what they say, and the front door opens quickly."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import adrs

SOURCE = Path(adrs.__file__).parent

FLOORS: dict[str, int] = {
    "core": 0,
    "sandbox": 1,
    "llm": 1,
    "mutation": 1,
    "catalog": 1,
    "analysis": 1,
    "stores": 1,
    "selectors": 1,
    "prompts": 1,
    "loop": 1,
    "generators": 2,
    "evaluator": 2,
    "tasks": 2,
    "runs": 3,
    "testing": 3,
    "api": 4,
    "cli": 4,
}
"""From the ground up: docs/architecture.md draws them. A new room needs a floor."""

PARTS = {"selectors", "prompts", "generators", "stores", "evaluator"}

DOORS = {"sandbox", "llm", "mutation", "catalog", "analysis"}
"""Rooms that stand on `core` alone; other rooms import only what their `__init__.py` offers."""

PROGRAMS = re.compile(r"tasks/\w+/(seed|offline_seed|kit|baselines/\w+)\.py")
"""Texts that are candidates or their kits; they keep to no rule of ours."""

IN_THE_SANDBOX = {"zygote.py", "child.py", "wire.py"}

COMMANDS = {"resume", "run", "evaluate"}

BROAD_EXCEPTS = {
    "catalog/loader.py": "a user's file may fail in any way",
    "evaluator": "the referee's wall",
    "sandbox": "the referee's wall",
    "cli/main.py": "a bug is told in a sentence, and its traceback kept in a file",
}


@cache
def files() -> dict[str, Path]:
    """Our modules, by path below the package."""
    found = {path.relative_to(SOURCE).as_posix(): path for path in SOURCE.rglob("*.py")}
    return {name: path for name, path in sorted(found.items()) if not PROGRAMS.fullmatch(name)}


@cache
def tree(name: str) -> ast.Module:
    return ast.parse(files()[name].read_text("utf-8"))


def module(name: str) -> str:
    """ "core/task.py" -> "adrs.core.task"."""
    return ".".join(["adrs", *Path(name).with_suffix("").parts]).removesuffix(".__init__")


@cache
def modules() -> set[str]:
    return {module(name) for name in files()}


def imports(name: str) -> set[str]:
    """Full names of everything that a file imports, at its top or lazily; a name from a package counts as its module."""
    found: set[str] = set()
    package = module(name).split(".") if name.endswith("__init__.py") else module(name).split(".")[:-1]
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*base, *([node.module] if node.module else [])])
            inner = {f"{origin}.{alias.name}" for alias in node.names} & modules()
            found.update(inner or {origin})
    return found


def ours(name: str) -> set[str]:
    """What a file imports of ours; the package itself is only asked for its version."""
    return {found for found in imports(name) if found.startswith("adrs.")}


def storey(full: str) -> str:
    """ "adrs.core.task" -> "core"."""
    return full.split(".")[1]


NAMES = sorted(files())
INSIDE = [name for name in NAMES if name not in ("__init__.py", "__main__.py")]


@pytest.mark.parametrize("name", INSIDE)
def test_imports_run_down_only(name: str) -> None:
    own = storey(module(name))
    assert own in FLOORS, f"{name} needs a floor in this test"
    for found in ours(name):
        assert FLOORS[storey(found)] <= FLOORS[own], f"{name} imports {found}, which is above it"


@pytest.mark.parametrize("name", [name for name in INSIDE if storey(module(name)) in PARTS])
def test_the_five_parts_do_not_know_one_another(name: str) -> None:
    others = {found for found in ours(name) if storey(found) in PARTS - {storey(module(name))}}
    assert not others, f"{name} imports {others}"


@pytest.mark.parametrize("name", INSIDE)
def test_the_ground_and_the_rooms_with_a_door_stand_on_core_alone(name: str) -> None:
    own = storey(module(name))
    if own in DOORS | {"core", "loop"}:
        assert {storey(found) for found in ours(name)} <= {"core", own}


@pytest.mark.parametrize("name", INSIDE)
def test_nobody_reaches_past_a_door(name: str) -> None:
    own = storey(module(name))
    past = {found for found in ours(name) if storey(found) in DOORS - {own} and found.count(".") > 1}
    assert not past, f"{name} imports {past}: import it from the room's __init__.py"


@pytest.mark.parametrize("name", INSIDE)
def test_nobody_imports_through_the_front_door(name: str) -> None:
    assert "adrs" not in imports(name), f"{name} imports a name from adrs/__init__.py: import it from its own module"


@pytest.mark.parametrize("name", NAMES)
def test_only_verification_can_play_the_test_split(name: str) -> None:
    examines = {"adrs.evaluator.examination", "adrs.evaluator.referee.examine"} & imports(name)
    names = {node.id for node in ast.walk(tree(name)) if isinstance(node, ast.Name)}
    if examines or "examine" in names or "Examination" in names:
        assert name in {"evaluator/examination.py", "evaluator/referee.py", "runs/verification.py"}


def test_no_import_goes_round() -> None:
    below = {module(name): {found for found in ours(name) if found in modules()} for name in INSIDE}
    waiting, sorted_out = set(below), set[str]()
    while waiting:
        free = {name for name in waiting if below[name] - {name} <= sorted_out | (below[name] - set(below))}
        assert free, f"a circle among {sorted(waiting)}"
        sorted_out |= free
        waiting -= free


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("sandbox/")])
def test_what_runs_in_the_sandbox_brings_nothing_of_ours(name: str) -> None:
    if Path(name).name not in IN_THE_SANDBOX:
        return
    allowed = {"msgspec", "numpy", "child", "wire", *sys.stdlib_module_names}
    for_types = {"adrs.sandbox.wire"}  # under TYPE_CHECKING; at run time it is a neighbour
    assert {found.split(".")[0] for found in imports(name) - for_types} <= allowed


@pytest.mark.parametrize("name", NAMES)
def test_a_file_says_what_it_is(name: str) -> None:
    path, said = files()[name], ast.get_docstring(tree(name)) or ""
    if path.name == "__init__.py":
        body = tree(name).body
        assert said.endswith(".")
        assert "\n" not in said, "a folder is one sentence"
        if name != "__init__.py":
            offered = body[1:] if Path(name).parts[0] in DOORS | {"testing"} and name.count("/") == 1 else []
            assert all(isinstance(line, ast.ImportFrom) for line in offered), "a door offers names and defines nothing"
            assert len(body) == 1 + len(offered), "a folder's __init__.py holds its sentence and nothing else"
    else:
        stem = path.parent.name if path.stem == "__main__" else path.stem
        assert said.startswith(f"{stem}: "), f"{name} begins with {said[:40]!r}"


@pytest.mark.parametrize("name", NAMES)
def test_a_file_and_its_functions_fit_on_screens(name: str) -> None:
    lines = files()[name].read_text("utf-8").count("\n")
    assert lines <= 420, f"{name} has {lines} lines"
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.FunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            assert length <= 60, f"{name}: {node.name} has {length} lines"
            count = len([*node.args.args, *node.args.kwonlyargs]) - (
                bool(node.args.args) and node.args.args[0].arg in {"self", "cls"}
            )
            command = name.startswith("cli/") and node.name in COMMANDS  # its arguments are the flags
            assert count <= 6 or command or node.name == "__init__", f"{name}: {node.name} takes {count} arguments"


@pytest.mark.parametrize("name", NAMES)
def test_names_say_something(name: str) -> None:
    empty = re.compile(r"manager|controller|handler|engine|helper|utils?$|context|misc|common", re.IGNORECASE)
    assert not empty.search(Path(name).stem)
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.ClassDef):
            assert not empty.search(node.name), f"{name}: class {node.name}"


@pytest.mark.parametrize("name", NAMES)
def test_failure_is_caught_by_its_name(name: str) -> None:
    broad = {"Exception", "BaseException", None}
    caught = [node.type for node in ast.walk(tree(name)) if isinstance(node, ast.ExceptHandler)]
    names = [getattr(part, "id", "?") if part else None for kind in caught for part in _each(kind)]
    if broad.intersection(names):
        assert name in BROAD_EXCEPTS or Path(name).parts[0] in BROAD_EXCEPTS, f"{name} catches everything"


def _each(kind: ast.expr | None) -> list[ast.expr | None]:
    return list(kind.elts) if isinstance(kind, ast.Tuple) else [kind]


@pytest.mark.parametrize("start", ["adrs", "adrs.core.parts", "adrs.catalog", "adrs.loop", "adrs.cli.main"])
def test_the_front_door_opens_quickly(start: str) -> None:
    assert start in modules()
    heavy = ("numpy", "sqlalchemy", "pydantic", "pydantic_ai", "jinja2", "msgspec", "scipy", "optuna")
    code = f"import sys, {start}; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_readme_shows_the_real_tree() -> None:
    """Every folder and top-level file of the package is in the README's tree, and nothing else is."""
    readme = (SOURCE.parents[1] / "README.md").read_text("utf-8")
    drawn = re.search(r"^src/adrs/\n((?:  .*\n)+)", readme, re.MULTILINE)
    assert drawn, "the README has no tree that begins with src/adrs/"
    shown = {match[1] for line in drawn[1].splitlines() if (match := re.match(r"  (\w+(?:/|\.py))", line))}
    real = {f"{path.name}/" for path in SOURCE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    real |= {path.name for path in SOURCE.glob("[!_]*.py")}
    assert shown == real
