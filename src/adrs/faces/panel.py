"""panel: what a person sees while a run goes: a live panel in a terminal, else a line now and then. It only watches."""

from __future__ import annotations

import threading
import time
from typing import Any

from rich.console import Group
from rich.live import Live
from rich.text import Text

from adrs import report
from adrs.conduct import Watcher
from adrs.core.task import Task
from adrs.core.trial import Measurement, Trial
from adrs.faces.terminal import diff_text, err, number, percent, plot, span
from adrs.recipe import Recipe
from adrs.stores.sql import RunRow
from adrs.tally import Tally

EVERY = 5.0
"""Seconds between two lines where there is no live panel."""


class Follower(Watcher):
    """What both forms know of the run."""

    def __init__(self) -> None:
        self.tally = Tally()
        self.references: dict[str, float] = {}
        self.run = ""
        self.task_bound: float | None = None
        self.phase_name = "references"
        self.phase_trials: int | None = None
        self.began = self.phase_began = time.monotonic()
        self.phase_told = self.stored = 0
        self.known: dict[int, Trial] = {}
        self.record: Trial | None = None
        self._lock = threading.Lock()
        """A live panel draws from a thread of its own."""

    def begin(self, run: RunRow, recipe: Recipe, task: Task[Any], stored: int) -> None:
        del recipe
        self.run, self.task_bound, self.stored = run.name, task.bound, stored
        self.began = time.monotonic()

    def measured(self, measurement: Measurement) -> None:
        if measurement.evaluation.score is not None:
            self.references[measurement.program] = measurement.evaluation.score

    def phase(self, phase: str, trials: int | None) -> None:
        self.phase_name, self.phase_trials = phase, trials
        self.phase_began, self.phase_told = time.monotonic(), 0

    def tell(self, trial: Trial) -> None:
        if trial.number in self.known:
            return  # a new phase tells everything again
        with self._lock:
            better = self._count(trial)
        if trial.number >= self.stored:
            self.told(trial, better)

    def _count(self, trial: Trial) -> bool:
        better = trial.score is not None and (self.tally.best is None or trial.score > self.tally.best)
        self.tally.tell(trial)
        self.known[trial.number] = trial
        self.phase_told += trial.candidate.phase == self.phase_name and trial.number >= self.stored
        if better:
            self.record = trial
        return better

    def told(self, trial: Trial, better: bool) -> None:
        """Show it."""

    def lines(self) -> dict[str, float]:
        """The scores that the curve is compared with."""
        bound = {} if self.task_bound is None else {"bound": self.task_bound}
        return {**self.references, **bound}

    def a_minute(self) -> float:
        """Trials of this phase a minute."""
        return 60 * self.phase_told / max(1e-9, time.monotonic() - self.phase_began)

    def left(self) -> str:
        """How long this phase will still take, as far as it can be told."""
        if not self.phase_trials or not self.phase_told:
            return "–"
        done = self.tally.attempts if self.phase_name == "search" else self.phase_told
        return span(max(0, self.phase_trials - done) / max(1e-9, self.a_minute()) * 60)


class Lines(Follower):
    """One plain line for a new best, and one every few seconds."""

    def __init__(self) -> None:
        super().__init__()
        self._last = 0.0

    def measured(self, measurement: Measurement) -> None:
        super().measured(measurement)
        evaluation = measurement.evaluation
        says = f"foul, {evaluation.foul}" if evaluation.foul else f"{number(evaluation.score)} on train"
        err.print(f"{measurement.program}: {says}")

    def phase(self, phase: str, trials: int | None) -> None:
        super().phase(phase, trials)
        err.print(f"{phase}: {'as long as the budget lasts' if trials is None else f'up to {trials} trials'}")

    def told(self, trial: Trial, better: bool) -> None:
        now = time.monotonic()
        if better:
            validated = trial.evaluation.validation
            says = "" if validated is None else f" (validation {number(validated)})"
            err.print(Text(f"trial {trial.number}: new best {number(trial.score)}{says} by {_who(trial)}"))
        elif now - self._last < EVERY:
            return
        else:
            fouls = percent(self.tally.foul_share)
            err.print(
                f"trial {trial.number}: best {number(self.tally.best)}, median {number(self.tally.median)}, "
                f"{self.a_minute():.0f} trials a minute, fouls {fouls}, {self.left()} left"
            )
        self._last = now


class Panel(Follower):
    """A panel that is drawn anew a few times a second."""

    def __init__(self) -> None:
        super().__init__()
        self._live = Live(get_renderable=self.draw, console=err, refresh_per_second=4, transient=False)

    def begin(self, run: RunRow, recipe: Recipe, task: Task[Any], stored: int) -> None:
        super().begin(run, recipe, task, stored)
        self._live.start()

    def end(self, state: str) -> None:
        self.phase_name = state
        self._live.stop()

    def draw(self) -> Group:
        """The whole panel; at most 24 lines and 80 columns."""
        with self._lock:
            return self._drawn()

    def _drawn(self) -> Group:
        width = max(30, min(err.width - 30, 90))
        last = max(self.known, default=0)
        budget = f"/{self.phase_trials}" if self.phase_trials else ""
        head = Text()
        head.append(f"{self.run}  ", "bold")
        done = self.tally.attempts if self.phase_name == "search" else self.phase_told
        head.append(f"{self.phase_name} {done}{budget}", "cyan")
        head.append(
            f"   {self.a_minute():.0f} trials/min   {span(time.monotonic() - self.began)} gone, {self.left()} left", "dim"
        )
        rows = [("best", number(self.tally.best)), ("median", number(self.tally.median))]
        rows += [(name, number(score)) for name, score in sorted(self.references.items(), key=lambda pair: -pair[1])]
        scores = Text("   ".join(f"{name} {score}" for name, score in rows))
        return Group(head, scores, plot(self.tally.curve, last, self.lines(), width, 8), self._rates(), *self._last_best())

    def _rates(self) -> Text:
        counted = self.tally
        fouls = ", ".join(f"{kind} {count}" for kind, count in sorted(counted.fouls.items(), key=lambda pair: -pair[1]))
        text = Text(f"accepted {percent(counted.acceptance)}   fouls {percent(counted.foul_share)}", "dim")
        if fouls:
            text.append(f" ({fouls})", "dim")
        return text

    def _last_best(self) -> list[Text]:
        trial = self.record
        if trial is None:
            return [Text("no legal program yet", "dim")]
        validated = trial.evaluation.validation
        head = Text(f"new best: trial {trial.number}, {number(trial.score)} on train, {number(validated)} on validation, ")
        head.append(f"by {trial.candidate.author}", "dim")
        parent = self.known.get(trial.candidate.parents[0]) if trial.candidate.parents else None
        changed = diff_text(report.diff(parent, trial), limit=6) if parent else Text(trial.candidate.note, "dim")
        return [head, changed]


def _who(trial: Trial) -> str:
    return f"{trial.candidate.author}: {trial.candidate.note}"


def follower(live: bool) -> Follower:
    """The form that fits the terminal."""
    return Panel() if live else Lines()
