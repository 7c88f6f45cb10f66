"""panel: shows the progress of a run: a live panel in a terminal, plain lines elsewhere. It changes nothing in the run."""

from __future__ import annotations

import threading
import time
from typing import Any

from rich.console import Group
from rich.live import Live
from rich.text import Text

from adrs import analysis
from adrs.analysis import Tally
from adrs.cli.terminal import diff_text, err, number, percent, plot, span, who
from adrs.core.storage import StoredRun
from adrs.core.task import Task
from adrs.core.trial import Measurement, Trial
from adrs.runs.recipe import Recipe
from adrs.runs.watcher import Watcher

EVERY = 5.0
"""Seconds between two lines without a live panel."""
GAP = 3
"""Blanks between two scores."""
CHANGED = 6
"""Changed lines that the panel shows of the last new best."""
LABELS = 22
"""Columns to the right of the curve for the names of its level lines."""


class Follower(Watcher):
    """The state of the run that both the panel and the lines need."""

    def __init__(self, note: str = "") -> None:
        self.note = note
        """A sentence to print first."""
        self.tally = Tally()
        self.references: dict[str, float] = {}
        self.run = ""
        self.task_bound: float | None = None
        self.phase_name = "baselines"
        self.phase_trials: int | None = None
        self.minutes: float | None = None
        self.began = self.phase_began = time.monotonic()
        self.phase_seen = self.stored = 0
        self.known: dict[int, Trial] = {}
        self.record: Trial | None = None
        self._lock = threading.Lock()
        """Guards the state: a live panel draws from its own thread."""

    def begin(self, run: StoredRun, recipe: Recipe, task: Task[Any], stored: int, seconds: float) -> None:
        self.run, self.task_bound, self.stored = run.name, task.bound, stored
        self.minutes = recipe.limits.minutes
        self.began = time.monotonic() - seconds
        if self.note:
            err.say(self.note)

    def measured(self, measurement: Measurement) -> None:
        if measurement.evaluation.score is not None:
            self.references[measurement.program] = measurement.evaluation.score

    def phase(self, phase: str, trials: int | None) -> None:
        self.phase_name, self.phase_trials = phase, trials
        self.phase_began, self.phase_seen = time.monotonic(), 0

    def tell(self, trial: Trial) -> None:
        if trial.number in self.known:
            return  # a new phase passes all trials again
        with self._lock:
            better = self._count(trial)
        if trial.number >= self.stored:
            self.report(trial, better)

    def aside(self, trial: Trial) -> None:
        del trial
        self.phase_seen += 1

    def _count(self, trial: Trial) -> bool:
        better = trial.score is not None and (self.tally.best is None or trial.score > self.tally.best)
        self.tally.tell(trial)
        self.known[trial.number] = trial
        self.phase_seen += trial.candidate.phase == self.phase_name and trial.number >= self.stored
        if better:
            self.record = trial
        return better

    def report(self, trial: Trial, better: bool) -> None:
        """Show a new trial."""

    def lines(self) -> dict[str, float]:
        """Named scores to draw as level lines beside the curve."""
        bound = {} if self.task_bound is None else {"bound": self.task_bound}
        return {**self.references, **bound}

    def a_minute(self) -> float:
        """Trials of this phase per minute."""
        return 60 * self.phase_seen / max(1e-9, time.monotonic() - self.phase_began)

    def gone(self) -> float:
        """Wall seconds of the run so far, including earlier sessions."""
        return time.monotonic() - self.began

    def done(self) -> int:
        """Trials of this phase, including earlier sessions."""
        row = self.tally.phases.get("search")
        return (row.trials if row else 0) if self.phase_name == "search" else self.phase_seen

    def left(self) -> str:
        """Estimated time left in this phase."""
        spans = []
        if self.phase_trials and self.phase_seen:
            spans.append(max(0, self.phase_trials - self.done()) / max(1e-9, self.a_minute()) * 60)
        if self.minutes is not None and self.phase_name == "search":
            spans.append(max(0.0, 60 * self.minutes - self.gone()))
        return f"{span(min(spans))} left" if spans else "time left unknown"


