"""session: one process's work on a run: baselines, search, tuned start program, shrinking."""

from __future__ import annotations

import contextlib
import secrets
import threading
from collections import Counter
from decimal import Decimal
from typing import Any

from adrs import analysis, catalog
from adrs.core.budget import Budget, Limits
from adrs.core.failure import Fault, Foul, Refusal
from adrs.core.ledger import Ledger
from adrs.core.parts import Orientation, PromptGenerator, SolutionGenerator, SolutionSelector
from adrs.core.resources import Recording, Resources
from adrs.core.selection import Selection
from adrs.core.storage import EventKind, Store, StoredRun
from adrs.core.trial import Candidate, Evaluation, Measurement, Phase
from adrs.evaluator.executors.local import LocalExecutor
from adrs.evaluator.games import Games, GameSettings
from adrs.evaluator.preflight import preflight
from adrs.evaluator.referee import ready
from adrs.evaluator.stages import Stages
from adrs.generators.shrink import Shrink
from adrs.generators.tuner import Tuner
from adrs.llm import overrides_of
from adrs.loop import Parts, search
from adrs.runs.halting import Deadline, interruptible
from adrs.runs.recipe import Recipe
from adrs.runs.references import TUNED, measure_references
from adrs.runs.seeds import drawn
from adrs.runs.submissions import Submissions, WithHints, WithSubmissions
from adrs.runs.watcher import Aside, Watcher
from adrs.selectors.champion import Champion
from adrs.stores.ledger import keep_in
from adrs.stores.memory import MemoryRun


