"""memory: trials in a list, for tests, benchmarks and calls that nobody wants to keep. Gone with its process."""

from __future__ import annotations

from collections.abc import Iterator

from adrs.core.parts import Storage
from adrs.core.trial import Candidate, Evaluation, Trial


class MemoryStore(Storage):
    """Keeps what it is given, as it is given."""

    def __init__(self) -> None:
        self._trials: list[Trial] = []

    def append(self, candidate: Candidate, evaluation: Evaluation, question: int, seen: int) -> Trial:
        trial = Trial(len(self._trials), candidate, evaluation, question, seen)
        self._trials.append(trial)
        return trial

    def trials(self, start: int = 0) -> Iterator[Trial]:
        yield from self._trials[start:]
