"""messages: lets people steer a running search: hints enter its prompts, submitted programs become attempts."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from adrs.core.failure import Exhausted
from adrs.core.messages import Message, hints, waiting
from adrs.core.parts import Orientation, Prompt, PromptGenerator, SolutionGenerator
from adrs.core.selection import Selection
from adrs.core.task import Task
from adrs.core.trial import Candidate, Trial
from adrs.generators.inbox import Inbox

GLANCE = 0.5
"""Seconds between two looks into the store while nothing but people can write the next program."""

Read = Callable[[], Sequence[Message]]
Say = Callable[[Message], int]


class Steered(PromptGenerator):
    """Any prompt generator, whose orientation holds the hints that stand when a question is composed."""

    def __init__(self, inner: PromptGenerator, read: Read) -> None:
        self.inner, self._read = inner, read
        self._orientation = Orientation()

    def orient(self, orientation: Orientation) -> None:
        self._orientation = orientation

    def tell(self, trial: Trial) -> None:
        self.inner.tell(trial)

    def compose(self, task: Task[Any], selection: Selection, seed: str) -> Prompt:
        self.inner.orient(replace(self._orientation, hints=tuple(hints(self._read()).values())))
        return self.inner.compose(task, selection, seed)


class Visited(SolutionGenerator):
    """Any generator, but programs that people handed in come first; with `inbox` there is nobody else."""

    def __init__(self, inner: SolutionGenerator, read: Read, say: Say, halt: threading.Event) -> None:
        self.inner, self._read, self._say, self._halt = inner, read, say, halt
        self.format = inner.format
        self._lock = threading.Lock()
        self._flying: dict[int, Candidate] = {}
        """Programs of which an attempt is under way; they are taken when it is stored, so that a killed run loses none."""

    def tell(self, trial: Trial) -> None:
        self.inner.tell(trial)
        with self._lock:
            mine = [
                number
                for number, candidate in self._flying.items()
                if candidate == replace(trial.candidate, spend=candidate.spend)
            ]
            for number in mine[:1]:
                del self._flying[number]
                self._say(Message("taken", about=number))

    def propose(self, prompt: Prompt) -> Candidate:
        while (handed := self._take(prompt)) is None and isinstance(self.inner, Inbox):
            if self._halt.wait(GLANCE):
                raise Exhausted("the run was asked to stop")
        return handed or self.inner.propose(prompt)

    def _take(self, prompt: Prompt) -> Candidate | None:
        """The oldest program that waits, as a candidate; None when there is none."""
        with self._lock:
            said = self._read()
            numbers = [number for number in waiting(said) if number not in self._flying]
            if not numbers:
                return None
            candidate = candidate_of(said, numbers[0], prompt.selection)
            self._flying[numbers[0]] = candidate
        return candidate


def candidate_of(said: Sequence[Message], number: int, otherwise: Selection) -> Candidate:
    """The program of a message; its parent and niche are its ticket's, or those of the question that it answers instead."""
    program = said[number]
    parent, niche = otherwise.parent.number, otherwise.niche
    if program.about is not None:
        stated, _, niche = said[program.about].text.partition(" ")
        parent = int(stated)
    return Candidate(program.text, (parent,), niche, author=program.author, note=program.note)
