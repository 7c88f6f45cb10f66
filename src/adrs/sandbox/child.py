"""child: one player process: locks itself down, loads one candidate, and answers requests until it is killed.

Runs in a process that the zygote forked. The candidate can reach everything here once it is loaded, so the referee trusts
nothing that comes from it: a forged reply can only harm the candidate. Imports the standard library, msgspec, numpy and `wire`.
"""

from __future__ import annotations

import ctypes
import importlib.machinery
import importlib.util
import io
import os
import random
import resource
import sys
import types
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

if TYPE_CHECKING:
    from adrs.sandbox import wire
else:
    import wire  # a sibling module: the sandbox does not contain the package

LAYERS = {"rlimits": 1, "landlock": 2, "seccomp": 4}
"""Layer -> bit in a request; the referee omits bits only to probe the effect of each layer."""

REQUESTS, REPLIES = 3, 4
HALF_OUTPUT = 8 << 10
OUTPUT_FILE = 256 << 10
STACK = 16 << 20

_libc = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
_LANDLOCK_RESTRICT_SELF = 446


class _FilterProgram(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


class _Kept:
    """Descriptors and lists that the zygote keeps for its children, so that they need not open files."""

    settings: Mapping[str, Any] = {}
    filter_bytes: Any = None
    program: _FilterProgram | None = None


def prepare(settings: Mapping[str, Any], seccomp: bytes) -> None:
    """Prepare the zygote; called once.

    Args:
        settings: "null" and "landlock": descriptors; "offered": names; "modules": name -> path, for an open world.
        seccomp: the compiled filter, b"" for none.
    """
    _Kept.settings = settings
    if seccomp:
        _Kept.filter_bytes = ctypes.create_string_buffer(seccomp, len(seccomp))
        _Kept.program = _FilterProgram(len(seccomp) // 8, ctypes.cast(_Kept.filter_bytes, ctypes.c_void_p))


def die_with(parent: int) -> None:
    """Let the kernel kill this process when `parent`, its current parent, ends."""
    _libc.prctl(_PR_SET_PDEATHSIG, 9, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def _check(result: int, what: str) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")


def lock_down(layers: int, address_space: int, cpu_seconds: int) -> None:
    """Give up every permission that a candidate must not have; seccomp comes last.

    Raises:
        OSError: a requested layer could not be applied.
    """
    if layers & LAYERS["rlimits"]:
        limits = {
            resource.RLIMIT_CPU: (cpu_seconds, cpu_seconds + 1),  # first SIGXCPU, which names the cause; then SIGKILL
            resource.RLIMIT_NOFILE: (32, 32),
            resource.RLIMIT_FSIZE: (OUTPUT_FILE, OUTPUT_FILE),
            resource.RLIMIT_CORE: (0, 0),
            resource.RLIMIT_MEMLOCK: (0, 0),
            resource.RLIMIT_MSGQUEUE: (0, 0),
            resource.RLIMIT_NPROC: (0, 0),
            resource.RLIMIT_STACK: (STACK, STACK),
        }
        if address_space:
            limits[resource.RLIMIT_AS] = (address_space, address_space)
        for limit, wanted in limits.items():
            hard = resource.getrlimit(limit)[1]
            soft, last = wanted if hard == resource.RLIM_INFINITY else (min(wanted[0], hard), min(wanted[1], hard))
            resource.setrlimit(limit, (soft, last))
    settings = _Kept.settings
    _check(_libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0), "PR_SET_DUMPABLE")
    _check(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "PR_SET_NO_NEW_PRIVS")
    if layers & LAYERS["landlock"] and settings["landlock"] >= 0:
        _check(_libc.syscall(_LANDLOCK_RESTRICT_SELF, settings["landlock"], 0), "landlock_restrict_self")
    os.closerange(5, 1 << 16)
    if layers & LAYERS["seccomp"] and _Kept.program is not None:
        _check(_libc.prctl(_PR_SET_SECCOMP, 2, ctypes.byref(_Kept.program), 0, 0), "PR_SET_SECCOMP")


class _Listed:
    """Finds the top-level modules of an open world in a list, so that directories with other modules need not be readable."""

    def __init__(self, modules: Mapping[str, str]) -> None:
        self.modules = modules

    def find_spec(self, name: str, path: object = None, target: object = None) -> importlib.machinery.ModuleSpec | None:
        del target
        place = self.modules.get(name)
        if place is None or path is not None:
            return None
        if any(place.endswith(suffix) for suffix in importlib.machinery.all_suffixes()):
            return importlib.util.spec_from_file_location(name, place)
        return importlib.util.spec_from_file_location(name, place + "/__init__.py", submodule_search_locations=[place])


class _NotOffered:
    """The last finder on the path: raises an error that lists the offered modules."""

    def __init__(self, offered: Sequence[str]) -> None:
        self.offered = offered

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        del path, target
        if name.partition(".")[0] in {each.partition(".")[0] for each in self.offered}:
            return
        raise ModuleNotFoundError(f"{name} is not offered by this task; offered: {', '.join(self.offered)}", name=name)


class _Output(io.TextIOBase):
    """The target of `print`: keeps the first and the last 8 KiB and silently drops the rest."""

    def __init__(self) -> None:
        self.written = 0
        self.tail = bytearray()
        self.dropped = 0
        self.dirty = False

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        head, tail = text, ""
        if len(text) > 2 * HALF_OUTPUT:
            head, tail = text[:HALF_OUTPUT], text[-HALF_OUTPUT:]
            self.dropped += len(text) - 2 * HALF_OUTPUT
        data = head.encode("utf-8", "replace") + tail.encode("utf-8", "replace")
        room = HALF_OUTPUT - self.written
        if room > 0:
            os.pwrite(1, data[:room], self.written)
            self.written += len(data[:room])
            data = data[room:]
        if data:
            self.tail += data
            self.dirty = True
            if len(self.tail) > 8 * HALF_OUTPUT:
                self._shorten()
        return len(text)

    def _shorten(self) -> None:
        surplus = max(0, len(self.tail) - HALF_OUTPUT)
        self.dropped += surplus
        del self.tail[:surplus]

    def keep(self) -> None:
        """Write the tail to the output file, after a note on the dropped part."""
        if self.dirty:
            self._shorten()
            note = f"\n… {self.dropped} characters of output cut …\n".encode() if self.dropped else b""
            os.pwrite(1, note + self.tail, HALF_OUTPUT)
            self.dirty = False


def run(passed: Sequence[int], layers: int, address_space: int, cpu_seconds: int, zygote: int) -> NoReturn:
    """Run a child from fork to end; it ends by `_exit` or is killed."""
    settings = _Kept.settings
    try:
        requests, replies, output = passed
        os.dup2(settings["null"], 0)
        for source, target in ((output, 1), (output, 2), (requests, REQUESTS), (replies, REPLIES)):
            os.dup2(source, target)
        os.setsid()
        die_with(zygote)
        output_file = _Output()
        sys.stdout = sys.stderr = output_file
        sys.__stdout__ = sys.__stderr__ = output_file  # type: ignore[misc, assignment]
        if not settings["modules"]:
            sys.meta_path[:] = [finder for finder in sys.meta_path if getattr(finder, "__name__", "") != "PathFinder"]
        sys.meta_path += [_Listed(settings["modules"]), _NotOffered(settings["offered"])]
        lock_down(layers, address_space, cpu_seconds)
        os.write(REPLIES, wire.LOCKED)
    except BaseException as error:  # noqa: BLE001 - a child that is not locked down must end
        os.write(2, f"{type(error).__name__}: {error}".encode()[:500])
        os._exit(1)
    try:
        _answer_all(output_file)
    finally:
        os._exit(0)


def _read_exactly(count: int) -> bytes:
    pieces = []
    while count:
        piece = os.read(REQUESTS, count)
        if not piece:
            os._exit(0)
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)


def _answer_all(output: _Output) -> None:
    seat = Seat()
    ballast: bytearray | None = bytearray(1 << 20)
    while True:
        length, nonce = wire.HEADER.unpack(_read_exactly(wire.HEADER.size))
        request = wire.decode(_read_exactly(length))
        try:
            answer = wire.encode_answer(seat.answer(request))
            if len(answer) > request[1]:
                raise wire.Unsendable(f"an answer of {len(answer)} bytes; at most {request[1]} are allowed")
            reply = wire.ANSWER + answer
        except BaseException as error:  # noqa: BLE001 - any exception of a candidate is its foul
            ballast = None
            reply = wire.ERROR + wire.encode_answer(_describe(error, seat.who))
        output.keep()
        reply = wire.frame(nonce, reply)
        while reply:
            reply = reply[os.write(REPLIES, reply) :]
        if ballast is None:
            ballast = bytearray(1 << 20)


def _describe(error: BaseException, who: int) -> dict[str, Any]:
    """An exception as plain values for the referee: kind of foul, class, text, line of the candidate."""
    kind = "crash"
    unsendable = (wire.Unsendable, UnicodeEncodeError, OverflowError, RecursionError)
    if isinstance(error, unsendable) and not _in_candidate(error):
        kind = "illegal_answer"
    elif isinstance(error, MemoryError):
        kind = "memory"
    elif isinstance(error, SyntaxError) and not _in_candidate(error):
        kind = "syntax"
    elif isinstance(error, ModuleNotFoundError | _Interface):
        kind = "interface"
    try:
        text = str(error)[: wire.MAX_ERROR_TEXT].encode("utf-8", "replace").decode()
    except BaseException:  # noqa: BLE001 - a hostile __str__ counts as no text
        text = ""
    try:
        name = str(type(error).__name__)[:100].encode("utf-8", "replace").decode()
    except BaseException:  # noqa: BLE001
        name = "exception"
    line = error.lineno if kind == "syntax" and isinstance(error, SyntaxError) else _line(error)
    return {"kind": kind, "name": name, "text": text, "line": line or 0, "who": who}


def _lines(error: BaseException) -> list[int]:
    lines = []
    step = error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == "candidate.py":
            lines.append(step.tb_lineno)
        step = step.tb_next
    return lines


def _line(error: BaseException) -> int:
    """The candidate's line that raised it; 0 if unknown."""
    return next(reversed(_lines(error)), 0)


def _in_candidate(error: BaseException) -> bool:
    return bool(_lines(error))


class _Interface(Exception):  # noqa: N818
    """The candidate lacks a function or class that the task calls."""


class Seat:
    """One loaded candidate and, for a crew, its instances."""

    def __init__(self) -> None:
        self.module = types.ModuleType("candidate")
        self.crew: list[Any] = []
        self.who = -1

    def answer(self, request: Sequence[Any]) -> Any:
        """Answer one request `[operation, bytes allowed, *arguments]` with a plain value."""
        self.who = -1
        operation, room, *arguments = request
        act: Callable[..., Any] = getattr(self, "do_" + operation)
        return act(room, *arguments)

    def do_load(self, room: int, source: str, kit: str, seed: int, crew: bool) -> None:
        """Compile and run the candidate's module, and the task's kit before it."""
        del room
        random.seed(seed)
        np.random.seed(seed & 0xFFFFFFFF)
        if crew:
            _forbid_shared_randomness()
        for name, text in (("kit", kit), ("candidate", source)):
            if text:
                module = types.ModuleType(name)
                sys.modules[name] = module
                exec(_compiled(text, name), module.__dict__)
                self.module = module

    def do_call(self, room: int, function: str, arguments: Sequence[Any]) -> Any:
        """The answer of one function."""
        target = getattr(self.module, function, None)
        if not callable(target):
            raise _Interface(f"the program does not define the function {function}")
        return wire.plain(target(*arguments), room)

    def do_rest(self, room: int) -> None:
        """Do nothing; CPU time used after the last answer is charged before this request."""
        del room

    def do_crew(self, room: int, cls: str, settings: Sequence[Mapping[str, Any]]) -> None:
        """Create the instances."""
        del room
        make = getattr(self.module, cls, None)
        if not callable(make):
            raise _Interface(f"the program does not define the class {cls}")
        for self.who, each in enumerate(settings):
            self.crew.append(make(each))

    def do_step(
        self,
        room: int,
        method: str,
        who: Sequence[int],
        shared: Mapping[str, Any],
        names: Sequence[str],
        columns: Sequence[Any],
    ) -> list[Any]:
        """Call one method on many instances, each with its own observation; return the answers in the order of `who`."""
        answers = []
        crew = self.crew
        rows = zip(*columns, strict=True) if columns else ((),) * len(who)
        for self.who, row in zip(who, rows, strict=True):
            observation = dict(zip(names, row, strict=True))
            observation.update(shared)
            answers.append(getattr(crew[self.who], method)(observation))
        self.who = -1
        plain: list[Any] = wire.plain(answers, room)
        return plain


def _compiled(text: str, name: str) -> types.CodeType:
    try:
        return compile(text, name + ".py", "exec", dont_inherit=True)
    except (RecursionError, MemoryError) as error:
        raise SyntaxError(f"the program cannot be compiled: {type(error).__name__}") from None


def _forbid_shared_randomness() -> None:
    """Make module-level random functions raise: they would make an instance's answers depend on other instances."""

    def refuse(*_arguments: object, **_named: object) -> NoReturn:
        raise RuntimeError("shared random state: use random.Random(settings['seed'])")

    hidden = random.random.__self__  # type: ignore[attr-defined]
    for name, value in list(vars(random).items()):
        if getattr(value, "__self__", None) is hidden:
            setattr(random, name, refuse)
    state = np.random.random.__self__  # type: ignore[attr-defined]
    for name in dir(np.random):
        if getattr(getattr(np.random, name), "__self__", None) is state or name in ("ranf", "sample", "seed"):
            setattr(np.random, name, refuse)
