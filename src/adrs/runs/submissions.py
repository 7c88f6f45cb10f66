"""submissions: connects people to a running search: hints enter its prompts, submitted programs become attempts."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from adrs.core.messages import Message, hints, waiting
from adrs.core.parts import Orientation, Prompt, PromptGenerator, SolutionGenerator
from adrs.core.selection import Selection
from adrs.core.storage import StoredRun
from adrs.core.task import Task
from adrs.core.trial import Candidate, Trial


class WithHints(PromptGenerator):
    """A prompt generator whose prompts contain the hints that are in force when a question is composed."""

    def __init__(self, inner: PromptGenerator, run: StoredRun) -> None:
        self.inner, self._run = inner, run
        self._orientation = Orientation()

    def orient(self, orientation: Orientation) -> None:
        self._orientation = orientation

    def tell(self, trial: Trial) -> None:
        self.inner.tell(trial)

    def compose(self, task: Task[Any], selection: Selection, seed: str) -> Prompt:
        self.inner.orient(replace(self._orientation, hints=tuple(hints(self._run.messages()).values())))
        return self.inner.compose(task, selection, seed)


class Submissions:
    """The programs that people submit to a run, each taken by one attempt."""

    def __init__(self, run: StoredRun) -> None:
        self._run = run
        self._lock = threading.Lock()
        self._in_flight: dict[int, Candidate] = {}
        """Programs in an attempt; each counts as taken once its trial is stored, so that a killed run loses no program."""

    def take(self, selection: Selection) -> Candidate | None:
        """The oldest waiting program as a candidate; None if none waits.

        Args:
            selection: gives parent and niche to a program that was submitted without a ticket.
        """
        with self._lock:
            said = self._run.messages()
            numbers = [number for number in waiting(said) if number not in self._in_flight]
            if not numbers:
                return None
            candidate = candidate_of(said, numbers[0], selection)
            self._in_flight[numbers[0]] = candidate
        return candidate

    def tell(self, trial: Trial) -> None:
        """Mark the program of this trial as taken."""
        with self._lock:
            for number, candidate in self._in_flight.items():
                if candidate == replace(trial.candidate, spend=candidate.spend):
                    del self._in_flight[number]
                    self._run.add_message(Message("taken", about=number))
                    return


class WithSubmissions(SolutionGenerator):
    """A generator that uses submitted programs first and asks the inner one when none waits."""

    def __init__(self, inner: SolutionGenerator, submissions: Submissions) -> None:
        self.inner, self.submissions = inner, submissions
        self.format = inner.format

    def tell(self, trial: Trial) -> None:
        self.inner.tell(trial)
        self.submissions.tell(trial)

    def propose(self, prompt: Prompt) -> Candidate:
        return self.submissions.take(prompt.selection) or self.inner.propose(prompt)


def candidate_of(said: Sequence[Message], number: int, otherwise: Selection) -> Candidate:
    """The program of message `number` as a candidate; parent and niche come from its ticket, else from `otherwise`."""
    program = said[number]
    parent, niche = otherwise.parent.number, otherwise.niche
    if program.about is not None:
        stated, _, niche = said[program.about].text.partition(" ")
        parent = int(stated)
    return Candidate(program.text, (parent,), niche, author=program.author, note=program.note)