class Session:
    """The parts of a run, made and checked once; then `start` or `resume` plays it to its end.

    Args:
        watcher: follows the run; None for no watcher.

    Raises:
        Refusal: the task or a part cannot be made.
    """

    def __init__(self, recipe: Recipe, watcher: Watcher | None = None) -> None:
        self.recipe, self.watcher = recipe, watcher or Watcher()
        self.task = catalog.load_task(recipe.task, recipe.options)
        self.splits = Counter(workload.split for workload in catalog.workloads_of(self.task))
        self.selector: SolutionSelector = catalog.make_part("selector", recipe.selector, self.task)
        self.prompts: PromptGenerator = catalog.make_part("prompts", recipe.prompts, self.task)
        self.generator = make_generator(recipe, self.task)
        self.task.hints = (*self.task.hints, *recipe.hints)
        self.halt = threading.Event()
        """Set when the session must end: a person stopped it, or the minutes are used up."""
        self.executor = LocalExecutor(recipe.workers)
        self.resources = Resources(
            ledger=_ledger(recipe.limits, self.halt),
            halt=self.halt,
            say=self.watcher.says,
            prices=recipe.prices,
            try_out=self._try_out,
            submitted=self._submitted,
            recording=self._recording,
        )
        self._checked = False
        self._store: Store | None = None
        self._trying: tuple[Stages, Budget] | None = None
        self._submissions: Submissions | None = None

    # checks

    def check(self) -> None:
        """Check the settings together before a store is opened or anything is played; only the first call does work.

        Raises:
            Refusal: limits and generator do not fit, a start program cannot be played, a price cannot be read, or the
                generator lacks a key, a program or a price. The session is closed then.
        """
        if not self._checked:
            with contextlib.ExitStack() as stack:
                stack.callback(self.close)
                self._check_limits()
                self._check_start_programs()
                self.generator.attach(self.resources)
                stack.pop_all()
            self._checked = True

    def check_sandbox(self) -> tuple[str, ...]:
        """Start a worker and its sandbox; the layers that work here.

        Raises:
            Refusal: the sandbox lacks a required layer, or another process cannot load the task. The session is closed then.
        """
        recipe = self.recipe
        with contextlib.ExitStack() as stack:
            stack.callback(self.close)
            layers = self.executor.submit(ready, recipe.task, recipe.options, recipe.unsafe).result()
            stack.pop_all()
        return layers

    def _check_limits(self) -> None:
        overrides_of(self.recipe.prices)
        limits = self.recipe.limits
        spending = [name for name in ("dollars", "tokens") if getattr(limits, name) is not None]
        endless = limits.trials is None and limits.minutes is None
        if spending and endless and not self.generator.spends:
            raise Refusal(
                f"--{spending[0]} limits model spending, but this run uses no model and would never end: "
                "give --trials or --minutes"
            )

    def _check_start_programs(self) -> None:
        for number, source in enumerate(self.recipe.seed_programs, 1):
            try:
                preflight(source, self.task.interface, self.task.packages)
            except Foul as foul:
                raise Refusal(f"start program {number} cannot be played ({foul.kind}): {foul.reason}") from None

    def close(self) -> None:
        """End the workers and release what generators share."""
        self.executor.kill()
        self.resources.close()

    # what generators get from the run

    def _try_out(self, source: str) -> Evaluation | None:
        if self._trying is None:
            return None
        referee, budget = self._trying
        return referee.measure(source, ("train",)) if budget.allow_try(self.recipe.width) else None

    def _submitted(self, selection: Selection) -> Candidate | None:
        return None if self._submissions is None else self._submissions.take(selection)

    def _recording(self, name: str) -> Recording:
        if self._store is None:
            raise Refusal(f"run {name} cannot be repeated without a store: name the store with --store")
        run = self._store.run(name)
        return Recording(list(run.trials()), run.calls_by_trial())

    # the run

    def start(self, store: Store, name: str = "") -> StoredRun:
        """Store a new run and play it to its end.

        Args:
            name: "" for one made from the task's name.

        Raises:
            Refusal: the store cannot be written, the name exists, or `check` refuses; no trial was made then.
            Fault: the machine kept failing; the run can be resumed.
        """
        with contextlib.closing(self):
            self.check()
            store.check_writable()
            self.check_sandbox()
            self._store = store
            starts = self.start_programs()
            recipe, task = self.recipe, self.task
            run = store.create_run(name, recipe.as_json(), catalog.fingerprint(task), secrets.token_hex(16))
            run.add_event("started")
            self._play(run, starts)
            return run

    def resume(self, store: Store, run: StoredRun) -> StoredRun:
        """Continue a stored run whose recipe this session was made from; raises as `start` does."""
        with contextlib.closing(self):
            self.check()
            self.check_sandbox()
            self._store = store
            starts = self.start_programs()
            run.add_event("resumed", _caps(self.recipe))
            self._play(run, starts)
            return run

    def start_programs(self) -> list[Candidate]:
        """The programs that the search starts from: the user's, or those of the generator."""
        if self.recipe.seed_programs:
            return [Candidate(source, author="seed", note="given", phase="seed") for source in self.recipe.seed_programs]
        return list(self.generator.start_programs(self.task))

    def _play(self, run: StoredRun, starts: list[Candidate]) -> None:
        """All phases of the run that are not done yet, and the events that say how the session ended."""
        seconds = run.seconds()
        self.watcher.begin(run, self.recipe, self.task, run.count(), seconds)
        state, why = "fault", ""
        try:
            keep_in(run, self.resources.ledger)
            deadline = Deadline(self.recipe.limits.minutes, seconds, self.halt)
            with interruptible(self.halt, self.executor), deadline:
                why = self._phases(run, starts, deadline)
            state = "stopped" if self.halt.is_set() and not deadline.passed else "finished"
        except Refusal as refusal:
            self._note_fault(run, str(refusal))
            raise
        except Fault as fault:
            self._note_fault(run, str(fault))
            raise Fault(f"{fault}; finished trials are kept: continue with `adrs resume {run.name}`") from fault
        except KeyboardInterrupt:
            state = "stopped"
            run.add_event("stopped", "interrupted twice", run.seconds())
            raise
        finally:
            with contextlib.suppress(Refusal, Fault):  # the ledger has their cost, even if the store now fails
                run.add_calls(self.generator.unclaimed_calls())
            self.close()
            self.watcher.end(state)
        kind: EventKind = "stopped" if state == "stopped" else "finished"
        run.add_event(kind, why, run.seconds())

    @staticmethod
    def _note_fault(run: StoredRun, text: str) -> None:
        """Store why the run stopped, if the store can still be written."""
        with contextlib.suppress(Refusal, Fault):
            run.add_event("fault", text, run.seconds())

    def _phases(self, run: StoredRun, starts: list[Candidate], deadline: Deadline) -> str:
        """Baselines, search, tuned start program, shrinking; returns why the search ended early, "" if it did not."""
        recipe, halt, watcher = self.recipe, self.halt, self.watcher
        referee = self._referee(run)
        measure_references(self.task, run, referee, recipe.workers, halt, watcher)
        prompts = WithHints(self.prompts, run)
        prompts.orient(Orientation(self.generator.format, analysis.reference_scores(run.measurements())))
        self._submissions = Submissions(run)
        generator = WithSubmissions(self.generator, self._submissions)
        watcher.phase("search", recipe.limits.trials)
        budget = Budget(recipe.limits, "search", run.seconds())
        if self.generator.wants_tries:
            self._trying = referee, budget
        parts = Parts(self.selector, prompts, generator, referee, run, budget, (watcher,), halt)
        progress = search(self.task, parts, starts, recipe.seed, recipe.width)
        why = progress.exhausted if deadline.passed or not halt.is_set() else ""
        if why and not halt.is_set():
            watcher.says(why)
        if self.generator.model_free and recipe.tuned and not halt.is_set():
            self._tune(run, starts)
        if self.generator.model_free and recipe.shrink and not halt.is_set():
            self._shrink(run)
        return why

    def _referee(self, run: StoredRun, slack: float = 0.0) -> Stages:
        return Stages(Games(self.task, game_settings(self.recipe, run.record.secret), self.executor), slack=slack)

    def _tune(self, run: StoredRun, starts: list[Candidate]) -> None:
        """Tune only the constants of the start program in a separate small search; its best program becomes a baseline."""
        if any(measurement.program == TUNED for measurement in run.measurements()):
            return
        recipe = self.recipe
        trials = min(recipe.tuned, recipe.limits.trials or recipe.tuned)
        budget = self._budget(run, trials, "search")
        if not budget.allows(0):
            return
        self.watcher.phase(TUNED, trials)
        store = MemoryRun()
        referee, observers = self._referee(run), (Aside(self.watcher),)
        champion = Champion(tolerance=0.0)
        parts = Parts(champion, self.prompts, Tuner(self.task), referee, store, budget, observers, self.halt)
        search(self.task, parts, starts[:1], recipe.seed, recipe.width)
        best = analysis.champion(store.trials())
        if best is not None and not self.halt.is_set():
            measurement = Measurement(TUNED, "reference", best.evaluation, best.candidate.source)
            run.add_measurement(measurement)
            self.watcher.measured(measurement)

    def _shrink(self, run: StoredRun) -> None:
        """Shorten the champion without lowering its score."""
        best = analysis.champion(run.trials())
        if best is None or best.score is None:
            return
        self.watcher.phase("shrink", self.recipe.shrink)
        budget = self._budget(run, self.recipe.shrink, "shrink")
        referee, observers = self._referee(run, slack=analysis.TOLERANCE), (self.watcher,)
        parts = Parts(Champion(), self.prompts, Shrink(self.task), referee, run, budget, observers, self.halt)
        search(self.task, parts, (), self.recipe.seed, self.recipe.width)

    def _budget(self, run: StoredRun, trials: int, phase: Phase) -> Budget:
        """A budget for a phase after the search, within the minutes of the whole run."""
        return Budget(Limits(trials=trials, minutes=self.recipe.limits.minutes), phase, run.seconds())


