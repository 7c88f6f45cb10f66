"""catalog: finds tasks and parts by the name of their file, or by a path. Nothing is registered, and nothing is run here.

Listing names reads folders and class headers only; a module is imported when its task or part is asked for.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from numbers import Real
from pathlib import Path
from typing import Any, Literal, get_args, overload

from adrs.core.failure import Refusal
from adrs.core.parts import Part, Prompt, PromptGenerator, Selection, SolutionGenerator, SolutionSelector
from adrs.core.program import parse
from adrs.core.task import Task, Workload
from adrs.core.trial import Candidate
from adrs.modules import answerable, foreign_code, import_module, only_class
from adrs.options import Option, arguments, nearest, options_of, split_spec

Kind = Literal["selector", "prompts", "generator"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_HERE = Path(__file__).parent
_FOLDERS: dict[Kind, str] = {"selector": "selectors", "prompts": "prompts", "generator": "generators"}
_INTERFACES: dict[Kind, type[Part]] = {
    "selector": SolutionSelector,
    "prompts": PromptGenerator,
    "generator": SolutionGenerator,
}
_ANSWERS: dict[Kind | Literal["task"], dict[str, type]] = {
    "task": {"total": Real, "summary": Mapping, "fingerprint": str, "picture": str},
    "selector": {"tell": object, "ask": Selection},
    "prompts": {"tell": object, "orient": object, "compose": Prompt},
    "generator": {"tell": object, "propose": Candidate},
}
"""What a person's own class is asked in our process, and the type of what it gives."""
_ORIGIN = "_origin"
"""Where a loaded task remembers, in its own `__dict__`, how another process can load it again."""


@dataclass(frozen=True)
class Description:
    """What the catalogue can say of a task or a part."""

    name: str
    text: str
    options: tuple[Option, ...]
    file: Path

    @property
    def says(self) -> str:
        """The first paragraph, on one line."""
        return " ".join(self.text.split("\n\n")[0].split())


_CALLED: dict[str, str] = {"selector": "selector", "prompts": "prompt generator", "generator": "generator"}


# names


def task_names() -> list[str]:
    """The tasks that come with adrs: every folder in `tasks/` that holds a `task.py`."""
    return sorted(file.parent.name for file in (_HERE / "tasks").glob("*/task.py"))


def part_names(kind: Kind) -> list[str]:
    """The parts of one kind that come with adrs: every file that defines a class of that interface."""
    files = {file.stem: _class_headers(file) for file in (_HERE / _FOLDERS[kind]).glob("[!_]*.py")}
    parts = {_INTERFACES[kind].__name__}
    for _ in files:  # a class may derive from a class of a neighbouring file
        for headers in files.values():
            parts |= {name for name, bases in headers.items() if bases & parts}
    return sorted(stem for stem, headers in files.items() if any(name in parts for name in headers if name[0] != "_"))


def _class_headers(file: Path) -> dict[str, set[str]]:
    """Class name -> names of its bases, without importing."""
    return {
        node.name: {base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "") for base in node.bases}
        for node in parse(file.read_text("utf-8")).body
        if isinstance(node, ast.ClassDef)
    }


# tasks


def load_task(spec: str, options: Mapping[str, object] | None = None) -> Task[Any]:
    """The task of that name, file or folder, ready to be played.

    Args:
        spec: "spot_single_region", "./mine.py", "examples/mine" (a folder with a task.py).
        options: arguments of the constructor; texts are converted by its annotations.

    Raises:
        Refusal: unknown, not importable, no task or several in it, an option it does not take.
    """
    file, ours = _task_file(spec)
    module = import_module(f"adrs.tasks.{spec}.task" if ours else "", file, f"task {spec}")
    cls = only_class(module, Task, f"task {spec}")  # type: ignore[type-abstract]
    given = arguments(cls, options or {}, f"task {spec}")
    made = cls if ours else answerable(cls, f"task {spec}", file.parent, _ANSWERS["task"])
    with foreign_code(f"task {spec}", file.parent, "cannot be made", ours):
        task = made(**given)
    task.name = spec
    _fill(task, file)
    _check_texts(task)
    if not task.seed:
        raise Refusal(f"task {spec} has no seed program: set `seed` in {cls.__name__}, or put a seed.py beside task.py")
    vars(task)[_ORIGIN] = (spec if ours else str(file), given, file)
    return task


