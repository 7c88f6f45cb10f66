"""digest: fingerprint of a task's source and data, so that a run is never resumed on a changed task."""

from __future__ import annotations

import ast
from hashlib import sha256
from pathlib import Path
from typing import Any

from adrs.catalog.files import PACKAGE
from adrs.catalog.tasks import origin
from adrs.core.program import parse
from adrs.core.task import Task


def fingerprint(task: Task[Any]) -> str:
    """A fingerprint of 16 hex digits that changes when the task's source or data changes.

    The source is the task's folder, or its file and the modules beside it that it imports; also modules of other tasks that
    these import.
    """
    file, _ = origin(task)
    folder = file.name == "task.py"
    files = sorted(path for path in file.parent.rglob("*") if _counts(path, file.parent)) if folder else _with_siblings(file)
    digest = sha256()
    for path in (*files, *borrowed(files)):
        inside = path.is_relative_to(file.parent)
        digest.update(f"{path.relative_to(file.parent if inside else PACKAGE).as_posix()}\0".encode())
        digest.update(sha256(path.read_bytes()).digest())
    digest.update(task.fingerprint().encode("utf-8", "replace"))
    return digest.hexdigest()[:16]


def _counts(path: Path, folder: Path) -> bool:
    hidden = any(part.startswith(".") or part == "__pycache__" for part in path.relative_to(folder).parts)
    return path.is_file() and not hidden and path.suffix != ".pyc"


def borrowed(files: list[Path]) -> list[Path]:
    """Other modules of `adrs.tasks` that these files import, directly or indirectly."""
    found, waiting = set(files), [path for path in files if path.suffix == ".py"]
    while waiting:
        path = waiting.pop()
        try:
            tree = parse(path.read_text("utf-8"))
        except (SyntaxError, ValueError):  # not a valid module; importing it raises the error
            continue
        for node in ast.walk(tree):
            if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("adrs.tasks"):
                continue
            place = PACKAGE.joinpath(*str(node.module).split(".")[1:])
            for module in (place.with_suffix(".py"), *(place / f"{alias.name}.py" for alias in node.names)):
                if module.is_file() and module not in found:
                    found.add(module)
                    waiting.append(module)
    return sorted(found - set(files))


def _with_siblings(file: Path) -> list[Path]:
    """A file and the modules beside it that it imports, directly or indirectly."""
    found, waiting = [], [file]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.append(path)
        try:
            tree = parse(path.read_text("utf-8"))
        except (SyntaxError, ValueError):  # not a module, it only has the name of an imported one
            continue
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            waiting += [beside for name in names if (beside := file.with_name(f"{name.split('.')[0]}.py")).exists()]
    return sorted(found)
