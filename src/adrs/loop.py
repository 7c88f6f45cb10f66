"""loop: the inner loop of a search: select, prompt, generate, evaluate, store, tell. Uses only the interfaces of the parts.

To resume, the loop first passes every stored trial to every part, then asks the next question. The random state of a
question comes from (seed, question), so the same stored trials lead to the same next question.
"""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any, TypeVar

from adrs.core.budget import Budget
from adrs.core.failure import Exhausted, Fault, Refusal
from adrs.core.parts import Bar, Evaluator, Part, PromptGenerator, SolutionGenerator, SolutionSelector, Storage
from adrs.core.task import Task
from adrs.core.trial import Candidate, Evaluation, Trial

T = TypeVar("T")

ALIKE = 20
"""Number of consecutive replies, unusable in the same way, after which a run stops."""

PAUSES = (1.0, 2.0, 5.0, 10.0, 20.0)
"""Seconds between retries of an attempt after a fault; after the last retry the run stops and can be resumed."""


@dataclass(frozen=True)
class Parts:
    """The five parts, the budget, and observers that also receive every trial, such as a live panel.

    Args:
        halt: set it to ask for a stop; attempts in flight are finished and kept.
    """

    selector: SolutionSelector
    prompts: PromptGenerator
    generator: SolutionGenerator
    evaluator: Evaluator
    store: Storage
    budget: Budget
    observers: Sequence[Part] = ()
    halt: threading.Event = field(default_factory=threading.Event)

    def tell(self, trial: Trial) -> None:
        for part in (self.selector, self.prompts, self.generator, self.evaluator, self.budget, *self.observers):
            part.tell(trial)


class Progress(Part):
    """The state of the loop between questions: the number of trials seen, and whether to continue."""

    def __init__(self) -> None:
        self.seen = 0
        self.legal = 0
        self.start_foul = ""
        """The foul of the last illegal start program."""
        self.exhausted = ""
        """Why the generator last had nothing to propose; "" if that never happened."""
        self._exhausted_at = -1
        self._unusable = ""
        self._in_a_row = 0
        self._task_errors = 0

    def tell(self, trial: Trial) -> None:
        self.seen += 1
        self.legal += trial.breeds
        if trial.candidate.phase == "seed" and trial.evaluation.foul is not None:
            self.start_foul = str(trial.evaluation.foul)

    def exhaust(self, reason: str) -> None:
        """Record that the generator has nothing to propose until another trial arrives."""
        self._exhausted_at, self.exhausted = self.seen, reason

    @property
    def waits(self) -> bool:
        """Whether the generator has had nothing to propose since the last trial."""
        return self._exhausted_at == self.seen

    def hopeless(self, trial: Trial) -> Refusal | None:
        """The refusal with which to stop if the generator or the task's code keeps failing; else None."""
        candidate, foul = trial.candidate, trial.evaluation.foul
        self._task_errors = self._task_errors + 1 if foul is not None and foul.kind == "task" else 0
        if foul is not None and self._task_errors >= TASK_ERRORS:
            return Refusal(f"{foul.reason}, for {TASK_ERRORS} programs in a row: {REMEDY}")
        says = "" if candidate.foul is None else re.sub(r"[0-9.]+", "#", str(candidate.foul))
        self._in_a_row = self._in_a_row + 1 if says and says == self._unusable else 1
        self._unusable = says
        if not says or self._in_a_row < ALIKE:
            return None
        return Refusal(
            f"{ALIKE} consecutive replies were unusable in the same way; the last one: {candidate.foul}: check the generator"
        )


@dataclass(frozen=True)
class Attempt:
    """The result of one question, before it is stored under a number."""

    candidate: Candidate
    evaluation: Evaluation
    question: int
    seen: int


def search(task: Task[Any], parts: Parts, starts: Sequence[Candidate], seed: int, width: int) -> Progress:
    """Run the inner loop until the budget is spent or a halt is asked for.

    Args:
        starts: start programs; those already stored are not played again.
        seed: random seed of the run.
        width: number of attempts in flight, each in its own thread.

    Returns:
        The progress, with the reason if the generator ran out of proposals.

    Raises:
        Refusal: no start program is legal, or the generator keeps failing in the same way.
        Fault: the machine kept failing; everything finished is stored, and the run can be resumed.
    """
    loop = _Loop(task, parts, seed)
    for trial in parts.store.trials():
        loop.tell(trial)
    loop.play_starts(starts)
    loop.go(width)
    return loop.progress