def workloads_of(task: Task[Any]) -> list[Workload[Any]]:
    """All workloads of a task.

    Raises:
        Refusal: the task's code fails, two have one name, or there is none to train on.
    """
    file, ours = origin(task)
    with foreign_code(f"task {task.name}", file.parent, "cannot give its workloads", ours):
        found = list(task.workloads())
    if strange := [type(each).__name__ for each in found if not isinstance(each, Workload)]:
        raise Refusal(f"task {task.name}: workloads gave a {strange[0]}, where a Workload is needed: mend it")
    names = Counter(workload.name for workload in found)
    if twice := [name for name, count in names.items() if count > 1]:
        raise Refusal(f"task {task.name} has two workloads named {twice[0]!r}: give each a name of its own")
    if not any(workload.split == "train" for workload in found):
        raise Refusal(f"task {task.name} has no workload to train on: give some of its workloads split='train'")
    return found


def task_spec(task: Task[Any] | str) -> tuple[str, dict[str, object]]:
    """A (spec, options) pair with which another process, in another working directory, can load the same task.

    Raises:
        Refusal: nobody else can load it: it lives in `__main__`, in a function, or was made with options it forgot.
    """
    if isinstance(task, str):
        file, ours = _task_file(task)
        return (task if ours else str(file)), {}
    if _ORIGIN in vars(task):
        spec, given, _ = vars(task)[_ORIGIN]
        return spec, dict(given)
    cls = type(task)
    module = sys.modules.get(cls.__module__)
    source = getattr(module, "__file__", None)
    if cls.__module__ == "__main__" or "." in cls.__qualname__ or not source:
        raise Refusal(
            f"task {cls.__qualname__} of {cls.__module__} cannot be loaded by the processes that play games: "
            f"move the class to the top of a file of its own and pass that file's path"
        )
    given = {}
    for name in options_of(cls, f"task {cls.__name__}"):
        if not hasattr(task, name):
            raise Refusal(
                f"task {cls.__name__} does not keep its option {name} as an attribute: pass {source!r} and the options instead"
            )
        given[name] = getattr(task, name)
    load_task(source, given)
    return source, given


def fingerprint(task: Task[Any]) -> str:
    """16 hex digits that change when the task's source or data does.

    Its source is its folder, or its file and what it imports beside it; and the modules of other tasks that these import.
    """
    file = _origin_file(task)
    folder = file.name == "task.py"
    files = sorted(path for path in file.parent.rglob("*") if _counts(path, file.parent)) if folder else _with_siblings(file)
    digest = sha256()
    for path in (*files, *_borrowed(files)):
        inside = path.is_relative_to(file.parent)
        digest.update(f"{path.relative_to(file.parent if inside else _HERE).as_posix()}\0".encode())
        digest.update(sha256(path.read_bytes()).digest())
    digest.update(task.fingerprint().encode("utf-8", "replace"))
    return digest.hexdigest()[:16]


def describe_task(spec: str) -> Description:
    """Statement and options of a task, from its docstring and its signature."""
    file, ours = _task_file(spec)
    cls = only_class(
        import_module(f"adrs.tasks.{spec}.task" if ours else "", file, f"task {spec}"),
        Task,  # type: ignore[type-abstract]
        f"task {spec}",
    )
    return _describe(spec, cls, file)


def _task_file(spec: str) -> tuple[Path, bool]:
    """The file that holds the task's class, absolute, and whether it is one of ours."""
    if not _is_path(spec):
        if spec in task_names():
            return _HERE / "tasks" / spec / "task.py", True
        for near in (Path(spec), Path(f"{spec}.py")):
            if near.exists():
                raise Refusal(f"no task is named {spec!r}: write ./{near} for what lies in this folder")
        raise Refusal(f"no task is named {spec!r}: {nearest(spec, task_names(), 'there are none')} (`adrs tasks` lists them)")
    return _existing(spec, "task"), False


def origin(task: Task[Any]) -> tuple[Path, bool]:
    """The file that holds a task's class, and whether it is one of ours."""
    file = _origin_file(task)
    return file, file.is_relative_to(_HERE / "tasks")


def _origin_file(task: Task[Any]) -> Path:
    if _ORIGIN in vars(task):
        file: Path = vars(task)[_ORIGIN][2]
        return file
    return _task_file(task_spec(task)[0])[0]


