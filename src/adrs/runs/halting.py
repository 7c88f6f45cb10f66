"""halting: stops a session on Ctrl-C, on SIGTERM, or at the limit on minutes."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

from adrs.evaluator.executors.local import LocalExecutor


@contextlib.contextmanager
def interruptible(halt: threading.Event, executor: LocalExecutor) -> Iterator[None]:
    """Request a halt at the first Ctrl-C or SIGTERM; at the second, end the workers and raise KeyboardInterrupt.

    It works in the main thread; in any other thread it does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupted(number: int, frame: FrameType | None) -> None:
        del number, frame
        if halt.is_set():
            executor.kill()
            raise KeyboardInterrupt
        halt.set()

    before = {number: signal.signal(number, interrupted) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Deadline:
    """Requests a halt when the minutes of a run are used up; attempts in flight are finished.

    Args:
        minutes: the limit over all sessions; None for no limit.
        spent: wall seconds that earlier sessions used.
    """

    def __init__(self, minutes: float | None, spent: float, halt: threading.Event) -> None:
        self._halt = halt
        self._timer = None if minutes is None else threading.Timer(max(0.0, 60 * minutes - spent), self._end)
        self.passed = False
        """Whether the deadline, not a person, requested the halt."""

    def _end(self) -> None:
        if not self._halt.is_set():
            self.passed = True
            self._halt.set()

    def __enter__(self) -> Deadline:
        if self._timer is not None:
            self._timer.daemon = True
            self._timer.start()
        return self

    def __exit__(self, *details: object) -> None:
        if self._timer is not None:
            self._timer.cancel()
