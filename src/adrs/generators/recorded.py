"""recorded: repeats the replies of an earlier run in their order, without key, cost or new text."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from adrs.core.failure import Exhausted, Foul, Refusal
from adrs.core.parts import Prompt, SolutionGenerator
from adrs.core.resources import Recording, Resources
from adrs.core.task import Task
from adrs.core.trial import Candidate, Spend, Trial
from adrs.llm import program_of


class Recorded(SolutionGenerator):
    """Repeats another run of the same store: question k gets the reply of trial k.

    A stored reply is applied again to the parent that it was written for. With the recorded run's selector and seed and with
    width 1 the trials are the same; on a changed task this shows how the same replies score there.

    Args:
        run: the name of the recorded run.
    """

    def __init__(self, *, run: str = "") -> None:
        self.run = run
        self._resources = Resources()
        self._recording: Recording | None = None
        self._told: dict[int, str] = {}
        self._lock = threading.Lock()

    def attach(self, resources: Resources) -> None:
        if not self.run:
            raise Refusal("generator recorded needs a run to repeat: give recorded:run=NAME, a run of the same store")
        self._resources = resources

    def load(self, recording: Recording) -> None:
        """Repeat this recording instead of the one that the run offers."""
        self._recording = recording

    @property
    def recording(self) -> Recording:
        """The recorded run, read when it is first needed.

        Raises:
            Refusal: the store has no such run.
        """
        with self._lock:
            if self._recording is None:
                self._recording = self._resources.recording(self.run)
            return self._recording

    def start_programs(self, task: Task[Any]) -> list[Candidate]:
        """The programs that the recorded run started from."""
        del task
        return [trial.candidate for trial in self.recording.trials if trial.candidate.phase == "seed"]

    def tell(self, trial: Trial) -> None:
        self._told[trial.number] = trial.candidate.source

    def propose(self, prompt: Prompt) -> Candidate:
        """The candidate that the recorded run got for this question.

        Raises:
            Exhausted: the recorded run has no such question.
            Refusal: the store has no such run.
        """
        trials = self.recording.trials
        number = int(prompt.seed.rpartition(":")[2])
        if number >= len(trials) or trials[number].candidate.phase != "search":
            raise Exhausted(f"run {self.run} has no more replies")
        made = self.again(number)
        numbers = self._here(made.parents) or (prompt.selection.parent.number,)
        return replace(made, parents=numbers, niche=prompt.selection.niche, phase="search", spend=Spend(), calls=())

    def _here(self, parents: Sequence[int]) -> tuple[int, ...]:
        """The trials of this run with the programs of the recorded parents; prefers the trial with the same number."""
        found = []
        for parent in parents:
            source = self.recording.trials[parent].candidate.source
            same = [parent] if self._told.get(parent) == source else [n for n, told in self._told.items() if told == source]
            found += same[:1]
        return tuple(found)

    def again(self, number: int) -> Candidate:
        """The candidate of a recorded trial; if it has a reply, its program is made from the reply again."""
        stored = self.recording.trials[number].candidate
        last = next(reversed(self.recording.calls.get(number, ())), None)
        whole = last is not None and last.purpose == "propose" and not last.error and last.finish != "lost"
        if last is None or not whole or not stored.parents:
            return stored
        parent = self.recording.trials[stored.parents[0]].candidate.source
        source, foul, note = "", None, stored.note
        try:
            source = program_of(last.reply, parent, cut_off=last.finish == "length")
        except Foul as found:
            foul, note = found, found.reason
        return replace(stored, source=source, note=note, foul=foul)
