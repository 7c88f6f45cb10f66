"""probe: trusted players that try forbidden operations, to see which layers work."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from adrs.core.failure import Fault, Foul
from adrs.sandbox import kernel_policy, mounts, wire
from adrs.sandbox.layers import ALL_LAYERS, ENVIRONMENT, LANDLOCK, RLIMITS, SECCOMP, Layers
from adrs.sandbox.process import Process


class Probed(Protocol):
    """The interface of a sandbox that the probes use."""

    base_memory: int
    bwrap: str
    why_no_bwrap: str
    ready: Mapping[str, object]

    @property
    def packages(self) -> tuple[str, ...]: ...
    @property
    def without(self) -> frozenset[str]: ...
    def process(self, memory_mb: int, cpu_seconds: float, layers: int) -> Process: ...


_PROBE_MB = 64

_SOURCE = """
import os, sys, resource, socket

def attempt(act):
    try:
        act()
    except MemoryError:
        return "MemoryError"
    except OSError as error:
        return error.strerror or type(error).__name__
    return ""

def look(paths):
    return {
        "environment": dict(os.environ),
        "isolated": bool(sys.flags.isolated and sys.flags.no_site),
        "uid": os.getuid(),
        "pid": os.getpid(),
        "opened": [path for path in paths if not attempt(lambda: os.close(os.open(path, os.O_RDONLY)))],
        "descriptors": [number for number in range(256) if not attempt(lambda: os.get_inheritable(number))],
        "socket": attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM).close()),
        "signal": attempt(lambda: os.kill(os.getppid(), 0)),
        "files": resource.getrlimit(resource.RLIMIT_NOFILE)[0],
    }

def fork():
    def act():
        if os.fork() == 0:
            os._exit(0)
    return attempt(act)

def allocate(size):
    return attempt(lambda: bytearray(size))
"""


def _ask(sandbox: Probed, layers: int, *calls: tuple[Any, ...]) -> list[Any]:
    process = sandbox.process(_PROBE_MB, 10, layers)
    try:
        answers = []
        for call in (("load", 1 << 16, _SOURCE, "", 0, False), *(("call", 1 << 16, name, rest) for name, *rest in calls)):
            process.post(wire.encode(call))
            reply = process.collect(5.0, 1 << 16)
            if reply[:1] != wire.ANSWER:
                raise Fault(f"the sandbox's probe failed: {wire.decode(reply[1:])}")
            answers.append(wire.decode(reply[1:]))
        return answers[1:]
    except Foul as foul:
        raise Fault(f"the sandbox's probe failed: {foul}") from None
    finally:
        process.close()


def _measure_memory(sandbox: Probed) -> int:
    """The address space of a player that has allocated nothing, in bytes.

    Raises:
        Fault: it cannot be measured, or the zygote has several threads; only a single-threaded one can be forked safely.
    """
    process = sandbox.process(0, 10, ALL_LAYERS)
    try:
        process.post(wire.encode(("rest", 1)))
        process.collect(5.0, 1)
        threads = _status(_status(process.pid, "PPid"), "Threads")
        if threads != 1:
            raise Fault(f"the sandbox's zygote has {threads} threads; a module that it offers starts some when imported")
        return int(Path(f"/proc/{process.pid}/statm").read_text("ascii").split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        raise Fault("the sandbox's players exit immediately, or /proc hides them") from None
    finally:
        process.close()


def _status(pid: int, name: str) -> int:
    """A number from /proc/PID/status."""
    lines = Path(f"/proc/{pid}/status").read_text("utf-8", "replace").splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(f"{name}:")))


def probe(sandbox: Probed) -> Layers:
    """Find out which layers work, each alone and all together."""
    sandbox.base_memory = _measure_memory(sandbox)
    outside = [str(Path(__file__)), "/etc/passwd", "/proc/self/status"]
    inside = [os.__file__, *mounts.places(sandbox.packages).libraries]
    layers = Layers()

    def found(name: str, there: bool, says: str, why: str) -> None:
        if there:
            layers.on[name] = says
        else:
            layers.off[name] = why

    (bare,) = _ask(sandbox, 0, ("look", outside + inside))
    everything, forked = _ask(sandbox, ALL_LAYERS, ("look", outside + inside), ("fork",))
    alone = (
        bare["isolated"] and set(everything["environment"]) <= set(ENVIRONMENT) and everything["descriptors"] == [0, 1, 2, 3, 4]
    )
    found("interpreter", alone, "", "the player's environment or descriptors are wrong")
    limited, refused = _ask(sandbox, RLIMITS, ("look", []), ("allocate", (_PROBE_MB << 20) + (256 << 20)))
    found("rlimits", limited["files"] == 32 and refused == "MemoryError", "", "a limit had no effect")
    filtered, no_fork = _ask(sandbox, SECCOMP, ("look", outside), ("fork",)) if "seccomp" not in sandbox.without else (bare, "")
    works = all((filtered["socket"], filtered["signal"], no_fork, forked, everything["signal"]))
    found("seccomp", works, kernel_policy.libseccomp_version() if works else "", "sockets, signals or fork were not refused")
    (locked,) = _ask(sandbox, LANDLOCK, ("look", outside + inside))
    abi = kernel_policy.landlock_abi()
    allowed = set(mounts.places(sandbox.packages).readable) if sandbox.packages else set()
    effect = (
        bool(bare["opened"])
        and not [path for path in locked["opened"] if path not in allowed]
        and len(locked["opened"]) < len(bare["opened"])
    )
    if sandbox.packages and sandbox.bwrap:  # in an open world under bwrap, Landlock can only deny /player
        effect = effect or (abi > 0 and not set(locked["opened"]) - allowed - {os.__file__})
    found(
        "landlock",
        effect,
        f"abi {abi}",
        "switched off" if "landlock" in sandbox.without else "the kernel has no Landlock (5.13 or later, lsm=landlock)",
    )
    hidden = not set(bare["opened"]) & set(outside) and bare["pid"] < 1000
    found(
        "bwrap",
        bool(sandbox.bwrap) and hidden,
        sandbox.bwrap,
        sandbox.why_no_bwrap or "the private root showed files of this machine",
    )
    found("uid", bare["uid"] != os.getuid(), "", str(sandbox.ready.get("kept_root") or "the uid stayed"))
    return layers
