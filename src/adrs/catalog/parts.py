"""parts: loads selectors, prompt generators and solution generators by file name or path."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args, overload

from adrs.catalog.files import PACKAGE, Description, describe, existing, is_path
from adrs.catalog.loader import answerable, foreign_code, import_module, only_class
from adrs.catalog.options import arguments, nearest, split_spec
from adrs.core.failure import Refusal
from adrs.core.parts import Part, Prompt, PromptGenerator, SolutionGenerator, SolutionSelector
from adrs.core.program import parse
from adrs.core.selection import Selection
from adrs.core.task import Task
from adrs.core.trial import Candidate

Kind = Literal["selector", "prompts", "generator"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_FOLDERS: dict[Kind, str] = {"selector": "selectors", "prompts": "prompts", "generator": "generators"}
_INTERFACES: dict[Kind, type[Part]] = {
    "selector": SolutionSelector,
    "prompts": PromptGenerator,
    "generator": SolutionGenerator,
}
_ANSWERS: dict[Kind, dict[str, type]] = {
    "selector": {"tell": object, "ask": Selection},
    "prompts": {"tell": object, "orient": object, "compose": Prompt},
    "generator": {"tell": object, "propose": Candidate},
}
"""Methods of a user's part that run in this process, and their return types."""
_CALLED: dict[str, str] = {"selector": "selector", "prompts": "prompt generator", "generator": "generator"}


def part_names(kind: Kind) -> list[str]:
    """The parts of one kind that come with adrs: every file that defines a class with this interface."""
    files = {file.stem: _class_headers(file) for file in (PACKAGE / _FOLDERS[kind]).glob("[!_]*.py")}
    parts = {_INTERFACES[kind].__name__}
    for _ in files:  # a class may derive from a class in another file of the folder
        for headers in files.values():
            parts |= {name for name, bases in headers.items() if bases & parts}
    return sorted(stem for stem, headers in files.items() if any(name in parts for name in headers if name[0] != "_"))


def _class_headers(file: Path) -> dict[str, set[str]]:
    """Class name -> names of its bases, without importing the file."""
    return {
        node.name: {base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "") for base in node.bases}
        for node in parse(file.read_text("utf-8")).body
        if isinstance(node, ast.ClassDef)
    }


@overload
def make_part(
    kind: Literal["selector"], spec: str, task: Task[Any], options: Mapping[str, object] | None = None
) -> SolutionSelector: ...
@overload
def make_part(
    kind: Literal["prompts"], spec: str, task: Task[Any], options: Mapping[str, object] | None = None
) -> PromptGenerator: ...
@overload
def make_part(
    kind: Literal["generator"], spec: str, task: Task[Any], options: Mapping[str, object] | None = None
) -> SolutionGenerator: ...
def make_part(kind: Kind, spec: str, task: Task[Any], options: Mapping[str, object] | None = None) -> Part:
    """Create a part by name or path, with options after a colon: "islands:count=4,migrate=20", "./mine.py:count=4".

    Args:
        task: passed to constructors that take an argument `task`.
        options: further options, as values; options in `spec` take precedence.

    Raises:
        Refusal: the part is unknown, cannot be imported, or does not take an option.
    """
    name, _, tail = spec.partition(":")
    whole = _part_class(kind, name)[0].whole if name in part_names(kind) else ""
    if whole and not tail.startswith(f"{whole}="):
        typed: dict[str, str] = {whole: tail} if tail else {}
    else:
        name, typed = split_spec(spec, part_names(kind))
    cls, file, ours = _part_class(kind, name)
    given = arguments(cls, {**(options or {}), **typed}, f"{kind} {name}")
    positional = inspect.Parameter.POSITIONAL_OR_KEYWORD
    wants_task = any(p.name == "task" and p.kind is positional for p in inspect.signature(cls).parameters.values())
    made = cls if ours else answerable(cls, f"{kind} {name}", file.parent, _ANSWERS[kind])
    with foreign_code(f"{kind} {name}", file.parent, "cannot be made", ours):
        part: Part = made(task, **given) if wants_task else made(**given)
    return part


def describe_part(kind: Kind, name: str) -> Description:
    """Docstring and options of a part."""
    cls, file, _ = _part_class(kind, name)
    return describe(name, cls, file)


def _part_class(kind: Kind, name: str) -> tuple[Any, Path, bool]:
    """The class of a part, its file, and whether it comes with adrs."""
    shown = f"{kind} {name}"
    if is_path(name):
        file = existing(name, kind)
        return only_class(import_module("", file, shown), _INTERFACES[kind], shown), file, False
    if name not in part_names(kind):
        others = nearest(name, part_names(kind), "this installation has none")
        raise Refusal(f"no {_CALLED[kind]} is named {name!r}: {others} (`adrs parts` lists them)")
    module = f"adrs.{_FOLDERS[kind]}.{name}"
    file = PACKAGE / _FOLDERS[kind] / f"{name}.py"
    return only_class(import_module(module, file, shown), _INTERFACES[kind], shown), file, True