def new_session(recipe: Recipe, watcher: Watcher | None = None) -> Session:
    """The first session of a new run: seeds of workloads that the recipe leaves open are drawn; raises as `Session` does."""
    return Session(drawn(recipe), watcher)


def start(recipe: Recipe, store: Store, name: str = "", watcher: Watcher | None = None) -> StoredRun:
    """Make a session of a recipe, store a new run and play it to its end; raises as `Session.start` does."""
    return new_session(recipe, watcher).start(store, name)


def resume(
    store: Store, name: str, limits: Limits | None = None, watcher: Watcher | None = None, *, accept_task_change: bool = False
) -> StoredRun:
    """Continue a run where it stopped; limits may be raised, nothing else changes.

    Args:
        accept_task_change: go on if the task's source or data changed; `show` and `verify` say so from then on.

    Raises:
        Refusal: no such run, it is running, it is finished and no limit is raised, or its task or data changed.
    """
    run = store.run(name)
    if run.state() == "running":
        pid = run.events()[-1].process.pid
        raise Refusal(f"run {run.name} is running in process {pid}: stop it first, or follow it with `adrs show {run.name}`")
    run.check_writable()
    before = stored_recipe(run)
    recipe = before.raised(limits or Limits())
    session = Session(recipe, watcher)
    fingerprint = catalog.fingerprint(session.task)
    changed = fingerprint != _fingerprint(run)
    if changed and not accept_task_change:
        raise Refusal(
            f"run {run.name} cannot continue: the source or the data of task {recipe.task} changed since it started; "
            "start a new run, restore the old task, or give --accept-task-change, which `show` and `verify` then mention"
        )
    if recipe.limits == before.limits and run.state() == "finished":
        raise Refusal(f"run {run.name} is finished: raise a limit to continue it, such as --trials or --minutes")
    if changed:
        run.add_event("task changed", f"at trial {run.count()}: {fingerprint}", run.seconds())
    return session.resume(store, run)


