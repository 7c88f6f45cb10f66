"""offline: programs without a language model: random typed edits of the parent's syntax tree, tidied. It plays nothing.

It invents no control flow: no new loops, no recursion, no new functions. It reads the parent, the inspirations, the task's
evolve block and terms, and its own trials; never workloads, metrics or feedback.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from adrs.core.parts import Prompt, SolutionGenerator
from adrs.core.task import Task
from adrs.core.trial import Candidate, Trial
from adrs.mutation.draft import fingerprint, finished, opened
from adrs.mutation.lore import literals, rules_of
from adrs.mutation.operators import OPERATORS, edit, weights
from adrs.mutation.program import Program, Rules
from adrs.mutation.workbench import Workbench

SENTENCE = "No language model wrote these programs; they were made by random typed edits and selection."
"""What reports say of this generator's programs."""

DRAWS = 20
EDITS = ((1, 0.64), (2, 0.33), (3, 0.03))
FORGETTING, PRIOR = 0.99, 0.2


def start(task: Task[Any]) -> Candidate:
    """The program with which a search by this generator sets out: the task's start program, else its seed.

    It is laid out as its children will be, so that differences show what changed and nothing else.
    """
    source = task.offline_seed or task.seed
    try:
        block, tree = opened(source)
    except SyntaxError:
        return Candidate(source, author="offline", note="the start program", phase="seed")  # the referee says why
    return Candidate(block.fill(tree), author="offline", note="the start program", phase="seed")


@dataclass(frozen=True)
class Draft:
    """One program made of another, with the operators that made it and what they say of it."""

    source: str
    steps: tuple[tuple[str, str], ...]

    @property
    def operators(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.steps if name in OPERATORS)

    @property
    def note(self) -> str:
        return "; ".join(f"{name}: {note}" for name, note in self.steps)


class Offline(SolutionGenerator):
    """Changes the parent with one to three typed edits; a function of parent, inspirations, seed and the trials told.

    Args:
        task: whose block, terms and results it may use.
        bandit: weigh the operators by how often their programs beat the parent.
    """

    model_free = True

    def __init__(self, task: Task[Any], *, bandit: bool = False) -> None:
        self.rules = rules_of(task, task.offline_seed or task.seed)
        self.credit = Credit() if bandit else None
        self._with_terms = bool(task.terms)
        self._seen: set[str] = set()  # asked for membership only, never iterated
        self._lock = threading.Lock()
        self._opened = lru_cache(maxsize=64)(self._open_inspiration)
        self._tidied = lru_cache(maxsize=64)(self._tidy_parent)

    def tell(self, trial: Trial) -> None:
        with self._lock:
            self._seen.add(fingerprint(trial.candidate.source))
            if self.credit is not None:
                self.credit.tell(trial)

    def start_programs(self, task: Task[Any]) -> Sequence[Candidate]:
        return [start(task)]

    def propose(self, prompt: Prompt) -> Candidate:
        selection = prompt.selection
        parent = selection.parent
        rng = random.Random(prompt.seed)
        with self._lock:
            weighted = weights(self._with_terms, self.credit.factors() if self.credit else None)
        known = self._tidied(parent.candidate.source)
        duplicate: Draft | None = None
        only_constants = {"const": 1.0}
        for number in range(2 * DRAWS):
            mate = rng.choice(selection.inspirations) if selection.inspirations else None
            draft = self._draft(parent, mate, rng, weighted if number < DRAWS else only_constants)
            if draft is None:
                continue
            if draft.source not in known and not self._has(draft.source):
                return self._candidate(draft, parent, mate, selection.niche)
            duplicate = draft
        fallback = duplicate or Draft(known[-1], (("same", "nothing new was found"),))
        return self._candidate(fallback, parent, None, selection.niche)

    def _has(self, source: str) -> bool:
        with self._lock:
            return fingerprint(source) in self._seen

    def _candidate(self, draft: Draft, parent: Trial, mate: Trial | None, niche: str) -> Candidate:
        crossed = mate is not None and any(name == "cross" for name, _ in draft.steps)
        parents = (parent.number, mate.number) if crossed and mate is not None else (parent.number,)
        return Candidate(draft.source, parents, niche, author="offline", note=draft.note, operators=draft.operators)

    def _draft(self, parent: Trial, mate: Trial | None, rng: random.Random, weighted: Mapping[str, float]) -> Draft | None:
        """One try; None when its edits led to no fit program."""
        block, tree = opened(parent.candidate.source)
        rules = self._allowing(parent, mate)
        steps: list[tuple[str, str]] = []
        for _ in range(rng.choices([k for k, _ in EDITS], [weight for _, weight in EDITS])[0]):
            inspiration = self._opened(mate.candidate.source) if mate is not None else None
            step = edit(Workbench(Program(tree, rules), inspiration, rng), weighted)
            if step is not None:
                steps.append(step)
        if not steps:
            return None
        source = finished(block, tree, rules)
        return None if source is None else Draft(source, tuple(steps))

    def _allowing(self, parent: Trial, mate: Trial | None) -> Rules:
        """The rules, with the literals that the parents have: only new ones are rounded."""
        texts = [trial.candidate.source for trial in (parent, mate) if trial is not None]
        return replace(self.rules, exact=self.rules.exact.union(*(_literals_of(text) for text in texts)))

    def _open_inspiration(self, source: str) -> Program:
        return Program(opened(source)[1], self.rules)

    def _tidy_parent(self, source: str) -> tuple[str, ...]:
        """Texts that are the parent again: as it stands, and tidied."""
        block, tree = opened(source)
        tidied = finished(block, tree, replace(self.rules, exact=self.rules.exact | _literals_of(source)))
        return (source,) if tidied is None else (source, tidied)


@lru_cache(maxsize=256)
def _literals_of(source: str) -> frozenset[float]:
    return frozenset(literals(opened(source)[1]))


class Credit:
    """How often an operator's programs beat their parents, with forgetting: a factor on its weight between 1/4 and 4."""

    def __init__(self) -> None:
        self._ranks: dict[int, tuple[int, float]] = {}
        self._won = dict.fromkeys(OPERATORS, PRIOR)
        self._tried = dict.fromkeys(OPERATORS, 1.0)

    def tell(self, trial: Trial) -> None:
        """Credit the operators of one of our trials."""
        rank = self._ranks[trial.number] = trial.evaluation.rank
        before = self._ranks.get(trial.candidate.parents[0]) if trial.candidate.parents else None
        for name in trial.candidate.operators:
            if name not in OPERATORS:
                continue
            self._won[name] = FORGETTING * self._won[name] + (before is not None and rank > before)
            self._tried[name] = FORGETTING * self._tried[name] + 1

    def factors(self) -> dict[str, float]:
        """Operator -> factor on its weight."""
        return {name: min(4.0, max(0.25, self._won[name] / self._tried[name] / PRIOR)) for name in OPERATORS}
