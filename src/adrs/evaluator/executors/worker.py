"""worker: the main loop of a referee process: receives calls and sends results until the other end closes."""

from __future__ import annotations

import ctypes
import pickle
import signal
import socket
import sys
import traceback
from typing import Any

from adrs.core.failure import Fault, Foul, Refusal
from adrs.evaluator.executors.local import receive, send


def main() -> None:
    """Serve the descriptor given on the command line."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # one Ctrl-C lets games finish
    ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG: a referee ends with its run
    channel = socket.socket(fileno=int(sys.argv[1]))
    while True:
        try:
            fn, args, kwargs = receive(channel)
        except (EOFError, OSError):
            return
        try:
            reply: tuple[bool, Any] = (True, fn(*args, **kwargs))
        except (Foul, Fault, Refusal) as failure:
            reply = (False, failure)
        except Exception as error:  # noqa: BLE001 - the referee's boundary: a bug is sent to the process that can report it
            reply = (False, _portable(error))
        try:
            send(channel, reply)
        except OSError:
            return


def _portable(error: Exception) -> Exception:
    """The error with its traceback as a note, or a RuntimeError with its text if it cannot be pickled."""
    text = "".join(traceback.format_exception(error))
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # noqa: BLE001 - a task's own exception class may refuse in any way
        error = RuntimeError(f"{type(error).__name__}: {error}")
    error.add_note(text)
    return error


if __name__ == "__main__":
    main()