class _Loop:
    """One search: passes trials to the parts, asks the next question, decides when to stop."""

    def __init__(self, task: Task[Any], parts: Parts, seed: int) -> None:
        self.task, self.parts, self.seed = task, parts, seed
        self.progress = Progress()

    def tell(self, trial: Trial) -> None:
        self.parts.tell(trial)
        self.progress.tell(trial)

    def record(self, attempt: Attempt) -> Refusal | None:
        """Store an attempt and pass it to the parts; return the refusal with which the search must end, if any."""
        trial = self.parts.store.append(attempt.candidate, attempt.evaluation, attempt.question, attempt.seen)
        self.tell(trial)
        return self.progress.hopeless(trial)

    def play_starts(self, starts: Sequence[Candidate]) -> None:
        """Evaluate the start programs that are not stored yet."""
        parts, progress = self.parts, self.progress
        for number, candidate in enumerate(starts):
            if number >= progress.seen and not parts.halt.is_set():
                evaluation = _patiently(lambda c=candidate: _evaluate(parts, c, Bar()), parts.halt)  # type: ignore[misc]
                if evaluation.foul is not None and evaluation.foul.kind == "task":
                    raise Refusal(f"{evaluation.foul.reason}: {REMEDY}")
                self.record(Attempt(candidate, evaluation, number, progress.seen))
        if not progress.legal and not parts.halt.is_set():
            reason = f"task {self.task.name}: no start program is legal ({progress.start_foul})"
            raise Refusal(f"{reason}: fix it, or give another with --seed-program")

    def go(self, width: int) -> None:
        """Keep `width` attempts in flight until no more may start; record them in the order in which they end."""
        failure: BaseException | None = None
        with ThreadPoolExecutor(width, thread_name_prefix="attempt") as threads:
            flying: list[Future[Attempt]] = []
            while True:
                while failure is None and len(flying) < width and self._may_start(len(flying)):
                    flying.append(threads.submit(self._next_attempt(len(flying))))
                if not flying:
                    break
                done, _ = wait(flying, return_when=FIRST_COMPLETED)
                for future in [future for future in flying if future in done]:
                    flying.remove(future)
                    if (error := future.exception()) is None:
                        failure = self.record(future.result()) or failure
                    elif isinstance(error, Exhausted):
                        self.progress.exhaust(str(error))
                    else:
                        failure = failure or error
        if failure is not None:
            raise failure

    def _may_start(self, in_flight: int) -> bool:
        return not self.parts.halt.is_set() and not self.progress.waits and self.parts.budget.allows(in_flight)

    def _next_attempt(self, in_flight: int) -> Callable[[], Attempt]:
        """Ask the next question in this thread; return a function that answers and evaluates it in another thread."""
        parts, seen = self.parts, self.progress.seen
        question = seen + in_flight
        selection = parts.selector.ask(random.Random(f"{self.seed}:{question}"))
        prompt = parts.prompts.compose(self.task, selection, f"{self.seed}:{question}")
        bar = parts.evaluator.bar()

        def attempt() -> Attempt:
            candidate = _patiently(lambda: parts.generator.propose(prompt), parts.halt)
            evaluation = _patiently(lambda: _evaluate(parts, candidate, bar), parts.halt)
            return Attempt(candidate, evaluation, question, seen)

        return attempt


def _evaluate(parts: Parts, candidate: Candidate, bar: Bar) -> Evaluation:
    """Evaluate a candidate; a reply without a program is a foul without play."""
    return Evaluation(foul=candidate.foul) if candidate.foul else parts.evaluator.evaluate(candidate, bar)


def _patiently(act: Callable[[], T], halt: threading.Event) -> T:
    """The result of `act()`, repeated with growing pauses while it raises Fault."""
    for pause in PAUSES:
        try:
            return act()
        except Fault:
            if halt.wait(pause):
                break
    return act()


TASK_ERRORS = 5
"""Programs in a row for which the task's own code fails, after which a search stops."""
REMEDY = "fix the task, then continue with `adrs resume RUN --accept-task-change`"
