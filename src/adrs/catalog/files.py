"""files: locates tasks and parts: in the package, or at a path that the user gives."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from pathlib import Path

from adrs.catalog.options import Option, nearest, options_of
from adrs.core.failure import Refusal

PACKAGE = Path(__file__).parents[1]


@dataclass(frozen=True)
class Description:
    """The description of a task or a part: its docstring and options."""

    name: str
    text: str
    options: tuple[Option, ...]
    file: Path

    @property
    def says(self) -> str:
        """The first paragraph of the docstring, on one line."""
        return " ".join(self.text.split("\n\n")[0].split())


def describe(name: str, cls: type, file: Path) -> Description:
    return Description(name, inspect.cleandoc(cls.__doc__ or ""), tuple(options_of(cls, name).values()), file)


def is_path(spec: str) -> bool:
    return "/" in spec or spec.endswith(".py") or spec.startswith(".")


def existing(spec: str, kind: str) -> Path:
    path = Path(spec).expanduser().absolute()
    if path.is_dir():
        if not (path / "task.py").is_file():
            raise Refusal(f"{spec} is a folder without a task.py: name the file that holds the {kind}")
        return path / "task.py"
    if not path.is_file():
        beside = [file.name for file in path.parent.glob("*.py")] if path.parent.is_dir() else []
        where = nearest(path.name, beside, "there is no such file")
        raise Refusal(f"{kind} file {spec} does not exist: {where}")
    return path
