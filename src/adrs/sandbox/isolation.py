"""isolation: starts a zygote with its isolation layers and proves that each layer works.

A layer counts as on only if a trusted probe player saw its effect. A missing required layer is a refusal.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from adrs.core.failure import Fault, Refusal
from adrs.core.imports import OFFERED, PRELOADED
from adrs.core.text import clean
from adrs.sandbox import kernel_policy, mounts, wire
from adrs.sandbox.layers import ALL_LAYERS, ENVIRONMENT, LANDLOCK, RLIMITS, SECCOMP, Layers
from adrs.sandbox.probe import probe
from adrs.sandbox.process import Exit, Process
from adrs.sandbox.zygote import EXIT, REQUEST

START_SECONDS = 60.0
ANSWER_SECONDS = 60.0
"""Wall seconds without an answer after which the zygote counts as dead."""


class ZygoteDied(Fault):
    """The zygote died, and its players with it."""


@dataclass(frozen=True)
class SandboxOptions:
    """Which layers to use. The defaults are the strict ones; `without` exists for tests and for measuring.

    Args:
        packages: offered distributions, which import lazily; if any, the world is open: listed directories are readable.
        unsafe: run even if a required layer is missing; every trial then stores "unsafe".
        without: names of layers to switch off, including "interpreter".
    """

    packages: tuple[str, ...] = ()
    unsafe: bool = False
    without: frozenset[str] = frozenset()


class Sandbox:
    """Starts a zygote, probes its layers and forks players.

    Raises:
        Refusal: a required layer is missing, and `options.unsafe` is not set.
        Fault: the zygote could not be started.
    """

    def __init__(self, options: SandboxOptions | None = None) -> None:
        if not sys.platform.startswith("linux"):
            raise Refusal(
                "players need Linux: seccomp and Landlock do not exist here; run adrs in a Linux machine or container"
            )
        self.options = options or SandboxOptions()
        self.layers = Layers()
        self.base_memory = 0
        self._number = 0
        self._exits: dict[int, Exit] = {}
        self._control: socket.socket | None = None
        self._zygote: subprocess.Popen[bytes] | None = None
        self._start()

    def _start(self) -> None:
        self._launch()
        try:
            self.base_memory = 0
            self.layers = probe(self)
            self.layers.accepted_unsafe = self.options.unsafe
        except BaseException:
            self.close()
            raise
        missing = [name for name in ("interpreter", "rlimits", "seccomp") if name not in self.layers.on]
        if not self.layers.on.keys() & {"landlock", "bwrap"}:
            missing.append("landlock or bwrap")
        if missing and not self.options.unsafe:
            self.close()
            why = "; ".join(f"{name}: {says}" for name, says in self.layers.off.items())
            raise Refusal(
                f"the sandbox lacks {' and '.join(missing)} ({why or 'no effect seen'}): see `adrs doctor` for the remedy, "
                "or accept an unsafe run with --unsafe"
            )

    def start_seconds(self, mask: int) -> float:
        """Wall seconds to start one empty player with the layers in `mask`, for `adrs doctor`."""
        began = time.perf_counter()
        process = self.process(64, 5.0, mask)
        process.post(wire.encode(("load", 100, "", "", 0, False)))
        process.collect(2.0, 100)
        seconds = time.perf_counter() - began
        process.close()
        return seconds

    def restart(self) -> None:
        """Start a new zygote after the old one died; the layers are probed again."""
        self.close()
        self._exits.clear()
        self._start()

    def _launch(self) -> None:
        """Start the zygote under bwrap if that works, else without it."""
        bwrap = None if "bwrap" in self.options.without else mounts.find_bwrap()
        if bwrap is None:
            self.bwrap = ""
            self.why_no_bwrap = (
                "switched off" if "bwrap" in self.options.without else "bwrap is not installed: apt install bubblewrap"
            )
            self._spawn(None)
            return
        try:
            self._spawn(bwrap)
            self.bwrap, self.why_no_bwrap = mounts.bwrap_version(bwrap), ""
        except Fault as fault:
            self.bwrap, self.why_no_bwrap = "", str(fault)
            self._spawn(None)

    def _spawn(self, bwrap: str | None) -> None:
        places = mounts.places(self.options.packages)
        open_world = bool(self.options.packages)
        # without a private root, another uid cannot import modules below a private home
        keeps_uid = "uid" in self.options.without or (open_world and not bwrap and places.private)
        seccomp = self._filter(open_world)
        ruleset = (
            None
            if "landlock" in self.options.without
            else kernel_policy.landlock_ruleset(places.readable if open_world else ())
        )
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        null = os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC)
        errors = os.memfd_create("zygote-errors", os.MFD_CLOEXEC)
        handed = [
            descriptor for descriptor in (theirs.fileno(), seccomp, ruleset, null) if descriptor is not None and descriptor >= 0
        ]
        script = "/player/zygote.py" if bwrap else str(Path(__file__).with_name("zygote.py"))
        bare = [] if "interpreter" in self.options.without else ["-I", "-S"]
        python = [places.python, *bare, "-B", script, str(theirs.fileno())]
        command = [*mounts.bwrap_command(bwrap, places, ENVIRONMENT, self.options.packages), *python] if bwrap else python
        try:
            self._zygote = subprocess.Popen(
                command, env=ENVIRONMENT, cwd="/", pass_fds=handed, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors
            )
            theirs.close()
            ours.settimeout(ANSWER_SECONDS)
            self._control = ours
            settings = {
                "stdlib": places.stdlib,
                "site": places.site,
                "preloaded": [*PRELOADED, *self.options.packages],
                "offered": [*OFFERED, *self.options.packages],
                "modules": places.modules if open_world else {},
                "environment": sorted(ENVIRONMENT),
                "seccomp": seccomp,
                "landlock": -1 if ruleset is None else ruleset,
                "null": null,
                "uid": 0 if keeps_uid else (1 << 30) + secrets.randbelow(1 << 29),
            }
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it has ended already; its output names the cause
                ours.send(json.dumps(settings).encode())
            self.ready = self._await_ready(errors)
        except (OSError, ValueError) as error:
            self.close()
            raise Fault(f"the sandbox could not be started: {error}") from error
        finally:
            for descriptor in {*handed, errors} - {theirs.fileno()}:
                if descriptor >= 0:
                    with contextlib.suppress(OSError):
                        os.close(descriptor)

    def _filter(self, open_world: bool) -> int:
        """A descriptor of the seccomp filter; -1 if there is no filter.

        Raises:
            Refusal: there is no libseccomp, and `options.unsafe` is not set.
        """
        if "seccomp" in self.options.without:
            return -1
        try:
            return kernel_policy.seccomp_filter(open_world)
        except Refusal:
            if not self.options.unsafe:
                raise
            return -1

    def _await_ready(self, errors: int) -> Mapping[str, object]:
        control = self._control
        assert control is not None
        packet = b""
        if select.select([control], [], [], START_SECONDS)[0]:
            with contextlib.suppress(ConnectionError):
                packet = control.recv(1 << 16)
        if packet:
            ready: Mapping[str, object] = json.loads(packet[1:])
            return ready
        self.close()
        said = os.pread(errors, 2000, 0).decode("utf-8", "replace").strip().splitlines()
        raise Fault(said[-1][:300] if said else "the zygote did not start")

    def fork(self, passed: Sequence[int], layers: int, memory_mb: int, cpu_seconds: int) -> tuple[int, int]:
        """Fork a child; return its number and its pidfd.

        Raises:
            ZygoteDied: the zygote is not running.
            Fault: the machine cannot start another process.
        """
        self._number += 1
        for name, bit in (("rlimits", RLIMITS), ("landlock", LANDLOCK), ("seccomp", SECCOMP)):
            if name in self.options.without:
                layers &= ~bit
        address_space = self.base_memory + (memory_mb << 20) if self.base_memory else 0
        packet = REQUEST.pack(self._number, layers, address_space, cpu_seconds)
        try:
            socket.send_fds(self._live(), [packet], list(passed))
        except OSError:
            raise ZygoteDied("the sandbox's zygote died") from None
        while True:
            packet, descriptors = self._receive()
            if packet[:1] == b"S" and not descriptors:
                raise Fault("a player could not be started: this process has too many open files")
            if packet[:1] == b"S":
                return self._number, descriptors[0]
            if packet[:1] == b"F":
                raise Fault(f"a player could not be started: {clean(packet[1:], 200)}")

    def wait_exit(self, number: int) -> Exit:
        """Wait until the child `number` ends; return how it ended.

        Raises:
            ZygoteDied: the zygote died first.
        """
        while number not in self._exits:
            self._receive()
        return self._exits.pop(number)

    def _receive(self) -> tuple[bytes, list[int]]:
        """Receive one packet from the zygote; exits are stored."""
        try:
            packet, descriptors, _, _ = socket.recv_fds(self._live(), 1 << 16, 1)
        except OSError:
            packet, descriptors = b"", []
        if not packet:
            raise ZygoteDied("the sandbox's zygote died")
        if packet[:1] == b"X":
            number, status, user, system, peak = EXIT.unpack(packet[1:])
            self._exits[number] = Exit(status, user + system, peak)
            while len(self._exits) > 4096:
                del self._exits[next(iter(self._exits))]
        return packet, descriptors

    def _live(self) -> socket.socket:
        if self._control is None:
            raise ZygoteDied("the sandbox's zygote died")
        return self._control

    def process(self, memory_mb: int = 512, cpu_seconds: float = 30.0, layers: int = ALL_LAYERS) -> Process:
        """A fresh, locked-down child."""
        return Process(self, memory_mb, cpu_seconds, layers)

    @property
    def packages(self) -> tuple[str, ...]:
        """Packages that are offered in addition to numpy."""
        return self.options.packages

    @property
    def without(self) -> frozenset[str]:
        """Layers that are switched off on purpose."""
        return self.options.without

    @property
    def zygote_pid(self) -> int | None:
        """The started process: the zygote, or bwrap around it."""
        return self._zygote.pid if self._zygote else None

    def close(self) -> None:
        """End the zygote and all its children."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._zygote is not None:
            deadline = time.monotonic() + 1.0
            while self._zygote.poll() is None and time.monotonic() < deadline:
                time.sleep(0.002)
            with contextlib.suppress(OSError):
                self._zygote.send_signal(signal.SIGKILL)
            self._zygote.wait()
            self._zygote = None
