"""api: adrs from Python: start a run, read it, verify it. The same store and the same parts as the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from adrs import analysis, catalog
from adrs.catalog import loading
from adrs.cli.panel import follower
from adrs.cli.terminal import live_wanted
from adrs.core.budget import Limits
from adrs.core.failure import Refusal
from adrs.core.storage import RunRow
from adrs.core.task import Split, Task
from adrs.core.trial import Trial
from adrs.runs import dry_run, session, verification
from adrs.runs.recipe import make_recipe
from adrs.stores.sql import Database, open_store

STORE = "sqlite:///adrs.db"


@dataclass(frozen=True)
class Run:
    """A stored run. Everything is read when it is asked for."""

    database: Database
    row: RunRow

    @property
    def name(self) -> str:
        return self.row.name

    @property
    def state(self) -> str:
        """ "running", "finished" or "stopped"."""
        return self.database.state(self.row)

    @property
    def trials(self) -> list[Trial]:
        """All trials in order, seeds first."""
        return list(self.database.storage(self.row).trials())

    @property
    def champion(self) -> Trial | None:
        """The best on validation, None without a legal program."""
        return analysis.champion(self.database.storage(self.row).trials())

    @property
    def score(self) -> float | None:
        """The champion's score on train."""
        champion = self.champion
        return champion.score if champion else None

    @property
    def source(self) -> str:
        """The champion's program, "" without one."""
        champion = self.champion
        return champion.candidate.source if champion else ""

    def summary(self) -> dict[str, Any]:
        """The document of `adrs show --json`."""
        from adrs.cli.reading import about_run

        return analysis.summary(about_run(self.database, self.row), self.trials, self.database.measurements(self.row))

    def verify(self, workers: int = 1, trial: int | None = None) -> dict[str, Any]:
        """The document of `adrs verify --json`: held-out evidence, played once, for the champion or another trial."""
        return verification.verify(self.database, self.row, workers=workers, trial=trial)


def run(task: str | Task[Any], *, store: str = STORE, name: str = "", quiet: bool = False, **settings: Any) -> Run:
    """Start a run and see it to its end.

    Args:
        task: a name, a path, or a task whose class other processes can load from its file.
        settings: those of a recipe: trials, minutes, generator, selector, options, width, workers, seed, tuned, shrink, …
        quiet: whether nothing is shown while it goes.

    Raises:
        Refusal: something cannot be; one sentence says what and the remedy.
        Fault: the machine kept failing; `resume` goes on.
    """
    _not_in_a_worker()
    spec, options = catalog.task_spec(task)
    recipe = make_recipe({**settings, "task": spec})
    recipe = replace(recipe, options={**options, **recipe.options})
    dry_run.check_names(recipe)
    database = open_store(store)
    watcher = session.Watcher() if quiet else follower(live_wanted())
    return Run(database, session.start(recipe, database, name, watcher))


def resume(name: str = "last", *, store: str = STORE, quiet: bool = False, **caps: Any) -> Run:
    """Go on with a run where it stopped; `trials` and `minutes` may be raised."""
    _not_in_a_worker()
    database = open_store(store, create=False)
    watcher = session.Watcher() if quiet else follower(live_wanted())
    return Run(database, session.resume(database, name, Limits(**caps), watcher))


def open_run(name: str = "last", *, store: str = STORE) -> Run:
    """A stored run, to read it."""
    database = open_store(store, create=False)
    return Run(database, database.run(name))


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
    if session.inside_worker() or loading():
        raise Refusal("this file starts a run while it is loaded as a task: put that under `if __name__ == '__main__':`")
