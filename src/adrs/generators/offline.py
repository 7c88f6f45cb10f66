"""offline: programs without a language model: typed random edits of the parent's syntax tree, in normal form. It plays nothing.

It invents no control flow: no new loops, no recursion, no new functions. It reads the parent, the inspirations, the task's
evolve block and terms, and its own trials; never workloads, metrics or feedback. docs/offline.md explains it by examples.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from adrs.core.parts import Prompt, SolutionGenerator
from adrs.core.task import Task
from adrs.core.trial import Candidate, Trial
from adrs.mutation import Edited, Mutator

SENTENCE = "No language model wrote these programs; they were made by random typed edits and selection."
"""What reports say of this generator's programs."""

DRAWS = 20
FORGETTING, PRIOR = 0.99, 0.2


def start(task: Task[Any]) -> Candidate:
    """The program that a search with this generator starts from: the task's `offline_seed`, else its `seed`."""
    source = task.offline_seed or task.seed
    with suppress(SyntaxError):  # such a program is handed over as it is: the referee says what is wrong with it
        source = Mutator.laid_out(source)
    return Candidate(source, author="offline", note="the start program", phase="seed")


class Offline(SolutionGenerator):
    """Changes the parent with one to three typed edits; a function of parent, inspirations, random seed and past trials.

    Args:
        task: whose block, terms and results it may use.
        bandit: weigh the operators by how often their programs beat the parent.
    """

    model_free = True

    def __init__(self, task: Task[Any], *, bandit: bool = False) -> None:
        self.mutator = Mutator(task)
        self.credit = Credit(self.mutator.weights) if bandit else None
        self._seen: set[str] = set()  # asked for membership only, never iterated
        self._lock = threading.Lock()

    def tell(self, trial: Trial) -> None:
        with self._lock:
            self._seen.add(self.mutator.fingerprint(trial.candidate.source))
            if self.credit is not None:
                self.credit.tell(trial)

    def start_programs(self, task: Task[Any]) -> Sequence[Candidate]:
        return [start(task)]

    def propose(self, prompt: Prompt) -> Candidate:
        """The first of 20 draws that gives a new program, else the first of 20 more that change one number.

        If all of them fail, it answers with a duplicate, so that a search in a small space goes on until its budget ends.
        """
        selection = prompt.selection
        parent = selection.parent
        rng = random.Random(prompt.seed)
        with self._lock:
            weights = self.credit.weights() if self.credit else self.mutator.weights
        same_as_parent = self.mutator.same_texts(parent.candidate.source)
        duplicate: Edited | None = None
        for number in range(2 * DRAWS):
            mate = rng.choice(selection.inspirations) if selection.inspirations else None
            edited = self.mutator.edited(
                parent.candidate.source,
                None if mate is None else mate.candidate.source,
                rng,
                weights if number < DRAWS else {"const": 1.0},
            )
            if edited is None:
                continue
            if edited.source not in same_as_parent and not self._has(edited.source):
                return self._candidate(edited, parent, mate, selection.niche)
            duplicate = edited
        if duplicate is not None:
            return self._candidate(duplicate, parent, None, selection.niche)
        note = "nothing new was found"
        return Candidate(same_as_parent[-1], (parent.number,), selection.niche, author="offline", note=note)

    def _has(self, source: str) -> bool:
        with self._lock:
            return self.mutator.fingerprint(source) in self._seen

    def _candidate(self, edited: Edited, parent: Trial, mate: Trial | None, niche: str) -> Candidate:
        crossed = mate is not None and "cross" in edited.operators
        parents = (parent.number, mate.number) if crossed and mate is not None else (parent.number,)
        return Candidate(edited.source, parents, niche, author="offline", note=edited.note, operators=edited.operators)


class Credit:
    """How often an operator's programs beat their parents, with forgetting: a factor on its weight between 1/4 and 4.

    Args:
        weights: operator -> weight without credit.
    """

    def __init__(self, weights: Mapping[str, float]) -> None:
        self._weights = weights
        self._ranks: dict[int, tuple[int, float]] = {}
        self._won = dict.fromkeys(weights, PRIOR)
        self._tried = dict.fromkeys(weights, 1.0)

    def tell(self, trial: Trial) -> None:
        """Credit the operators of a trial; those of other generators are ignored."""
        rank = self._ranks[trial.number] = trial.evaluation.rank
        before = self._ranks.get(trial.candidate.parents[0]) if trial.candidate.parents else None
        for name in trial.candidate.operators:
            if name in self._weights:
                self._won[name] = FORGETTING * self._won[name] + (before is not None and rank > before)
                self._tried[name] = FORGETTING * self._tried[name] + 1

    def weights(self) -> dict[str, float]:
        """Operator -> weight with credit."""
        factors = {name: min(4.0, max(0.25, self._won[name] / self._tried[name] / PRIOR)) for name in self._weights}
        return {name: weight * factors[name] for name, weight in self._weights.items()}
