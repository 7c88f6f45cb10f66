"""loader: imports modules of adrs by name and runs a user's file by path."""

from __future__ import annotations

import functools
import importlib
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from hashlib import sha256
from pathlib import Path
from types import ModuleType, new_class
from typing import Any, TypeVar, cast

from adrs.core.failure import Exhausted, Fault, Refusal

T = TypeVar("T")

_PREFIX = "adrs_file_"
"""Prefix in `sys.modules` of modules that were run from a user's file."""
_loading: list[Path] = []
_folders: list[str] = []
"""The folders of users' files at the end of `sys.path`, the most recently loaded first."""


def import_module(name: str, file: Path, shown: str) -> ModuleType:
    """Import a module of adrs by its name, or run a user's file, which may import modules beside it."""
    with foreign_code(shown, file.parent, "does not import", bool(name)):
        if name:
            return importlib.import_module(name)
        _forget_namesakes(file.parent)
        _look_in(str(file.parent))
        module = ModuleType(f"{_PREFIX}{file.stem}_{sha256(str(file).encode()).hexdigest()[:8]}")
        module.__file__, module.__package__ = str(file), module.__name__
        module.__path__ = [str(file.parent)]  # so that `from .tables import …` works as well as `import tables`
        sys.modules[module.__name__] = module
        code = compile(file.read_bytes(), str(file), "exec", dont_inherit=True)  # writes no bytecode that could become stale
        _loading.append(file)
        try:
            exec(code, module.__dict__)
        finally:
            _loading.remove(file)
        return module


def loading() -> bool:
    """Whether a user's file is being imported right now; it must not start a run then."""
    return bool(_loading)


def _look_in(folder: str) -> None:
    """Append a folder to `sys.path`, after the standard library, which a `queue.py` there must not shadow."""
    if folder in _folders:
        _folders.remove(folder)
    elif folder in sys.path:  # the user placed it there; keep the position
        return
    _folders.insert(0, folder)
    sys.path[:] = [*(entry for entry in sys.path if entry not in _folders), *_folders]


def _forget_namesakes(folder: Path) -> None:
    """Forget modules of other folders with the same names, so that each file imports the `tables.py` beside it."""
    loaded = [module for name, module in sys.modules.items() if name.startswith(_PREFIX)]
    ours = {Path(str(module.__file__)).parent for module in loaded} - {folder}
    for path in folder.glob("*.py"):
        known = getattr(sys.modules.get(path.stem), "__file__", None)
        if known and Path(known) != path and Path(known).parent in ours:
            del sys.modules[path.stem]


@contextmanager
def foreign_code(shown: str, folder: Path, problem: str, ours: bool) -> Iterator[None]:
    """Run a user's code: it may raise anything, and its output must not reach stdout.

    An error in a module of adrs is a bug and propagates; a missing package or a rejected value becomes a refusal.
    """
    expected = (ImportError, ValueError) if ours else (Exception, SystemExit)
    try:
        with redirect_stdout(sys.stderr):
            yield
    except Refusal:
        raise
    except expected as error:
        raise Refusal(f"{shown} {problem}: {_where(error, folder)}{type(error).__name__}: {error}") from error


def _where(error: BaseException, folder: Path) -> str:
    """ "mine.py, line 3: ", the innermost line of the user's files that caused the error."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{Path(error.filename).name}, line {error.lineno}: "
    return _line_in(error, folder)


def _line_in(error: BaseException, folder: Path) -> str:
    """ "mine.py, line 3: ", the innermost line of the traceback in this folder; "" if there is no such line."""
    where, trace = "", error.__traceback__
    while trace is not None:
        path = Path(trace.tb_frame.f_code.co_filename)
        if path.parent == folder:
            where = f"{path.name}, line {trace.tb_lineno}: "
        trace = trace.tb_next
    return where


def answerable(cls: type[T], shown: str, folder: Path, answers: Mapping[str, type]) -> type[T]:
    """A subclass of a user's class whose methods turn errors in the user's code into refusals; errors in adrs stay bugs.

    Args:
        answers: method -> the type that it must return.
    """
    methods = {name: _checked(getattr(cls, name), shown, folder, answer) for name, answer in answers.items()}
    named = {name: getattr(cls, name) for name in ("__module__", "__qualname__", "__doc__")}
    return cast("type[T]", new_class(cls.__name__, (cls,), exec_body=lambda body: body.update(named | methods)))


def _checked(method: Callable[..., Any], shown: str, folder: Path, answer: type) -> Callable[..., Any]:
    @functools.wraps(method)
    def call(*arguments: Any, **named: Any) -> Any:
        try:
            given = method(*arguments, **named)
        except (Refusal, Fault, Exhausted):
            raise
        except (Exception, SystemExit) as error:
            if not (where := _line_in(error, folder)):
                raise
            problem = f"{type(error).__name__}: {error}"
            raise Refusal(f"{shown} failed in {method.__name__}: {where}{problem}: fix it") from error
        if not isinstance(given, answer):
            kind = f"{type(given).__name__} instead of a {answer.__name__}"
            raise Refusal(f"{shown}: {method.__name__} returned a {kind}: fix it")
        return given

    return call


def only_class(module: ModuleType, base: type[T], shown: str) -> type[T]:
    """The only public class with this interface that the module defines."""
    found = [
        value
        for name, value in vars(module).items()
        if inspect.isclass(value) and issubclass(value, base) and value.__module__ == module.__name__ and name[0] != "_"
    ]
    whole = [cls for cls in found if not inspect.isabstract(cls)]
    if len(whole) == 1:
        return whole[0]
    if whole:
        names = ", ".join(cls.__name__ for cls in whole)
        raise Refusal(f"{shown} defines {len(whole)} classes ({names}): keep one, or prefix the others with an underscore")
    if found:
        lacking = ", ".join(sorted(getattr(found[-1], "__abstractmethods__", ())))
        raise Refusal(f"{shown} is incomplete: define {lacking} in class {found[-1].__name__}")
    example = "`adrs new NAME` writes an example" if base.__name__ == "Task" else 'README.md shows one under "Three recipes"'
    raise Refusal(f"{shown} defines no class that derives from adrs.{base.__name__}: {example}")
