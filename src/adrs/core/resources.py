"""resources: connects generators to a run: ledger, stop signal, tries, recordings, shared objects.

A generator receives them through `SolutionGenerator.attach`. Outside a run, `Resources()` has no limits and offers nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from adrs.core.failure import Refusal
from adrs.core.ledger import Ledger
from adrs.core.selection import Selection
from adrs.core.trial import Call, Candidate, Evaluation, Trial

T = TypeVar("T")


@dataclass(frozen=True)
class Recording:
    """A stored run in the form in which a generator can repeat it.

    Args:
        trials: all trials, in order.
        calls: trial number -> the model calls behind it.
    """

    trials: Sequence[Trial] = ()
    calls: Mapping[int, Sequence[Call]] = field(default_factory=dict)


def _no_try(source: str) -> Evaluation | None:
    del source
    return None


def _no_submission(selection: Selection) -> Candidate | None:
    del selection
    return None


def _no_recording(run: str) -> Recording:
    raise Refusal(f"run {run} cannot be repeated outside a run: use the generator with `adrs run`")


def _no_listener(sentence: str) -> None:
    del sentence


@dataclass(frozen=True)
class Resources:
    """What a run offers to its generators. Every field may be used from any thread.

    Args:
        ledger: reserve the worst case of each paid request with it, then settle the bill; it holds --dollars and --tokens.
        halt: set when the run must stop; check it in every wait.
        say: shows one sentence to the user now.
        prices: the user's --price texts, "MODEL=in:0.3,out:2.5".
        try_out: plays a program on the train workloads for generators with `wants_tries`; None if no attempt is left.
        submitted: the oldest program submitted by a user that no attempt has used, as a candidate; None if none is waiting.
        recording: the trials and model calls of a stored run, by its name; raises Refusal if there is no such run.
    """

    ledger: Ledger = field(default_factory=Ledger)
    halt: threading.Event = field(default_factory=threading.Event)
    say: Callable[[str], None] = _no_listener
    prices: tuple[str, ...] = ()
    try_out: Callable[[str], Evaluation | None] = _no_try
    submitted: Callable[[Selection], Candidate | None] = _no_submission
    recording: Callable[[str], Recording] = _no_recording
    _made: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)
    _exits: ExitStack = field(default_factory=ExitStack, repr=False, compare=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, repr=False, compare=False)

    def shared(self, make: Callable[[Resources], AbstractContextManager[T]]) -> T:
        """One object for all generators of a run, such as a client with its connections.

        Args:
            make: called once per run with these resources; its context manager is entered now and exited by `close`.
        """
        with self._lock:
            if make not in self._made:
                self._made[make] = self._exits.enter_context(make(self))
            return cast("T", self._made[make])

    def close(self) -> None:
        """Exit every shared object; the run calls this when its session ends."""
        with self._lock:
            self._made.clear()
            self._exits.close()
