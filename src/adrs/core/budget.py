"""budget: the limits of a search and what it has used. Money reserved for calls in flight is counted by `ledger`."""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass, fields

from adrs.core.failure import Refusal
from adrs.core.parts import Part
from adrs.core.trial import Phase, Spend, Trial


@dataclass(frozen=True)
class Limits:
    """Hard limits of a run; None means no limit. Start programs and baselines are free; every attempt and every try counts."""

    trials: int | None = None
    dollars: float | None = None
    tokens: int | None = None
    minutes: float | None = None

    def __post_init__(self) -> None:
        for limit in fields(self):
            value = getattr(self, limit.name)
            if value is not None and not 0 < value < math.inf:
                raise Refusal(f"--{limit.name} is {value}: give a finite number above 0")


class Budget(Part):
    """Counts what trials cost and says whether one more attempt fits.

    Args:
        limits: the hard limits.
        phase: the phase whose attempts `limits.trials` counts.
        spent_seconds: wall seconds that earlier sessions of the run used.
    """

    def __init__(self, limits: Limits, phase: Phase = "search", spent_seconds: float = 0.0) -> None:
        self.limits = limits
        self.phase = phase
        self.trials = 0
        self.spend = Spend()
        self._trying = 0
        """Tries that were allowed and whose trials have not arrived yet."""
        self._lock = threading.RLock()
        self._began = time.monotonic() - spent_seconds

    def tell(self, trial: Trial) -> None:
        tries = trial.candidate.spend.tries
        with self._lock:
            self.trials += (trial.candidate.phase == self.phase) + tries
            self.spend += trial.candidate.spend
            self._trying = max(0, self._trying - tries)

    def allow_try(self, in_flight: int) -> bool:
        """Reserve one attempt for a program that is tried while the next candidate is written; False if the budget is spent."""
        with self._lock:
            if not self.allows(in_flight):
                return False
            self._trying += 1
            return True

    @property
    def seconds(self) -> float:
        """Wall seconds of this run so far, earlier sessions included."""
        return time.monotonic() - self._began

    def allows(self, in_flight: int) -> bool:
        """Whether another attempt may start while `in_flight` are under way."""
        limits = self.limits
        return not (
            (limits.trials is not None and self.trials + self._trying + in_flight >= limits.trials)
            or (limits.dollars is not None and self.spend.dollars >= limits.dollars)
            or (limits.tokens is not None and self.spend.tokens >= limits.tokens)
            or (limits.minutes is not None and self.seconds >= 60 * limits.minutes)
        )
