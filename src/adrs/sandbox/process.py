"""process: the referee's handle on one player process: sends and receives frames, enforces deadlines, reads how it ended.

Transfers bytes; `player` interprets them. Every byte that comes back is hostile.
"""

from __future__ import annotations

import contextlib
import fcntl
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
from adrs.sandbox import wire

PIPE_BYTES = 1 << 20
HALF_OUTPUT = 8 << 10
LAST_MOMENTS = 2.0
"""Wall seconds that a process may take to end after it closed its channel."""


@dataclass(frozen=True)
class Exit:
    """How a process ended: its wait status, CPU seconds and peak resident KiB."""

    status: int
    cpu_seconds: float
    peak_kib: int


class Forks(Protocol):
    """The sandbox's interface for starting players and waiting for their end."""

    def fork(self, passed: Sequence[int], layers: int, memory_mb: int, cpu_seconds: int) -> tuple[int, int]: ...
    def wait_exit(self, number: int) -> Exit: ...


class Process:
    """One locked-down child of the zygote.

    Args:
        memory_mb: address space in addition to that of the zygote.
        cpu_seconds: CPU seconds for its lifetime, enforced by the kernel in addition to the referee's clock.
        layers: the layers that the child applies; all of them except in probes.
    """

    def __init__(self, sandbox: Forks, memory_mb: int, cpu_seconds: float, layers: int) -> None:
        self._sandbox = sandbox
        self._cpu_seconds = math.ceil(cpu_seconds) + 1
        with contextlib.ExitStack() as undo:
            theirs = self._open(undo)
            self._number, self._pidfd = sandbox.fork(theirs, layers, memory_mb, self._cpu_seconds)
            undo.callback(os.close, self._pidfd)
            self.pid = _pid_of(self._pidfd)
            undo.pop_all()
            for descriptor in theirs[:2]:
                os.close(descriptor)
        self._clock = (~self.pid << 3) | 2  # the kernel's clock id of a process: CPUCLOCK_SCHED
        self._poll = select.poll()
        self._poll.register(self._replies, select.POLLIN)
        self._nonce = b""
        self._unsent = memoryview(b"")
        self._posted = self._cpu_at_post = self._last_cpu = 0.0
        self._locked = False
        self.alive = True

    def _open(self, undo: contextlib.ExitStack) -> list[int]:
        """Open both pipes and the output file; return the child's descriptors."""
        try:
            theirs_in, self._requests = os.pipe2(os.O_CLOEXEC)
            undo.callback(os.close, theirs_in)
            undo.callback(os.close, self._requests)
            self._replies, theirs_out = os.pipe2(os.O_CLOEXEC)
            undo.callback(os.close, self._replies)
            undo.callback(os.close, theirs_out)
            self._output = os.memfd_create("output", os.MFD_CLOEXEC)
            undo.callback(os.close, self._output)
        except OSError as error:
            raise Fault(f"a player could not be started: {error.strerror}") from error
        for descriptor in (self._requests, self._replies):
            os.set_blocking(descriptor, False)
            with contextlib.suppress(OSError):
                fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        return [theirs_in, theirs_out, self._output]

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
        """Begin to send one request; one `collect` sends the rest and returns the answer.

        Raises:
            Foul: the process has ended already.
        """
        if not self.alive:
            raise Foul("crash", "the program had ended before it was asked")
        if len(payload) > wire.MAX_REQUEST:
            raise ValueError(f"a request of {len(payload)} bytes; a task may send at most {wire.MAX_REQUEST}")
        self._nonce = os.urandom(8)
        self._cpu_at_post = self.clock()
        self._posted = time.monotonic()
        self._unsent = memoryview(wire.frame(self._nonce, payload))
        self._send()
        if self._unsent:
            self._poll.register(self._requests, select.POLLOUT)

    def _send(self) -> None:
        """Write as much of the request as the pipe accepts now."""
        with contextlib.suppress(BlockingIOError):
            while self._unsent:
                try:
                    self._unsent = self._unsent[os.write(self._requests, self._unsent) :]
                except BrokenPipeError:  # it has ended; `collect` reports how
                    self._unsent = memoryview(b"")

    def collect(self, cpu_limit: float, room: int) -> bytes:
        """The payload that answers the last request.

        Args:
            cpu_limit: CPU seconds for this call; the wall-clock limit is three times that plus one second.
            room: maximal size of the answer in bytes.

        Raises:
            Foul: `timeout`, `memory`, `crash`, `reward_hacking`; the process has then been killed.
            Fault: the process ended before it had read anything.
        """
        if not self.alive:
            raise Foul("crash", "the program had ended before it answered")
        buffer = bytearray()
        wanted = wire.HEADER.size
        waiting = not self.leftovers()  # bytes that are already there came in time, even if read late
        while len(buffer) < wanted:
            if waiting:
                self._await(cpu_limit)
            waiting = True
            piece = os.read(self._replies, PIPE_BYTES)
            if not piece:
                raise self._gone()
            if not self._locked:
                self._locked, piece = True, piece[1:]
            buffer += piece
            if len(buffer) >= wire.HEADER.size and wanted == wire.HEADER.size:
                length, nonce = wire.HEADER.unpack_from(buffer)
                if nonce != self._nonce:
                    raise self._hacked("bytes that answer no request")
                if length > max(room, 4 * wire.MAX_ERROR_TEXT) + 1:
                    raise self._hacked("a reply longer than any answer may be")
                if length == 0:
                    raise self._hacked("a reply without a byte in it")
                wanted = wire.HEADER.size + length
        if len(buffer) > wanted:
            raise self._hacked("more bytes than its reply")
        if self._unsent:
            raise self._hacked("a reply to what it had not read")
        self._nonce = b""
        if time.monotonic() - self._posted > cpu_limit and self.clock() - self._cpu_at_post > cpu_limit:
            raise self._late(cpu_limit)
        return bytes(buffer[wire.HEADER.size :])

    def _await(self, cpu_limit: float) -> None:
        """Wait for bytes and send the rest of the request, within the CPU and wall-clock limits."""
        wall_limit = 3 * cpu_limit + 1
        while True:
            waited = time.monotonic() - self._posted
            used = self.clock() - self._cpu_at_post if waited > cpu_limit else 0.0
            if waited > wall_limit or used > cpu_limit:
                raise self._late(cpu_limit)
            patience = min(
                wall_limit - waited, max(cpu_limit - max(used, 0), 0.005) if waited > cpu_limit else cpu_limit - waited
            )
            ready = self._poll.poll(max(1, math.ceil(patience * 1000)))
            if any(descriptor == self._requests for descriptor, _ in ready):
                self._send()
                if not self._unsent:
                    self._poll.unregister(self._requests)
            if any(descriptor == self._replies for descriptor, _ in ready):
                return

    def _late(self, cpu_limit: float) -> Foul | Fault:
        used = self.clock() - self._cpu_at_post
        self.end()
        if not self._locked:
            return Fault(f"a player did not start within {3 * cpu_limit + 1:g} s: the machine is overloaded")
        if used > cpu_limit:
            return Foul("timeout", f"it used more than {cpu_limit:g} s of CPU for one call")
        return Foul("timeout", f"no answer within {3 * cpu_limit + 1:g} s, with {used:.1f} s of CPU used")

    def _hacked(self, what: str) -> Foul:
        self.end()
        return Foul("reward_hacking", f"the program wrote {what} to the referee's channel")

    def _gone(self) -> Foul | Fault:
        """Why the process closed its channel, read from its exit status. A process that closes it and stays alive is killed."""
        ended = select.poll()
        ended.register(self._pidfd, select.POLLIN)
        if not ended.poll(LAST_MOMENTS * 1000):
            self.end()
            return Foul("crash", "the program closed its channel to the referee without an answer")
        exit_ = self._sandbox.wait_exit(self._number)
        self._last_cpu = max(self._last_cpu, exit_.cpu_seconds)
        self.end()
        status = exit_.status
        if not self._locked:
            return Fault(f"a player could not be locked down: {self.output(200) or f'wait status {status}'}")
        if not os.WIFSIGNALED(status):
            code = os.waitstatus_to_exitcode(status)
            return Foul("crash", f"the process left with exit code {code} and without an answer")
        number = os.WTERMSIG(status)
        name = signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"
        if number == signal.SIGSYS:
            return Foul("reward_hacking", "a forbidden system call (SIGSYS)")
        if number == signal.SIGXCPU or (number == signal.SIGKILL and exit_.cpu_seconds >= self._cpu_seconds):
            return Foul("timeout", f"it used up all the CPU time of a player ({name})")
        if number == signal.SIGKILL:
            return Foul("memory", "the kernel killed the process (SIGKILL), most likely for its memory")
        return Foul("crash", f"the process died of {name}")

    def leftovers(self) -> bool:
        """Whether the reply pipe holds bytes without a request."""
        return self.alive and any(event & select.POLLIN for _, event in self._poll.poll(0))

    def output(self, limit: int = OUTPUT_CHARACTERS) -> str:
        """Its cleaned output: the first and the last 8 KiB, with a note on the dropped part between them.

        Empty after `close`.
        """
        if self._output < 0:
            return ""
        data = os.pread(self._output, 2 * HALF_OUTPUT + 100, 0)  # includes space for the note
        return clean(data[:HALF_OUTPUT].rstrip(b"\0") + data[HALF_OUTPUT:], limit)

    def end(self) -> None:
        """Kill it; a player is never asked to exit."""
        if not self.alive:
            return
        self.clock()
        self.alive = False
        with contextlib.suppress(OSError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
        for descriptor in (self._requests, self._replies, self._pidfd):
            os.close(descriptor)

    def close(self) -> None:
        """Kill it and discard its output."""
        self.end()
        if self._output >= 0:
            os.close(self._output)
            self._output = -1


def _pid_of(pidfd: int) -> int:
    """The pid of a pidfd, in this process's namespace."""
    try:
        with open(f"/proc/self/fdinfo/{pidfd}", encoding="ascii") as lines:
            for line in lines:
                if line.startswith("Pid:"):
                    return int(line.split()[1])
    except OSError as error:
        raise Fault(f"/proc does not show the pid of a player: {error.strerror}") from error
    raise Fault("/proc does not show the pid of a player")
