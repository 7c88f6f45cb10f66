"""loader: imports our modules by name and runs a user's file by path."""

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
"""How modules that were run from a person's file are named in `sys.modules`."""
_loading: list[Path] = []
_folders: list[str] = []
"""The folders of people's files, the last one loaded first, as they stand at the end of `sys.path`."""


def import_module(name: str, file: Path, shown: str) -> ModuleType:
    """Import one of our modules by its name, or run a person's file, which may import what lies beside it."""
    with foreign_code(shown, file.parent, "does not import", bool(name)):
        if name:
            return importlib.import_module(name)
        _forget_namesakes(file.parent)
        _look_in(str(file.parent))
        module = ModuleType(f"{_PREFIX}{file.stem}_{sha256(str(file).encode()).hexdigest()[:8]}")
        module.__file__, module.__package__ = str(file), module.__name__
        module.__path__ = [str(file.parent)]  # so that `from .tables import …` works as well as `import tables`
        sys.modules[module.__name__] = module
        code = compile(file.read_bytes(), str(file), "exec", dont_inherit=True)  # leaves no bytecode that could be stale
        _loading.append(file)
        try:
            exec(code, module.__dict__)
        finally:
            _loading.remove(file)
        return module


def loading() -> bool:
    """Whether a person's file is being run at this moment; it must not start anything then."""
    return bool(_loading)


def _look_in(folder: str) -> None:
    """Let what lies in a folder be imported after the library, which a `queue.py` there must not hide."""
    if folder in _folders:
        _folders.remove(folder)
    elif folder in sys.path:  # whoever started this process put it where it stands
        return
    _folders.insert(0, folder)
    sys.path[:] = [*(entry for entry in sys.path if entry not in _folders), *_folders]


def _forget_namesakes(folder: Path) -> None:
    """Two people's files may each have a `tables.py` beside them: the one loaded last gets its own."""
    loaded = [module for name, module in sys.modules.items() if name.startswith(_PREFIX)]
    ours = {Path(str(module.__file__)).parent for module in loaded} - {folder}
    for path in folder.glob("*.py"):
        known = getattr(sys.modules.get(path.stem), "__file__", None)
        if known and Path(known) != path and Path(known).parent in ours:
            del sys.modules[path.stem]


@contextmanager
def foreign_code(shown: str, folder: Path, problem: str, ours: bool) -> Iterator[None]:
    """Run code that a person wrote: it may print, which must not reach our stdout, and fail in any way at all.

    A bug in a module of ours stays a bug; a package that it lacks, or a value that it refuses, is the person's to mend.
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
    """ "mine.py, line 3: ", the innermost line of the person's own files that is to blame."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{Path(error.filename).name}, line {error.lineno}: "
    return _line_in(error, folder)


def _line_in(error: BaseException, folder: Path) -> str:
    """ "mine.py, line 3: ", the innermost line in this folder through which an error came; "" when it came through none."""
    where, trace = "", error.__traceback__
    while trace is not None:
        path = Path(trace.tb_frame.f_code.co_filename)
        if path.parent == folder:
            where = f"{path.name}, line {trace.tb_lineno}: "
        trace = trace.tb_next
    return where


def answerable(cls: type[T], shown: str, folder: Path, answers: Mapping[str, type]) -> type[T]:
    """A person's class, whose methods tell that person what is wrong with them; what fails in our code alone stays a bug.

    Args:
        answers: method -> the type of what it gives.
    """
    methods = {name: _told(getattr(cls, name), shown, folder, answer) for name, answer in answers.items()}
    named = {name: getattr(cls, name) for name in ("__module__", "__qualname__", "__doc__")}
    return cast("type[T]", new_class(cls.__name__, (cls,), exec_body=lambda body: body.update(named | methods)))


def _told(method: Callable[..., Any], shown: str, folder: Path, answer: type) -> Callable[..., Any]:
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
            raise Refusal(f"{shown} failed in {method.__name__}: {where}{problem}: mend it") from error
        if not isinstance(given, answer):
            kind = f"{type(given).__name__}, where a {answer.__name__} is needed"
            raise Refusal(f"{shown}: {method.__name__} gave a {kind}: mend it")
        return given

    return call


def only_class(module: ModuleType, base: type[T], shown: str) -> type[T]:
    """The one public class of that interface which the module defines."""
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
        raise Refusal(f"{shown} defines {len(whole)} classes ({names}): one file holds one; underscore the others")
    if found:
        lacking = ", ".join(sorted(getattr(found[-1], "__abstractmethods__", ())))
        raise Refusal(f"{shown} is incomplete: class {found[-1].__name__} lacks {lacking}")
    example = "`adrs new NAME` writes an example" if base.__name__ == "Task" else 'README.md shows one under "Three recipes"'
    raise Refusal(f"{shown} defines no class that derives from adrs.{base.__name__}: {example}")