def _fill(task: Task[Any], file: Path) -> None:
    """A task in a folder keeps its programs in files of their own."""
    if file.name != "task.py":
        return
    for attribute in ("seed", "offline_seed", "kit"):
        path = file.with_name(f"{attribute}.py")
        if not getattr(task, attribute) and path.exists():
            setattr(task, attribute, path.read_text("utf-8"))
    if not task.baselines:
        paths = sorted(file.parent.glob("baselines/[!_]*.py"))
        task.baselines = {path.stem: path.read_text("utf-8") for path in paths}


def _check_texts(task: Task[Any]) -> None:
    """What a class says of its problem is of the types that `Task` states; programs may be any text, the interface may not."""
    texts = {name: getattr(task, name) for name in ("seed", "offline_seed", "kit", "interface")}
    texts |= {f"baseline {name}": text for name, text in task.baselines.items()}
    if strange := [name for name, text in texts.items() if not isinstance(text, str)]:
        raise Refusal(f"task {task.name}: its {strange[0]} is a {type(texts[strange[0]]).__name__}, no text: mend it")
    if not isinstance(task.bound, Real | None):
        raise Refusal(f"task {task.name}: its bound is {task.bound!r}: give a number, or None")
    try:
        parse(task.interface, "interface")
    except (SyntaxError, ValueError) as error:
        raise Refusal(f"task {task.name}: its interface is no Python: {error}: mend it") from error


def _counts(path: Path, folder: Path) -> bool:
    hidden = any(part.startswith(".") or part == "__pycache__" for part in path.relative_to(folder).parts)
    return path.is_file() and not hidden and path.suffix != ".pyc"


def _borrowed(files: list[Path]) -> list[Path]:
    """Modules of `adrs.tasks` that some files import, directly or not, besides these files."""
    found, waiting = set(files), [path for path in files if path.suffix == ".py"]
    while waiting:
        path = waiting.pop()
        try:
            tree = parse(path.read_text("utf-8"))
        except (SyntaxError, ValueError):  # a text that is no module: whoever imports it will hear of it
            continue
        for node in ast.walk(tree):
            if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("adrs.tasks"):
                continue
            place = _HERE.joinpath(*str(node.module).split(".")[1:])
            for module in (place.with_suffix(".py"), *(place / f"{alias.name}.py" for alias in node.names)):
                if module.is_file() and module not in found:
                    found.add(module)
                    waiting.append(module)
    return sorted(found - set(files))


def _with_siblings(file: Path) -> list[Path]:
    """A file and the modules beside it that it imports, directly or not."""
    found, waiting = [], [file]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.append(path)
        try:
            tree = parse(path.read_text("utf-8"))
        except (SyntaxError, ValueError):  # it only has the name of a module that is imported
            continue
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            waiting += [beside for name in names if (beside := file.with_name(f"{name.split('.')[0]}.py")).exists()]
    return sorted(found)


# parts


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
    """A part by name or path, with options after a colon: "islands:count=4,migrate=20", "./mine.py:count=4".

    Args:
        task: handed to constructors that take an argument `task`.
        options: further options, as values; those in `spec` win.

    Raises:
        Refusal: unknown, not importable, or an option it does not take.
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
    return _describe(name, cls, file)


def _part_class(kind: Kind, name: str) -> tuple[Any, Path, bool]:
    """The class of a part, the file it stands in, and whether it is one of ours."""
    shown = f"{kind} {name}"
    if _is_path(name):
        file = _existing(name, kind)
        return only_class(import_module("", file, shown), _INTERFACES[kind], shown), file, False
    if name not in part_names(kind):
        others = nearest(name, part_names(kind), "there are none")
        raise Refusal(f"no {_CALLED[kind]} is named {name!r}: {others} (`adrs parts` lists them)")
    module = f"adrs.{_FOLDERS[kind]}.{name}"
    file = _HERE / _FOLDERS[kind] / f"{name}.py"
    return only_class(import_module(module, file, shown), _INTERFACES[kind], shown), file, True


def _describe(name: str, cls: type, file: Path) -> Description:
    return Description(name, inspect.cleandoc(cls.__doc__ or ""), tuple(options_of(cls, name).values()), file)


def _is_path(spec: str) -> bool:
    return "/" in spec or spec.endswith(".py") or spec.startswith(".")


def _existing(spec: str, kind: str) -> Path:
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
