"""api: adrs from Python: start, read and verify runs. It uses the same store and parts as the command line."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adrs import analysis, catalog
from adrs.cli.panel import follower
from adrs.cli.terminal import live_wanted
from adrs.core.budget import Limits
from adrs.core.failure import Refusal
from adrs.core.storage import State, StoredRun
from adrs.core.task import Split, Task
from adrs.core.trial import Trial
from adrs.runs import session, verification
from adrs.runs.recipe import make_recipe
from adrs.runs.watcher import Watcher
from adrs.stores.sql import open_store

STORE = "sqlite:///adrs.db"


@dataclass(frozen=True)
class Run:
    """A stored run. Each property reads the store."""

    stored: StoredRun

    @property
    def name(self) -> str:
        return self.stored.name

    @property
    def state(self) -> State:
        """ "running", "finished" or "stopped"."""
        return self.stored.state()

    @property
    def trials(self) -> list[Trial]:
        """All trials in order, start programs first."""
        return list(self.stored.trials())

    @property
    def champion(self) -> Trial | None:
        """The best trial on validation; None without a legal program."""
        return analysis.champion(self.stored.trials())

    @property
    def score(self) -> float | None:
        """The champion's score on train."""
        champion = self.champion
        return champion.score if champion else None

    @property
    def source(self) -> str:
        """The champion's program, "" without a champion."""
        champion = self.champion
        return champion.candidate.source if champion else ""

    def summary(self) -> dict[str, Any]:
        """The document of `adrs show --json`."""
        from adrs.cli.reading import about_run

        return analysis.summary(about_run(self.stored), self.trials, self.stored.measurements())

    def verify(self, workers: int = 1, trial: int | None = None) -> dict[str, Any]:
        """The document of `adrs verify --json`: held-out evidence for the champion or another trial."""
        return verification.verify(self.stored, workers=workers, trial=trial)


def run(task: str | Task[Any], *, store: str = STORE, name: str = "", quiet: bool = False, **settings: Any) -> Run:
    """Start a run and play it to its end.

    Args:
        task: a name, a path, or a task whose class other processes can load from its file.
        settings: keys of a recipe: trials, minutes, generator, selector, options, width, workers, seed, tuned, shrink, …
        quiet: print nothing during the run.

    Raises:
        Refusal: a setting or the task cannot be used; one sentence names the problem and the remedy.
        Fault: the machine kept failing; continue with `resume`.
    """
    _not_in_a_worker()
    spec, options = catalog.task_spec(task)
    given = settings.get("options", {})
    merged = {**options, **given} if isinstance(given, Mapping) else given  # the recipe refuses what is not a mapping
    recipe = make_recipe({**settings, "task": spec, "options": merged})
    made = session.new_session(recipe, Watcher() if quiet else follower(live_wanted()))
    with contextlib.closing(made):
        made.check()
        return Run(made.start(open_store(store), name))


def resume(
    name: str = "last", *, store: str = STORE, quiet: bool = False, accept_task_change: bool = False, **limits: Any
) -> Run:
    """Continue a run where it stopped; `trials`, `dollars`, `tokens` and `minutes` may be raised.

    Args:
        accept_task_change: go on if the task's source or data changed; `summary` and `verify` say so from then on.
    """
    _not_in_a_worker()
    watcher = Watcher() if quiet else follower(live_wanted())
    return Run(
        session.resume(open_store(store, create=False), name, Limits(**limits), watcher, accept_task_change=accept_task_change)
    )


def open_run(name: str = "last", *, store: str = STORE) -> Run:
    """A stored run, for reading."""
    return Run(open_store(store, create=False).run(name))


def evaluate(
    task: str | Task[Any],
    source: str,
    splits: Sequence[Split] = ("train", "validation"),
    *,
    options: Mapping[str, Any] | None = None,
    workers: int = 1,
) -> dict[str, Any]:
    """Score a program in the sandbox: the document of `adrs eval --json`."""
    _not_in_a_worker()
    spec, known = catalog.task_spec(task)
    return verification.evaluate(spec, {**known, **(options or {})}, source, splits, workers=workers)


def _not_in_a_worker() -> None:
    if "ADRS_WORKER" in os.environ or catalog.loading():
        raise Refusal("this file starts a run while it is loaded as a task: move the call under `if __name__ == '__main__':`")
