"""zygote: a small trusted process that forks players. It never reads candidate text or task data, and never holds a secret.

Runs as a script in a bare, isolated interpreter. It imports what candidates may import, drops its uid and capabilities, and
then forks one locked-down child per request. It imports only the standard library, numpy, and its siblings `child` and
`wire`.

Control packets (SOCK_SEQPACKET), referee to zygote: first the settings as JSON, then requests `REQUEST` with three descriptors
(requests, replies, output). Zygote to referee: `b"R"` + JSON once ready; `b"S"` + number with a pidfd for each child started,
or `b"F"` + the reason for a failure; `b"X"` + `EXIT` for each child that ended.
"""

from __future__ import annotations

import array
import ctypes
import fcntl
import gc
import importlib
import json
import os
import resource
import select
import socket
import struct
import sys
from collections.abc import Callable
from typing import Any

REQUEST = struct.Struct("<QBQI")
"""number, layers (bits of `child.LAYERS`), address space in bytes (0: no limit), CPU seconds."""
EXIT = struct.Struct("<QiddQ")
"""number, wait status, user and system CPU seconds, peak resident KiB."""

_CAPABILITY_VERSION = 0x20080522


def _import_all(names: list[str]) -> None:
    for name in names:
        importlib.import_module(name)
    import numpy as np

    np.random.default_rng(0).random()
    np.random.random()
    np.linalg.inv(np.eye(3))


def _drop_privileges(uid: int) -> str:
    """Become `uid` and give up every capability; return the reason if the uid was kept, else "".

    Players cannot gain privileges, so none comes back. Root without capabilities still owns root's files; the other layers
    decide which of them it can read.
    """
    kept = _drop_uid(uid)
    libc = ctypes.CDLL(None, use_errno=True)
    nothing = ctypes.create_string_buffer(24)  # effective, permitted and inheritable, twice 32 bits each
    if libc.capset(ctypes.create_string_buffer(struct.pack("<Ii", _CAPABILITY_VERSION, 0)), nothing):
        raise OSError(ctypes.get_errno(), f"capset: {os.strerror(ctypes.get_errno())}")
    return kept


def _drop_uid(uid: int) -> str:
    """Become `uid` if started as root (0: keep the uid); return the reason if it was kept, else ""."""
    if os.getuid() != 0:
        return "not started as root"
    if not uid:
        return "another user could not read the modules that are offered"
    try:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    except OSError as error:
        return str(error)
    return ""


def _read_all(descriptor: int) -> bytes:
    os.lseek(descriptor, 0, os.SEEK_SET)
    pieces = []
    while piece := os.read(descriptor, 1 << 16):
        pieces.append(piece)
    return b"".join(pieces)


def _aside(descriptor: int) -> int:
    """Duplicate the descriptor to a number that children do not use; -1 stays -1."""
    if descriptor < 0:
        return descriptor
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 64)
    os.close(descriptor)
    return moved


def _start(control: socket.socket, packet: bytes, passed: list[int], live: Callable[..., None]) -> tuple[int, int, int] | None:
    """Fork a child that runs `live`, which never returns; return its number, pid and pidfd, or None if fork failed."""
    number, layers, address_space, cpu_seconds = REQUEST.unpack(packet)
    zygote = os.getpid()
    try:
        pid = os.fork()
    except OSError as error:
        control.send(b"F" + str(error).encode())
        return None
    if pid == 0:
        live(passed, layers, address_space, cpu_seconds, zygote)
    pidfd = os.pidfd_open(pid)
    socket.send_fds(control, [b"S" + struct.pack("<Q", number)], [pidfd])
    return number, pid, pidfd


def _receive(control: socket.socket) -> tuple[bytes, list[int]]:
    descriptors: array.array[int] = array.array("i")
    packet, ancillary, _, _ = control.recvmsg(1 << 17, socket.CMSG_LEN(3 * descriptors.itemsize))
    for level, kind, payload in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            descriptors.frombytes(payload[: len(payload) - len(payload) % descriptors.itemsize])
    return packet, list(descriptors)


def _serve(control: socket.socket, live: Callable[..., None]) -> None:
    """Fork children on request and reap them, until the referee closes its end."""
    poll = select.poll()
    poll.register(control, select.POLLIN)
    children: dict[int, tuple[int, int]] = {}
    while True:
        for descriptor, _ in poll.poll():
            if descriptor == control.fileno():
                packet, passed = _receive(control)
                if not packet:
                    return
                started = _start(control, packet, passed, live)
                for each in passed:
                    os.close(each)
                if started:
                    number, pid, pidfd = started
                    children[pidfd] = number, pid
                    poll.register(pidfd, select.POLLIN)
            else:
                number, pid = children.pop(descriptor)
                poll.unregister(descriptor)
                os.close(descriptor)
                _, status, usage = os.wait4(pid, 0)
                control.send(b"X" + EXIT.pack(number, status, usage.ru_utime, usage.ru_stime, usage.ru_maxrss))


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    settings: dict[str, Any] = json.loads(control.recv(1 << 17))
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [*settings["stdlib"], *settings["site"], here]
    _import_all(settings["preloaded"])
    child = importlib.import_module("child")
    seccomp = settings["seccomp"]
    kept = {"null": _aside(settings["null"]), "landlock": _aside(settings["landlock"])}
    child.prepare(
        {**kept, "offered": settings["offered"], "modules": settings["modules"]}, _read_all(seccomp) if seccomp >= 0 else b""
    )
    if seccomp >= 0:
        os.close(seccomp)
    del sys.modules["child"], sys.modules["wire"]  # candidates must not reach them
    sys.path.clear()
    sys.path_importer_cache.clear()
    for name in [name for name in os.environ if name not in settings["environment"]]:
        del os.environ[name]
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    kept_root = _drop_privileges(settings["uid"])
    child.die_with(os.getppid())
    gc.collect()
    gc.freeze()
    control.send(b"R" + json.dumps({"pid": os.getpid(), "uid": os.getuid(), "kept_root": kept_root}).encode())
    _serve(control, child.run)


if __name__ == "__main__":
    main()
