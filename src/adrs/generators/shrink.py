"""shrink: the same program in fewer words: every reduction of the parent by one node, in a fixed order, until all were tried.

A second phase after a search, with the selector `champion`, which keeps what is shorter and as good. It does not look for
better programs.
"""

from __future__ import annotations

import threading
from typing import Any

from adrs.core.failure import Exhausted
from adrs.core.parts import Prompt, SolutionGenerator
from adrs.core.task import Task
from adrs.core.trial import Candidate, Trial
from adrs.mutation import Mutator


class Shrink(SolutionGenerator):
    """Proposes reductions of the parent; raises `Exhausted` when all have been tried or are in flight.

    Args:
        task: whose block and terms the programs have.
    """

    model_free = True

    def __init__(self, task: Task[Any]) -> None:
        self.mutator = Mutator(task)
        self._seen: set[str] = set()  # asked for membership only, never iterated
        self._tried: set[str] = set()
        self._lock = threading.Lock()

    def tell(self, trial: Trial) -> None:
        with self._lock:
            self._seen.add(self.mutator.fingerprint(trial.candidate.source))
            if trial.candidate.phase == "shrink":
                self._tried.add(trial.candidate.note)

    def propose(self, prompt: Prompt) -> Candidate:
        parent = prompt.selection.parent
        with self._lock:
            for fresh in (True, False):  # what failed on a longer version comes last
                for note, source in self.mutator.reductions(parent.candidate.source, self._tried, fresh):
                    name = self.mutator.fingerprint(source)
                    if name not in self._seen:
                        self._seen.add(name)
                        return Candidate(
                            source,
                            (parent.number,),
                            prompt.selection.niche,
                            author="offline",
                            note=note,
                            phase="shrink",
                            operators=("shrink",),
                        )
        raise Exhausted("every reduction of the champion has been tried")