def _fingerprint(run: StoredRun) -> str:
    """The fingerprint of the task that the run last went on with."""
    accepted = [event.text.rpartition(" ")[2] for event in run.events() if event.kind == "task changed"]
    return accepted[-1] if accepted else run.record.fingerprint


def stored_recipe(run: StoredRun) -> Recipe:
    """The recipe of a run with the limits that later sessions raised."""
    recipe = Recipe.from_json(run.recipe)
    for event in run.events():
        if event.kind == "resumed" and event.text:
            pairs = dict(pair.split("=") for pair in event.text.split())
            caps: dict[str, Any] = {
                name: (int if name in {"trials", "tokens"} else float)(value) for name, value in pairs.items()
            }
            recipe = recipe.raised(Limits(**caps))
    return recipe


def _caps(recipe: Recipe) -> str:
    return " ".join(f"{name}={value}" for name, value in recipe.as_json()["limits"].items() if value is not None)


def _ledger(limits: Limits, halt: threading.Event) -> Ledger:
    dollars = None if limits.dollars is None else Decimal(str(limits.dollars))
    return Ledger(dollars, limits.tokens, halt)


def make_generator(recipe: Recipe, task: Any) -> SolutionGenerator:
    """The generator of a recipe; several with weights form an ensemble."""
    if isinstance(recipe.generator, str):
        return catalog.make_part("generator", recipe.generator, task)
    return catalog.make_part("generator", "ensemble", task, {"mix": recipe.generator})


def game_settings(recipe: Recipe, secret: str) -> GameSettings:
    """The settings of games. With fewer attempts in flight than workers, a stage is split into several games."""
    chunks = max(1, recipe.workers // recipe.width)
    return GameSettings(recipe.task, dict(recipe.options), recipe.seed, secret, recipe.unsafe, chunks=chunks)
