"""session: one process's work on a run: references, search, tuned start program, shrinking."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import FrameType
from typing import Any

from adrs import analysis, catalog
from adrs.core.budget import Budget, Limits
from adrs.core.failure import Fault, Foul, Refusal
from adrs.core.parts import Orientation, Part, PromptGenerator, SolutionGenerator, SolutionSelector, Storage
from adrs.core.storage import EventKind, RunRow
from adrs.core.task import Split, Task
from adrs.core.trial import Candidate, Evaluation, Measurement, Phase, Trial
from adrs.evaluator.executors.local import LocalExecutor
from adrs.evaluator.preflight import preflight
from adrs.evaluator.referee import ready
from adrs.evaluator.stages import Cascade, Table
from adrs.generators.offline import Offline
from adrs.generators.offline import start as offline_start
from adrs.generators.recorded import Recorded
from adrs.generators.shrink import Shrink
from adrs.generators.tuner import Tuner
from adrs.loop import Parts, search
from adrs.runs.messages import Steered, Visited
from adrs.runs.recipe import Recipe
from adrs.runs.resources import asking, check_caps, check_models, equip_agents, load_recordings
from adrs.selectors.champion import Champion
from adrs.stores.memory import MemoryStore
from adrs.stores.sql import Database

REFERENCE_SPLITS: tuple[Split, ...] = ("train", "validation")
TUNED = "tuned seed"


class Watcher(Part):
    """Whoever follows a run while it goes: a live panel. All of it is empty here; it is called from one thread."""

    def begin(self, run: RunRow, recipe: Recipe, task: Task[Any], stored: int, seconds: float) -> None:
        """The run exists; `stored` trials were made in earlier sittings, within `seconds`, and will be told first."""

    def measured(self, measurement: Measurement) -> None:
        """A reference program was played."""

    def phase(self, phase: str, trials: int | None) -> None:
        """A phase begins; it has at most so many trials."""

    def aside(self, trial: Trial) -> None:
        """A trial of a search for comparison, which is no part of the run."""

    def says(self, sentence: str) -> None:
        """Something that a person should know now: an endpoint is down, an endpoint answers again. From any thread."""

    def end(self, state: str) -> None:
        """This sitting is over: "finished", "stopped" or "fault"."""


class Aside(Part):
    """Hands the trials of a search for comparison to a watcher."""

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher

    def tell(self, trial: Trial) -> None:
        self._watcher.aside(trial)


def start(recipe: Recipe, database: Database, name: str = "", watcher: Watcher | None = None) -> RunRow:
    """Start a run and see it to its end.

    Args:
        name: of the run; "" for one made of the task's name.

    Raises:
        Refusal: the recipe cannot be used, the name exists, or the sandbox lacks a layer; no trial was made then.
        Fault: the machine kept failing; the run can be resumed.
    """
    database.check_writable()
    sitting = Sitting(recipe, database, watcher or Watcher())
    load_recordings(sitting.generator, database)
    sitting.check()
    row = database.create_run(name, recipe.as_json(), catalog.fingerprint(sitting.task), secrets.token_hex(16))
    database.add_event(row, "started")
    sitting.sit(row)
    return row


def resume(database: Database, name: str, limits: Limits | None = None, watcher: Watcher | None = None) -> RunRow:
    """Go on with a run where it stopped; caps may be raised, nothing else changes.

    Raises:
        Refusal: there is no such run, it is running, it is finished and no cap is raised, or its task or data are not what
            they were.
    """
    row = database.run(name)
    if database.state(row) == "running":
        pid = database.events(row)[-1].process.pid
        raise Refusal(
            f"run {row.name} is running in process {pid}: stop that one first, or follow it with `adrs show {row.name}`"
        )
    database.check_writable()
    before = stored_recipe(database, row)
    recipe = before.raised(limits or Limits())
    sitting = Sitting(recipe, database, watcher or Watcher())
    found = catalog.fingerprint(sitting.task)
    if found != row.fingerprint:
        raise Refusal(
            f"run {row.name} cannot go on: the source or the data of task {recipe.task} changed since it started; "
            "start a new run, or bring back the old task"
        )
    if recipe.limits == before.limits and database.state(row) == "finished":
        raise Refusal(f"run {row.name} is finished: to go on, give a higher cap, such as --trials or --minutes")
    load_recordings(sitting.generator, database)
    sitting.check()
    database.add_event(row, "resumed", _caps(recipe))
    sitting.sit(row)
    return row


def stored_recipe(database: Database, row: RunRow) -> Recipe:
    """The recipe of a run with the caps that later sittings raised."""
    recipe = Recipe.from_json(row.recipe)
    for event in database.events(row):
        if event.kind == "resumed" and event.text:
            pairs = dict(pair.split("=") for pair in event.text.split())
            caps: dict[str, Any] = {
                name: (int if name in {"trials", "tokens"} else float)(value) for name, value in pairs.items()
            }
            recipe = recipe.raised(Limits(**caps))
    return recipe


def _caps(recipe: Recipe) -> str:
    return " ".join(f"{name}={value}" for name, value in recipe.as_json()["limits"].items() if value is not None)


class Sitting:
    """One process's work on a run: the parts made of names, the workers, and the phases."""

    def __init__(self, recipe: Recipe, database: Database, watcher: Watcher) -> None:
        self.recipe, self.database, self.watcher = recipe, database, watcher
        self.task = catalog.load_task(recipe.task, recipe.options)
        self.splits = Counter(workload.split for workload in catalog.workloads_of(self.task))
        self.selector: SolutionSelector = catalog.make_part("selector", recipe.selector, self.task)
        self.prompts: PromptGenerator = catalog.make_part("prompts", recipe.prompts, self.task)
        self.generator = make_generator(recipe, self.task)
        self.task.hints = (*self.task.hints, *recipe.hints)
        self.halt = threading.Event()
        """Set when this sitting shall end: a person asked for it, or its minutes are over."""
        self.overdue = False
        self.visited: Visited | None = None
        self.why = ""
        """Why the search ended before its trials did."""
        self.executor = LocalExecutor(recipe.workers)

    def check(self) -> tuple[str, ...]:
        """Start one worker and its sandbox, so that what is missing is said before a run exists; the layers that are on.

        Raises:
            Refusal: the sandbox lacks a required layer, or the task cannot be loaded by another process.
        """
        with contextlib.ExitStack() as stack:
            stack.callback(self.executor.kill)
            self.check_given()
            check_models(self.generator, self.recipe)
            layers = self.executor.submit(ready, self.recipe.task, self.recipe.options, self.recipe.unsafe).result()
            stack.pop_all()
        return layers

    def check_given(self) -> None:
        """Look at authors, caps and the programs that were given to start from, before anything is played or stored.

        Raises:
            Refusal: they do not fit together, or a program cannot be played.
        """
        check_caps(self.generator, self.recipe)
        for number, source in enumerate(self.recipe.seed_programs, 1):
            try:
                preflight(source, self.task.interface, self.task.packages)
            except Foul as foul:
                raise Refusal(f"seed program {number} cannot be played ({foul.kind}): {foul.reason}") from None

    @property
    def model_free(self) -> bool:
        return isinstance(self.generator, Offline)

    def sit(self, row: RunRow) -> None:
        """All phases of the run that are not done yet."""
        seconds = self.database.seconds(row)
        self.watcher.begin(row, self.recipe, self.task, self.database.count(row), seconds)
        executor = self.executor
        state = "fault"
        try:
            asked = asking(self.generator, self.recipe, self.database, row, self.halt, self.watcher.says)
            with interruptible(self.halt, executor), asked, self._within_minutes(seconds):
                self._phases(row, executor, seconds)
            state = "stopped" if self.halt.is_set() and not self.overdue else "finished"
        except Refusal as refusal:
            self._note_fault(row, str(refusal))
            raise
        except Fault as fault:
            self._note_fault(row, str(fault))
            raise Fault(f"{fault}; what is finished is kept: `adrs resume {row.name}` goes on") from fault
        except KeyboardInterrupt:
            state = "stopped"
            self.database.add_event(row, "stopped", "interrupted twice", self.database.seconds(row))
            raise
        finally:
            executor.kill()
            self.watcher.end(state)
        kind: EventKind = "stopped" if state == "stopped" else "finished"
        self.database.add_event(row, kind, self.why, self.database.seconds(row))

    @contextlib.contextmanager
    def _within_minutes(self, spent: float) -> Iterator[None]:
        """The cap on minutes ends every wait: for an endpoint, for money, for people. What is in flight is finished."""
        minutes = self.recipe.limits.minutes
        if minutes is None:
            yield
            return

        def over() -> None:
            self.overdue = not self.halt.is_set()
            self.halt.set()

        timer = threading.Timer(max(0.0, 60 * minutes - spent), over)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _note_fault(self, row: RunRow, text: str) -> None:
        """Say in the store why the run stopped, if the store still can be written."""
        with contextlib.suppress(Refusal, Fault):
            self.database.add_event(row, "fault", text, self.database.seconds(row))

    def _phases(self, row: RunRow, executor: LocalExecutor, seconds: float) -> None:
        recipe, storage = self.recipe, self.database.storage(row)
        referee = self._cascade(row, executor)
        self._measure_references(row, referee)
        scores = analysis.reference_scores(self.database.measurements(row))
        self._listen(row)
        self.prompts.orient(Orientation(self.generator.format, scores))
        self.watcher.phase("search", recipe.limits.trials)
        budget = Budget(recipe.limits, "search", seconds)
        equip_agents(self.generator, referee, budget, recipe.width)
        parts = self._parts(storage, referee, budget)
        search(self.task, parts, self.seeds(), recipe.seed, recipe.width)
        if parts.dry_because and (self.overdue or not self.halt.is_set()):
            self.why = parts.dry_because
        if self.why and not self.halt.is_set():
            self.watcher.says(self.why)
        if self.model_free and recipe.tuned and not self.halt.is_set():
            self._tune(row, executor)
        if self.model_free and recipe.shrink and not self.halt.is_set():
            self._shrink(row, executor, storage)

    def _listen(self, row: RunRow) -> None:
        """From now on hints and programs that people hand in reach the search."""
        read, say = partial(self.database.messages, row), partial(self.database.say, row)
        self.prompts = Steered(self.prompts, read)
        self.visited = Visited(self.generator, read, say, self.halt)

    def _cascade(self, row: RunRow, executor: LocalExecutor, slack: float = 0.0) -> Cascade:
        return Cascade(self.task, table_of(self.recipe, row), executor, slack=slack)

    def _parts(self, storage: Storage, referee: Cascade, budget: Budget) -> Parts:
        generator = self.visited or self.generator
        watching = (self.watcher,)
        return Parts(self.selector, self.prompts, generator, referee, storage, budget, observers=watching, halt=self.halt)

    def seeds(self) -> list[Candidate]:
        """The programs that the run starts from."""
        if self.recipe.seed_programs:
            return [Candidate(source, author="seed", note="given", phase="seed") for source in self.recipe.seed_programs]
        if self.model_free:
            return [offline_start(self.task)]
        if isinstance(self.generator, Recorded):
            return self.generator.seeds()
        return [Candidate(self.task.seed, author="seed", note="the task's seed", phase="seed")]

    def _measure_references(self, row: RunRow, referee: Cascade) -> None:
        """Play the baselines and the task's seed on train and validation, those that are not stored yet, side by side."""
        stored = {measurement.program for measurement in self.database.measurements(row)}
        wanted = {name: source for name, source in reference_programs(self.task).items() if name not in stored}

        def play(source: str) -> Evaluation | None:
            return None if self.halt.is_set() else referee.measure(source, REFERENCE_SPLITS)

        with ThreadPoolExecutor(max(1, self.recipe.workers)) as threads:
            for (name, source), evaluation in zip(wanted.items(), threads.map(play, wanted.values()), strict=True):
                if evaluation is not None:
                    self.database.add_measurement(row, Measurement(name, "reference", evaluation, source))
        for measurement in self.database.measurements(row):
            if measurement.purpose == "reference":
                self.watcher.measured(measurement)

    def _tune(self, row: RunRow, executor: LocalExecutor) -> None:
        """What constants alone give: a small search of its own, whose best is measured and compared."""
        if any(measurement.program == TUNED for measurement in self.database.measurements(row)):
            return
        recipe = self.recipe
        trials = min(recipe.tuned, recipe.limits.trials or recipe.tuned)
        budget = self._budget(row, trials, "search")
        if not budget.allows(0):
            return
        self.watcher.phase(TUNED, trials)
        parts = Parts(
            Champion(tolerance=0.0),
            self.prompts,
            Tuner(self.task),
            self._cascade(row, executor),
            MemoryStore(),
            budget,
            observers=(Aside(self.watcher),),
            halt=self.halt,
        )
        search(self.task, parts, self.seeds()[:1], recipe.seed, recipe.width)
        best = analysis.champion(parts.store.trials())
        if best is not None and not self.halt.is_set():
            measurement = Measurement(TUNED, "reference", best.evaluation, best.candidate.source)
            self.database.add_measurement(row, measurement)
            self.watcher.measured(measurement)

    def _budget(self, row: RunRow, trials: int, phase: Phase) -> Budget:
        """So many trials after the search, within the minutes of the whole run."""
        return Budget(Limits(trials=trials, minutes=self.recipe.limits.minutes), phase, self.database.seconds(row))

    def _shrink(self, row: RunRow, executor: LocalExecutor, storage: Storage) -> None:
        """Shorten the champion while it stays as good."""
        trials = list(storage.trials())
        best = analysis.champion(trials)
        if best is None or best.score is None:
            return
        self.watcher.phase("shrink", self.recipe.shrink)
        budget = self._budget(row, self.recipe.shrink, "shrink")
        referee = self._cascade(row, executor, slack=analysis.TOLERANCE)
        parts = Parts(
            Champion(), self.prompts, Shrink(self.task), referee, storage, budget, observers=(self.watcher,), halt=self.halt
        )
        search(self.task, parts, (), self.recipe.seed, self.recipe.width)


