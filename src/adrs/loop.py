"""loop: the inner loop of the figure: select, prompt, generate, evaluate, store, tell. It knows the parts as interfaces only.

Resume is replay: the loop first tells every stored trial to every part, then asks the next question. The random state of a
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
"""Unusable replies of one kind, one after the other, after which a run stops: more of them would teach nothing."""

PAUSES = (1.0, 2.0, 5.0, 10.0, 20.0)
"""Seconds between repeats of an attempt that met a fault; after the last one the run stops, resumable."""


@dataclass
class Parts:
    """The figure: its five parts, the budget, and whoever else wants to be told (a live panel)."""

    selector: SolutionSelector
    prompts: PromptGenerator
    generator: SolutionGenerator
    evaluator: Evaluator
    store: Storage
    budget: Budget
    observers: Sequence[Part] = ()
    told: int = 0
    legal: int = 0
    seed_foul: str = ""
    """What the last illegal seed did."""
    alike: int = 0
    lately: str = ""
    """How many replies in a row were unusable, and in which way."""
    dry_because: str = ""
    """What it said then."""
    dry: int = -1
    """How many trials had been told when the generator last had nothing to propose."""
    halt: threading.Event = field(default_factory=threading.Event)
    """Set it to ask for a stop: what is in flight is finished and kept."""

    def tell(self, trial: Trial) -> None:
        for part in (self.selector, self.prompts, self.generator, self.evaluator, self.budget, *self.observers):
            part.tell(trial)
        self.told += 1
        if trial.candidate.phase == "seed" and trial.evaluation.foul is not None:
            self.seed_foul = str(trial.evaluation.foul)
        self.legal += trial.breeds

    def count_alike(self, candidate: Candidate) -> Refusal | None:
        """Notice that a generator only ever fails, and in the same way: why the run should stop, or None."""
        said = "" if candidate.foul is None else re.sub(r"[0-9.]+", "#", str(candidate.foul))
        self.alike = self.alike + 1 if said and said == self.lately else 1
        self.lately = said
        if said and self.alike >= ALIKE:
            told = f"{ALIKE} replies in a row were unusable in the same way"
            return Refusal(f"{told}, lately {candidate.foul}: mend the generator")
        return None

    def may_start(self, in_flight: int) -> bool:
        """Whether another question may be asked now."""
        return not self.halt.is_set() and self.dry != self.told and self.budget.allows(in_flight)


@dataclass(frozen=True)
class Attempt:
    """What came of one question, before it has a number."""

    candidate: Candidate
    evaluation: Evaluation
    question: int
    seen: int


def search(task: Task[Any], parts: Parts, seeds: Sequence[Candidate], seed: int, width: int) -> None:
    """Run the inner loop until the budget is spent or a halt is asked for.

    Args:
        seeds: programs to start from; those already stored are not played again.
        seed: of the run's randomness.
        width: attempts in flight, each in its own thread.

    Raises:
        Fault: the machine kept failing; everything finished is stored, and the run can be resumed.
    """
    for trial in parts.store.trials():
        parts.tell(trial)

    def record(attempt: Attempt) -> Refusal | None:
        trial = parts.store.append(attempt.candidate, attempt.evaluation, attempt.question, attempt.seen)
        parts.tell(trial)
        return parts.count_alike(trial.candidate)

    for number, candidate in enumerate(seeds):
        if number >= parts.told and not parts.halt.is_set():
            evaluation = _patiently(lambda c=candidate: _evaluate(parts, c, Bar()), parts.halt)  # type: ignore[misc]
            record(Attempt(candidate, evaluation, number, parts.told))
    if not parts.legal and not parts.halt.is_set():
        told = f"task {task.name}: no seed program is legal ({parts.seed_foul})"
        raise Refusal(f"{told}: mend it, or give another one with --seed-program")

    def start(threads: ThreadPoolExecutor, in_flight: int) -> Future[Attempt]:
        question, seen = parts.told + in_flight, parts.told
        selection = parts.selector.ask(random.Random(f"{seed}:{question}"))
        prompt = parts.prompts.compose(task, selection, f"{seed}:{question}")
        bar = parts.evaluator.bar()

        def attempt() -> Attempt:
            candidate = _patiently(lambda: parts.generator.propose(prompt), parts.halt)
            evaluation = _patiently(lambda: _evaluate(parts, candidate, bar), parts.halt)
            return Attempt(candidate, evaluation, question, seen)

        return threads.submit(attempt)

    failure: BaseException | None = None
    with ThreadPoolExecutor(width, thread_name_prefix="attempt") as threads:
        flying: list[Future[Attempt]] = []
        while True:
            while failure is None and len(flying) < width and parts.may_start(len(flying)):
                flying.append(start(threads, len(flying)))
            if not flying:
                break
            done, _ = wait(flying, return_when=FIRST_COMPLETED)
            for future in [future for future in flying if future in done]:
                flying.remove(future)
                if (error := future.exception()) is None:
                    failure = record(future.result()) or failure
                elif isinstance(error, Exhausted):
                    parts.dry, parts.dry_because = parts.told, str(error)
                else:
                    failure = failure or error
    if failure is not None:
        raise failure


def _evaluate(parts: Parts, candidate: Candidate, bar: Bar) -> Evaluation:
    """A reply without a program needs no referee."""
    return Evaluation(foul=candidate.foul) if candidate.foul else parts.evaluator.evaluate(candidate, bar)


def _patiently(act: Callable[[], T], halt: threading.Event) -> T:
    """`act()`, repeated with growing pauses while the machine fails."""
    for pause in PAUSES:
        try:
            return act()
        except Fault:
            if halt.wait(pause):
                break
    return act()
