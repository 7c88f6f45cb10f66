"""scaffold: a new one-file task, commented, that runs at once. The words are in new_task.txt."""

from __future__ import annotations

import keyword
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

from adrs.core.failure import Refusal


def scaffold(name: str, folder: Path) -> Path:
    """Write NAME.py.

    Raises:
        Refusal: the name cannot name a module, names an installed one, or the file exists.
    """
    stem = name.removesuffix(".py")
    if not stem.isidentifier() or keyword.iskeyword(stem):
        raise Refusal(f"{name!r} cannot name a task: use a Python name such as cache_eviction")
    path = folder / f"{stem}.py"
    if path.exists():
        raise Refusal(f"{path.name} exists already: choose another name, or remove it first")
    if _is_module(stem):
        raise Refusal(f"{stem} is the name of an installed module, which {path.name} would hide: choose another name")
    template = Path(__file__).with_name("new_task.txt").read_text("utf-8")
    title = "".join(part.capitalize() for part in stem.split("_"))
    try:
        path.write_text(template.replace("NAME", stem).replace("CLASS", title), "utf-8")
    except OSError as error:
        raise Refusal(f"{path.name} cannot be written here: {error.strerror}") from None
    return path


def _is_module(name: str) -> bool:
    """Whether the standard library or an installed package has that name."""
    return name in sys.stdlib_module_names or name in sys.modules or name in packages_distributions()
