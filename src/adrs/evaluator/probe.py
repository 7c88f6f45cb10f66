"""probe: players of ours that try what candidates may not, to see which layers have their effect."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adrs.core.failure import Fault, Foul
from adrs.evaluator import layout, policy, wire

if TYPE_CHECKING:
    from adrs.evaluator.sandbox import Layers, Sandbox

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
        "descriptors": [number for number in range(256) if not attempt(lambda: os.fstat(number))],
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


def _ask(sandbox: Sandbox, layers: int, *calls: tuple[Any, ...]) -> list[Any]:
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


def _measure_memory(sandbox: Sandbox) -> int:
    """The address space of a player that has allocated nothing, in bytes."""
    process = sandbox.process(0, 10)
    try:
        return int(Path(f"/proc/{process.pid}/statm").read_text("ascii").split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        raise Fault("the sandbox's players end at once, or /proc hides them") from None
    finally:
        process.close()


def probe(sandbox: Sandbox) -> Layers:
    """See which layers have their effect, each looked at alone, and all together."""
    from adrs.evaluator.sandbox import ALL_LAYERS, ENVIRONMENT, LANDLOCK, RLIMITS, SECCOMP, Layers

    sandbox.base_memory = _measure_memory(sandbox)
    outside = [str(Path(__file__)), sys.executable, "/etc/passwd", "/proc/self/status"]
    inside = [os.__file__, *layout.places(sandbox.wish.packages).libraries]
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
    found("interpreter", alone, "", "the player's environment or descriptors are not as they must be")
    limited, refused = _ask(sandbox, RLIMITS, ("look", []), ("allocate", (_PROBE_MB << 20) + (256 << 20)))
    found("rlimits", limited["files"] == 32 and refused == "MemoryError", "", "a limit had no effect")
    filtered, no_fork = (
        _ask(sandbox, SECCOMP, ("look", outside), ("fork",)) if "seccomp" not in sandbox.wish.without else (bare, "")
    )
    works = all((filtered["socket"], filtered["signal"], no_fork, forked, everything["signal"]))
    found("seccomp", works, policy.libseccomp_version() if works else "", "sockets, signals or fork were not refused")
    (locked,) = _ask(sandbox, LANDLOCK, ("look", outside + inside))
    abi = policy.landlock_abi()
    allowed = set(layout.places(sandbox.wish.packages).readable) if sandbox.wish.packages else set()
    effect = (
        bool(bare["opened"])
        and not [path for path in locked["opened"] if path not in allowed]
        and len(locked["opened"]) < len(bare["opened"])
    )
    if sandbox.wish.packages and sandbox.bwrap:  # an open world under bwrap holds nothing that Landlock refuses but /player
        effect = effect or (abi > 0 and not set(locked["opened"]) - allowed - {os.__file__})
    found(
        "landlock",
        effect,
        f"abi {abi}",
        "switched off" if "landlock" in sandbox.wish.without else "the kernel has no Landlock (5.13 or later, lsm=landlock)",
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