def make_generator(recipe: Recipe, task: Task[Any]) -> SolutionGenerator:
    """The generator of a recipe; several with weights are an ensemble."""
    if isinstance(recipe.generator, str):
        return catalog.make_part("generator", recipe.generator, task)
    return catalog.make_part("generator", "ensemble", task, {"mix": recipe.generator})


def table_of(recipe: Recipe, row: RunRow | None = None) -> Table:
    """How games of this recipe are played. Where attempts are fewer than workers, a stage is cut into several games."""
    return Table(
        recipe.task,
        dict(recipe.options),
        recipe.seed,
        row.secret if row else secrets.token_hex(16),
        recipe.unsafe,
        chunks=max(1, recipe.workers // recipe.width),
    )


def reference_programs(task: Task[Any]) -> dict[str, str]:
    """Name -> program: the baselines, and the seed where it is none of them."""
    programs = dict(task.baselines)
    if task.seed not in programs.values():
        programs["seed"] = task.seed
    return programs


@contextlib.contextmanager
def interruptible(halt: threading.Event, executor: LocalExecutor) -> Iterator[None]:
    """Ctrl-C once asks for a halt; twice ends the workers and raises KeyboardInterrupt. For the main thread; else nothing."""
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


def inside_worker() -> bool:
    """Whether this process plays games for a run; a task file must not start one of its own there."""
    return "ADRS_WORKER" in os.environ
