"""local: runs games in trusted worker processes on this machine; a `concurrent.futures.Executor`, which others can replace.

Unlike a process pool it survives the death of a worker (only that game is a fault), starts workers without
the API keys of the environment, and never imports the caller's `__main__`.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from adrs.core.failure import Fault

T = TypeVar("T")

KEPT = (
    "PATH",
    "HOME",
    "LANG",
    "TMPDIR",
    "LD_LIBRARY_PATH",
    "VIRTUAL_ENV",
    "ADRS_DATA",
    "ADRS_CACHE",
    "XDG_CACHE_HOME",
    "XDG_DATA_HOME",
)
"""The environment variables that a worker receives; API keys are not among them."""
LENGTH = struct.Struct("<Q")


class WorkerDied(Fault):
    """A referee process ended in the middle of a game."""


class LocalExecutor(Executor):
    """Runs calls in worker processes, one at a time in each.

    Args:
        workers: maximal number; each starts when it is first needed.
        quiet: whether to drop the output of tasks; otherwise it goes to stderr.
        cache: the folder in which tasks keep what is expensive to compute; None for the user's.
    """

    def __init__(self, workers: int, quiet: bool = True, cache: str | None = None) -> None:
        self.workers = workers
        self._quiet, self._cache = quiet, cache
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="referee")
        self._own = threading.local()
        self._all: set[Worker] = set()
        self._lock = threading.Lock()
        self._closed = False

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """`fn(*args, **kwargs)` in a worker; all of it must pickle. See `concurrent.futures.Executor`."""
        return self._threads.submit(self._in_worker, fn, args, kwargs)

    def _in_worker(self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        worker: Worker | None = getattr(self._own, "worker", None)
        if worker is None:
            with self._lock:
                if self._closed:
                    raise Fault("the referee processes have been stopped")
                worker = Worker(self._quiet, self._cache)
                self._all.add(worker)
            self._own.worker = worker
        try:
            return worker.run(fn, args, kwargs)
        except WorkerDied:
            self._own.worker = None
            with self._lock:
                self._all.discard(worker)
            raise

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Wait for running games, then end the workers."""
        self._threads.shutdown(wait, cancel_futures=cancel_futures)
        self.kill()

    def kill(self) -> None:
        """End the workers at once; their games become faults."""
        with self._lock:
            self._closed = True
            workers, self._all = list(self._all), set()
        for worker in workers:
            worker.kill()

    def pids(self) -> list[int]:
        """The worker processes that are alive."""
        with self._lock:
            return [worker.pid for worker in self._all]


class Worker:
    """One referee process."""

    def __init__(self, quiet: bool, cache: str | None = None) -> None:
        ours, theirs = socket.socketpair()
        environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        environment |= {"ADRS_WORKER": "1", "PYTHONPATH": str(Path(__file__).parents[3]), "PYTHONDONTWRITEBYTECODE": "1"}
        environment |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        environment |= {"ADRS_CACHE": cache} if cache else {}
        sink = subprocess.DEVNULL if quiet else 2  # sys.stderr may be a notebook's, which other processes cannot write to
        code = "from adrs.evaluator.executors.worker import main; main()"
        command = [sys.executable, "-P", "-c", code, str(theirs.fileno())]  # -P: the current folder must not shadow libraries
        try:
            self._process = subprocess.Popen(
                command,
                env=environment,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                start_new_session=True,
            )
        except OSError as error:
            ours.close()
            raise Fault(f"a referee process could not be started: {error}") from error
        finally:
            theirs.close()
        self.pid = self._process.pid
        self._socket = ours

    def run(self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The result of one call.

        Raises:
            WorkerDied: the process ended before it answered.
            BaseException: what the call raised.
        """
        try:
            send(self._socket, (fn, args, kwargs))
            succeeded, result = receive(self._socket)
        except (OSError, EOFError):
            self.kill()
            raise WorkerDied(
                f"a referee process ended with status {self._process.returncode} in the middle of a game"
            ) from None
        if succeeded:
            return result
        raise result

    def kill(self) -> None:
        """End it, and with it its zygote and players."""
        self._process.kill()
        self._process.wait()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


def send(channel: socket.socket, message: Any) -> None:
    """Send one pickled message; both ends are trusted."""
    payload = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    channel.sendall(LENGTH.pack(len(payload)) + payload)


def receive(channel: socket.socket) -> Any:
    """The next message.

    Raises:
        EOFError: the other end has closed.
    """
    (length,) = LENGTH.unpack(_exactly(channel, LENGTH.size))
    return pickle.loads(_exactly(channel, length))


def _exactly(channel: socket.socket, count: int) -> bytes:
    pieces = bytearray()
    while len(pieces) < count:
        piece = channel.recv(min(1 << 20, count - len(pieces)))
        if not piece:
            raise EOFError
        pieces += piece
    return bytes(pieces)
