"""process: one player's process as the referee holds it: frames out, frames back, deadlines over whole calls, and its end.

It speaks bytes; what they mean is `player`'s matter. Every text and every byte that comes back is hostile.
"""

from __future__ import annotations

import contextlib
import math
import os
import select
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from adrs.core.failure import Fault, Foul
from adrs.core.text import OUTPUT_CHARACTERS, clean
from adrs.evaluator import wire

PIPE_BYTES = 1 << 20
HALF_OUTPUT = 8 << 10
_F_SETPIPE_SZ = 1031


@dataclass(frozen=True)
class Exit:
    """How a process ended: its wait status, CPU seconds and peak resident KiB."""

    status: int
    cpu_seconds: float
    peak_kib: int


class Forks(Protocol):
    """Whoever starts players and tells how they ended: the sandbox."""

    def fork(self, passed: Sequence[int], layers: int, memory_mb: int, cpu_seconds: int) -> tuple[int, int]: ...
    def wait_exit(self, number: int) -> Exit: ...


class Process:
    """One locked-down child of the zygote.

    Args:
        memory_mb: address space above that of the warm zygote.
        cpu_seconds: CPU for its whole life, held by the kernel besides our own clock.
        layers: which layers the child applies; all but in the probes.
    """

    def __init__(self, sandbox: Forks, memory_mb: int, cpu_seconds: float, layers: int) -> None:
        self._sandbox = sandbox
        request_end, self._requests = os.pipe2(os.O_CLOEXEC)
        self._replies, reply_end = os.pipe2(os.O_CLOEXEC)
        self._output = os.memfd_create("output", os.MFD_CLOEXEC)
        for descriptor in (self._requests, self._replies):
            os.set_blocking(descriptor, False)
            with contextlib.suppress(OSError):
                _set_pipe_size(descriptor)
        try:
            self._number, self._pidfd = sandbox.fork(
                [request_end, reply_end, self._output], layers, memory_mb, math.ceil(cpu_seconds) + 1
            )
        except BaseException:
            for descriptor in (self._requests, self._replies, self._output):
                os.close(descriptor)
            raise
        finally:
            os.close(request_end)
            os.close(reply_end)
        self.pid = _pid_of(self._pidfd)
        self._clock = (~self.pid << 3) | 2  # the kernel's clock id of a process: CPUCLOCK_SCHED
        self._poll = select.poll()
        self._poll.register(self._replies, select.POLLIN)
        self._nonce = b""
        self._posted = self._cpu_at_post = self._last_cpu = 0.0
        self.alive = True

    @property
    def posted(self) -> float:
        """When the last request was sent, by the monotonic clock."""
        return self._posted

    def clock(self) -> float:
        """CPU seconds of the process so far, by the kernel's per-process clock."""
        if self.alive:
            with contextlib.suppress(OSError):
                self._last_cpu = time.clock_gettime(self._clock)
        return self._last_cpu

    def post(self, payload: bytes) -> None:
        """Send one request; it is answered by one `collect`."""
        if len(payload) > wire.MAX_REQUEST:
            raise ValueError(f"a request of {len(payload)} bytes; a task may send {wire.MAX_REQUEST} at the most")
        self._nonce = os.urandom(8)
        self._cpu_at_post = self.clock()
        self._posted = time.monotonic()
        message = memoryview(wire.frame(self._nonce, payload))
        while message:
            try:
                message = message[os.write(self._requests, message) :]
            except BlockingIOError:
                self._wait_for_reader()
            except BrokenPipeError:
                return  # it is gone; `collect` says how

    def _wait_for_reader(self) -> None:
        writable = select.poll()
        writable.register(self._requests, select.POLLOUT)
        if not writable.poll(10_000):
            self.end()
            raise Foul("timeout", "the program did not read its request within 10 s")

    def collect(self, cpu_limit: float, room: int) -> bytes:
        """The payload that answers the last request.

        Args:
            cpu_limit: CPU seconds for this call; its wall clock limit is three times that and a second.
            room: bytes that an answer may have.

        Raises:
            Foul: `timeout`, `memory`, `crash`, `reward_hacking`; the process has been killed then.
        """
        buffer = bytearray()
        wanted = wire.HEADER.size
        while len(buffer) < wanted:
            self._await(cpu_limit)
            piece = os.read(self._replies, PIPE_BYTES)
            if not piece:
                raise self._gone()
            if not buffer and len(piece) < wire.HEADER.size:
                wanted = wire.HEADER.size
            buffer += piece
            if len(buffer) >= wire.HEADER.size and wanted == wire.HEADER.size:
                length, nonce = wire.HEADER.unpack_from(buffer)
                if nonce != self._nonce:
                    raise self._hacked("bytes that answer no request")
                if length > max(room, 4 * wire.MAX_ERROR_TEXT) + 1:
                    raise self._hacked("a reply longer than any answer may be")
                wanted = wire.HEADER.size + max(1, length)
        if len(buffer) > wanted or wanted == wire.HEADER.size:
            raise self._hacked("more bytes than its reply")
        self._nonce = b""
        if time.monotonic() - self._posted > cpu_limit and self.clock() - self._cpu_at_post > cpu_limit:
            raise self._late(cpu_limit)
        return bytes(buffer[wire.HEADER.size :])

    def _await(self, cpu_limit: float) -> None:
        """Wait for bytes, no longer than CPU and wall clock allow."""
        wall_limit = 3 * cpu_limit + 1
        while True:
            waited = time.monotonic() - self._posted
            used = self.clock() - self._cpu_at_post if waited > cpu_limit else 0.0
            if waited > wall_limit or used > cpu_limit:
                raise self._late(cpu_limit)
            patience = min(
                wall_limit - waited, max(cpu_limit - max(used, 0), 0.005) if waited > cpu_limit else cpu_limit - waited
            )
            if self._poll.poll(max(1, math.ceil(patience * 1000))):
                return

    def _late(self, cpu_limit: float) -> Foul:
        used = self.clock() - self._cpu_at_post
        self.end()
        if used > cpu_limit:
            return Foul("timeout", f"it used more than {cpu_limit:g} s of CPU for one call")
        return Foul("timeout", f"no answer within {3 * cpu_limit + 1:g} s, with {used:.1f} s of CPU used")

    def _hacked(self, what: str) -> Foul:
        self.end()
        return Foul("reward_hacking", f"the program wrote {what} to the referee's channel")

    def _gone(self) -> Foul:
        """Why the process closed its end: read from its exit."""
        exit_ = self._sandbox.wait_exit(self._number)
        self._last_cpu = max(self._last_cpu, exit_.cpu_seconds)
        self.end()
        status = exit_.status
        if not os.WIFSIGNALED(status):
            code = os.waitstatus_to_exitcode(status)
            if code == 111:
                raise Fault(f"a player could not be locked down: {self.output(200)}")
            return Foul("crash", f"the process left with exit code {code} and without an answer")
        number = os.WTERMSIG(status)
        name = signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"
        if number == signal.SIGSYS:
            return Foul("reward_hacking", "a forbidden system call (SIGSYS)")
        if number == signal.SIGXCPU:
            return Foul("timeout", "it used up all the CPU time of a player (SIGXCPU)")
        if number == signal.SIGKILL:
            return Foul("memory", "the kernel killed the process (SIGKILL), most likely for its memory")
        return Foul("crash", f"the process died of {name}")

    def leftovers(self) -> bool:
        """Whether bytes lie in the reply pipe that nobody asked for."""
        return self.alive and bool(self._poll.poll(0))

    def output(self, limit: int = OUTPUT_CHARACTERS) -> str:
        """What it printed, cleaned; the first and the last 8 KiB of it are kept."""
        data = os.pread(self._output, 2 * HALF_OUTPUT, 0)
        head, tail = data[:HALF_OUTPUT].rstrip(b"\0"), data[HALF_OUTPUT:]
        return clean(head + (b"\n" + tail if tail else b""), limit)

    def end(self) -> None:
        """Kill it. It is never asked to exit."""
        if not self.alive:
            return
        self.clock()
        self.alive = False
        with contextlib.suppress(OSError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
        for descriptor in (self._requests, self._replies, self._pidfd):
            os.close(descriptor)

    def close(self) -> None:
        """Kill it and forget its output as well."""
        self.end()
        if self._output >= 0:
            os.close(self._output)
            self._output = -1


def _set_pipe_size(descriptor: int) -> None:
    import fcntl

    fcntl.fcntl(descriptor, _F_SETPIPE_SZ, PIPE_BYTES)


def _pid_of(pidfd: int) -> int:
    """The pid behind a pidfd, as seen from here."""
    with open(f"/proc/self/fdinfo/{pidfd}", encoding="ascii") as lines:
        for line in lines:
            if line.startswith("Pid:"):
                return int(line.split()[1])
    raise Fault("/proc does not tell the pid of a player")
