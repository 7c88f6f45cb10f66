"""tasks: loads a task by name, file or folder, with its options, and says how another process can load it again."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from numbers import Real
from pathlib import Path
from typing import Any

from adrs.catalog.files import PACKAGE, Description, describe, existing, is_path
from adrs.catalog.loader import answerable, foreign_code, import_module, only_class
from adrs.catalog.options import arguments, nearest, options_of
from adrs.core.failure import Refusal
from adrs.core.program import parse
from adrs.core.task import Task, Workload

_ANSWERS: dict[str, type] = {"total": Real, "summary": Mapping, "fingerprint": str, "picture": str}
"""Methods of a person's own task that run in our process, and the type of what they return."""
_ORIGIN = "_origin"
"""Where a loaded task remembers, in its own `__dict__`, how another process can load it again."""


def task_names() -> list[str]:
    """The tasks that come with adrs: every folder in `tasks/` that holds a `task.py`."""
    return sorted(file.parent.name for file in (PACKAGE / "tasks").glob("*/task.py"))


def load_task(spec: str, options: Mapping[str, object] | None = None) -> Task[Any]:
    """The task of that name, file or folder, ready to be played.

    Args:
        spec: "spot_single_region", "./mine.py", "examples/mine" (a folder with a task.py).
        options: arguments of the constructor; texts are converted by its annotations.

    Raises:
        Refusal: unknown, not importable, no task or several in it, an option it does not take.
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
    """The file that holds the task's class, absolute, and whether it is one of ours."""
    if not is_path(spec):
        if spec in task_names():
            return PACKAGE / "tasks" / spec / "task.py", True
        for near in (Path(spec), Path(f"{spec}.py")):
            if near.exists():
                raise Refusal(f"no task is named {spec!r}: write ./{near} for what lies in this folder")
        raise Refusal(f"no task is named {spec!r}: {nearest(spec, task_names(), 'there are none')} (`adrs tasks` lists them)")
    return existing(spec, "task"), False


def origin(task: Task[Any]) -> tuple[Path, bool]:
    """The file that holds a task's class, and whether it is one of ours."""
    file = _origin_file(task)
    return file, file.is_relative_to(PACKAGE / "tasks")


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
