"""tasks: loads a task by name, file or folder, with its options; also so that another process can load it again."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from numbers import Real
from pathlib import Path
from typing import Any, get_args

from adrs.catalog.files import PACKAGE, Description, describe, existing, is_path
from adrs.catalog.loader import answerable, foreign_code, import_module, only_class
from adrs.catalog.options import arguments, nearest, options_of
from adrs.core.failure import Refusal
from adrs.core.program import parse
from adrs.core.task import SPLITS, Better, Guard, Task, Workload

_ANSWERS: dict[str, type] = {"total": Real, "summary": Mapping, "fingerprint": str, "picture": str}
"""Methods of a user's task that run in this process, and their return types."""
_ORIGIN = "_origin"
"""The entry in a loaded task's `__dict__` that says how another process can load it again."""


def task_names() -> list[str]:
    """The tasks that come with adrs: every folder in `tasks/` that holds a `task.py`."""
    return sorted(file.parent.name for file in (PACKAGE / "tasks").glob("*/task.py"))


def load_task(spec: str, options: Mapping[str, object] | None = None) -> Task[Any]:
    """Load a task by name, file or folder.

    Args:
        spec: "spot_single_region", "./mine.py", "examples/mine" (a folder with a task.py).
        options: arguments of the constructor; texts are converted by its annotations.

    Raises:
        Refusal: the task is unknown or cannot be imported, the file holds no task or several, or an option is unknown.
    """
    cls, file, ours = _task_class(spec)
    given = arguments(cls, options or {}, f"task {spec}")
    made = cls if ours else answerable(cls, f"task {spec}", file.parent, _ANSWERS)
    with foreign_code(f"task {spec}", file.parent, "cannot be made", ours):
        task = made(**given)
    task.name = spec
    _fill(task, file)
    _check_texts(task)
    if not task.seed:
        raise Refusal(f"task {spec} has no start program: set `seed` in {cls.__name__}, or put a seed.py beside task.py")
    vars(task)[_ORIGIN] = (spec if ours else str(file), given, file)
    return task


def workloads_of(task: Task[Any]) -> list[Workload[Any]]:
    """All workloads of a task.

    Raises:
        Refusal: the task's code fails, two workloads share a name, or the train split is empty.
    """
    file, ours = origin(task)
    with foreign_code(f"task {task.name}", file.parent, "cannot give its workloads", ours):
        found = list(task.workloads())
    if wrong := [type(each).__name__ for each in found if not isinstance(each, Workload)]:
        raise Refusal(f"task {task.name}: workloads returned a {wrong[0]} instead of a Workload: fix it")
    if odd := [each for each in found if each.split not in SPLITS]:
        known = ", ".join(SPLITS)
        raise Refusal(f"task {task.name}: workload {odd[0].name!r} has the split {odd[0].split!r}: give one of {known}")
    names = Counter(workload.name for workload in found)
    if twice := [name for name, count in names.items() if count > 1]:
        raise Refusal(f"task {task.name} has two workloads named {twice[0]!r}: give each its own name")
    if not any(workload.split == "train" for workload in found):
        raise Refusal(f"task {task.name} has no train workload: set split='train' for some workloads")
    return found


def task_spec(task: Task[Any] | str) -> tuple[str, dict[str, object]]:
    """A (spec, options) pair with which another process, in another working directory, can load the same task.

    Raises:
        Refusal: other processes cannot load it: it is defined in `__main__` or in a function, or does not keep its options.
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
            f"move the class to the top level of its own file and pass that file's path"
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


def task_options(spec: str, options: Mapping[str, object]) -> dict[str, object]:
    """The options of a task as values of the types that its constructor states: {"slack": "0.5"} -> {"slack": 0.5}.

    Raises:
        Refusal: the task cannot be imported, or an option is unknown or has the wrong type.
    """
    return arguments(_task_class(spec)[0], options, f"task {spec}")


def _task_class(spec: str) -> tuple[type[Task[Any]], Path, bool]:
    """The class of a task, the file that holds it, and whether it comes with adrs."""
    file, ours = _task_file(spec)
    module = import_module(f"adrs.tasks.{spec}.task" if ours else "", file, f"task {spec}")
    return only_class(module, Task, f"task {spec}"), file, ours  # type: ignore[type-abstract]


def describe_task(spec: str) -> Description:
    """Statement and options of a task, from its docstring and its signature."""
    cls, file, _ = _task_class(spec)
    return describe(spec, cls, file)


def _task_file(spec: str) -> tuple[Path, bool]:
    """The absolute path of the file that holds the task's class, and whether it comes with adrs."""
    if not is_path(spec):
        if spec in task_names():
            return PACKAGE / "tasks" / spec / "task.py", True
        for near in (Path(spec), Path(f"{spec}.py")):
            if near.exists():
                raise Refusal(f"no task is named {spec!r}: write ./{near} for the file or folder here")
        candidates = nearest(spec, task_names(), "this installation has none")
        raise Refusal(f"no task is named {spec!r}: {candidates} (`adrs tasks` lists them)")
    return existing(spec, "task"), False


def origin(task: Task[Any]) -> tuple[Path, bool]:
    """The file that holds a task's class, and whether it comes with adrs."""
    file = _origin_file(task)
    return file, file.is_relative_to(PACKAGE / "tasks")


def _origin_file(task: Task[Any]) -> Path:
    if _ORIGIN in vars(task):
        file: Path = vars(task)[_ORIGIN][2]
        return file
    return _task_file(task_spec(task)[0])[0]


def _fill(task: Task[Any], file: Path) -> None:
    """Read the programs of a task in a folder from their files."""
    if file.name != "task.py":
        return
    for attribute in ("seed", "offline_seed", "kit"):
        path = file.with_name(f"{attribute}.py")
        if not getattr(task, attribute) and path.exists():
            setattr(task, attribute, path.read_text("utf-8"))
    if not task.baselines:
        paths = sorted(file.parent.glob("baselines/[!_]*.py"))
        task.baselines = {path.stem: path.read_text("utf-8") for path in paths}


def _check_lists(task: Task[Any]) -> None:
    """Check packages, hints and guards: a single text in place of a tuple is a common mistake."""
    for name in ("packages", "hints"):
        value = getattr(task, name)
        if isinstance(value, str) or not all(isinstance(each, str) for each in value):
            raise Refusal(f"task {task.name}: its {name} is {value!r}: use a tuple of texts, such as ({str(value)!r},)")
    for guard in task.guards:
        if not isinstance(guard, Guard) or guard.better not in get_args(Better):
            raise Refusal(f"task {task.name}: its guard {guard!r} is wrong: write Guard('metric', 'higher') or 'lower'")


def _check_texts(task: Task[Any]) -> None:
    """Check the types of a task's attributes; programs may be any text, but the interface must be valid Python."""
    texts = {name: getattr(task, name) for name in ("seed", "offline_seed", "kit", "interface")}
    texts |= {f"baseline {name}": text for name, text in task.baselines.items()}
    if wrong := [name for name, text in texts.items() if not isinstance(text, str)]:
        raise Refusal(f"task {task.name}: its {wrong[0]} is a {type(texts[wrong[0]]).__name__}: use text")
    if not isinstance(task.bound, Real | None):
        raise Refusal(f"task {task.name}: its bound is {task.bound!r}: use a number or None")
    _check_lists(task)
    try:
        parse(task.interface, "interface")
    except (SyntaxError, ValueError) as error:
        raise Refusal(f"task {task.name}: its interface is not valid Python: {error}: fix it") from error
