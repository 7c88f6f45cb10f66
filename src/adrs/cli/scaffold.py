"""scaffold: writes a new commented one-file task that runs at once. The template is new_task.txt."""

from __future__ import annotations

import keyword
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

from adrs.core.failure import Refusal


def scaffold(name: str, folder: Path) -> Path:
    """Write NAME.py from the template.

    Raises:
        Refusal: the name is not a Python name or is an installed module, or the file exists.
    """
    stem = name.removesuffix(".py")
    if not stem.isidentifier() or keyword.iskeyword(stem):
        raise Refusal(f"{name!r} cannot name a task: use a Python name such as cache_eviction")
    path = folder / f"{stem}.py"
    if path.exists():
        raise Refusal(f"{path.name} exists: choose another name, or remove the file first")
    if _is_module(stem):
        raise Refusal(f"{stem} is the name of an installed module that {path.name} would hide: choose another name")
    template = Path(__file__).with_name("new_task.txt").read_text("utf-8")
    title = "".join(part.capitalize() for part in stem.split("_"))
    try:
        path.write_text(template.replace("NAME", stem).replace("CLASS", title), "utf-8")
    except OSError as error:
        raise Refusal(f"{path.name} cannot be written ({error.strerror}): change to a writable folder") from None
    return path


def _is_module(name: str) -> bool:
    """Whether the standard library or an installed package has that name."""
    return name in sys.stdlib_module_names or name in sys.modules or name in packages_distributions()