class Lines(Follower):
    """Prints one line for each new best, and one every few seconds."""

    def says(self, sentence: str) -> None:
        err.say(sentence)

    def __init__(self, note: str = "") -> None:
        super().__init__(note)
        self._last = 0.0

    def measured(self, measurement: Measurement) -> None:
        super().measured(measurement)
        evaluation = measurement.evaluation
        says = f"foul, {evaluation.foul}" if evaluation.foul else f"{number(evaluation.score)} on train"
        err.say(f"{measurement.program}: {says}")

    def phase(self, phase: str, trials: int | None) -> None:
        super().phase(phase, trials)
        err.say(f"{phase}: {'until a limit is reached' if trials is None else f'up to {trials} trials'}")

    def report(self, trial: Trial, better: bool) -> None:
        now = time.monotonic()
        if better:
            validated = trial.evaluation.validation
            says = "" if validated is None else f" (validation {number(validated)})"
            err.say(f"trial {trial.number}: new best {number(trial.score)}{says} by {who(trial)}")
        elif now - self._last < EVERY:
            return
        else:
            err.say(
                f"trial {trial.number}: best {number(self.tally.best)}, median {number(self.tally.median)}, "
                f"{self.a_minute():.0f} trials/min, fouls {percent(self.tally.foul_share)}, {self.left()}"
            )
        self._last = now


class Panel(Follower):
    """A panel that is redrawn four times a second: at most 22 lines, each cut off at the edge of the terminal."""

    def __init__(self, note: str = "") -> None:
        super().__init__(note)
        self._notice = ""
        self._live = Live(get_renderable=self.draw, console=err, refresh_per_second=4, transient=False)

    def begin(self, run: StoredRun, recipe: Recipe, task: Task[Any], stored: int, seconds: float) -> None:
        super().begin(run, recipe, task, stored, seconds)
        self._live.start()

    def end(self, state: str) -> None:
        self.phase_name = state
        self._live.stop()

    def says(self, sentence: str) -> None:
        with self._lock:
            self._notice = sentence

    def draw(self) -> Group:
        """The whole panel."""
        with self._lock:
            lines = [self._head(), *self._scores(), *self._curve(), self._rates(), *self._last_best()]
        for line in lines:
            line.no_wrap, line.overflow = True, "ellipsis"
        if self._notice:
            lines = [*lines[:21], Text(self._notice, "yellow", no_wrap=True, overflow="ellipsis")]
        return Group(*lines)

    def _head(self) -> Text:
        if self.phase_name in {"finished", "stopped", "fault"}:
            phase, speed = f"{self.phase_name} after {self.tally.attempts} trials", span(self.gone())
        else:
            done = f" {self.done()}" if self.phase_name != "baselines" else ""
            phase = f"{self.phase_name}{done}" + (f"/{self.phase_trials}" if self.phase_trials else "")
            speed = f"{span(self.gone())} elapsed"
            if done:
                speed = f"{self.a_minute():.0f} trials/min  {speed}, {self.left()}"
        return Text.assemble((self.run, "bold"), "  ", (phase, "cyan"), "  ", (speed, "dim"))

    def _scores(self) -> list[Text]:
        """Best and median, then the baselines on up to two lines."""
        own = _score("best", self.tally.best, "bold") + _score("median", self.tally.median, "bold")
        lines = [own, Text()]
        for name, score in sorted(self.references.items(), key=lambda pair: -pair[1]):
            shown = _score(name, score, "default")
            if len(lines) < 3 and len(lines[-1]) + len(shown) - GAP > err.width:
                lines.append(Text())
            lines[-1].append_text(shown)
        return lines

    def _curve(self) -> list[Text]:
        width = max(20, min(err.width - 9 - LABELS, 100))
        drawn = plot(self.tally.curve, max(self.known, default=0), self.lines(), width, 8)
        return list(drawn.split("\n"))

    def _rates(self) -> Text:
        counted = self.tally
        early = counted.stopped / max(1, counted.attempts)
        text = (
            f"above parent {percent(counted.acceptance)}   stopped early {percent(early)}   fouls {percent(counted.foul_share)}"
        )
        kinds = sorted(counted.fouls.items(), key=lambda pair: -pair[1])
        shares = [f"{kind} {percent(count / max(1, counted.attempts))}" for kind, count in kinds]
        return Text(text + (f": {', '.join(shares)}" if shares else ""), "dim")

    def _last_best(self) -> list[Text]:
        trial = self.record
        if trial is None:
            return []
        evaluation = trial.evaluation
        head = Text(f"new best: trial {trial.number}, {number(evaluation.score)} on train", "bold")
        if evaluation.validation is not None:
            head.append(f", {number(evaluation.validation)} on validation")
        parent = self.known.get(trial.candidate.parents[0]) if trial.candidate.parents else None
        changed = list(diff_text(analysis.diff(parent, trial), limit=CHANGED).split("\n")) if parent else []
        return [head, Text(f"by {who(trial)}", "dim"), *changed]


def _score(name: str, score: float | None, style: str) -> Text:
    return Text.assemble((f"{name} ", "dim"), (number(score), style), " " * GAP)


def follower(live: bool, note: str = "") -> Follower:
    """A panel for a live terminal, plain lines otherwise."""
    return Panel(note) if live else Lines(note)
