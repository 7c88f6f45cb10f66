"""watcher: the interface for following a run, such as a live panel. Every method is empty by default."""

from __future__ import annotations

from typing import Any

from adrs.core.parts import Part
from adrs.core.storage import StoredRun
from adrs.core.task import Task
from adrs.core.trial import Measurement, Trial
from adrs.runs.recipe import Recipe


class Watcher(Part):
    """Follows a run. All methods but `says` are called from one thread; `tell` passes every trial."""

    def begin(self, run: StoredRun, recipe: Recipe, task: Task[Any], stored: int, seconds: float) -> None:
        """The session begins; `stored` trials from earlier sessions, which took `seconds`, are passed first."""

    def measured(self, measurement: Measurement) -> None:
        """A baseline was played."""

    def phase(self, phase: str, trials: int | None) -> None:
        """A phase begins; `trials` is its limit, None without a limit."""

    def aside(self, trial: Trial) -> None:
        """A trial of the comparison search, which is not part of the run."""

    def says(self, sentence: str) -> None:
        """A sentence for the user, such as that an endpoint is down. Called from any thread."""

    def end(self, state: str) -> None:
        """The session ends: "finished", "stopped" or "fault"."""


class Aside(Part):
    """Passes the trials of the comparison search on to a watcher."""

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher

    def tell(self, trial: Trial) -> None:
        self._watcher.aside(trial)
