"""mutator: typed edits of a task's programs: one object that makes random edits, tunes literals and lists reductions.

It plays nothing and remembers nothing of a search: the same arguments give the same program.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from adrs.core.task import Task
from adrs.mutation.block import open_block
from adrs.mutation.check import finished
from adrs.mutation.edit import Edit
from adrs.mutation.literals import filled, literals, moved, shape_of, vector
from adrs.mutation.operators.table import random_edit, weights
from adrs.mutation.program import Program
from adrs.mutation.reading import rules_of
from adrs.mutation.reductions import reductions
from adrs.mutation.rules import Rules

EDITS = ((1, 0.64), (2, 0.33), (3, 0.03))
"""Number of edits in one proposal, and its chance: some improvements need two edits that are worthless alone."""


@dataclass(frozen=True)
class Edited:
    """A program made from a parent, with the operators that made it and what each of them changed."""

    source: str
    steps: tuple[tuple[str, str], ...]

    @property
    def operators(self) -> tuple[str, ...]:
        """The names of the operators, in order."""
        return tuple(name for name, _ in self.steps)

    @property
    def note(self) -> str:
        """What changed, in one line: "swap: if slack < 2; const: 3.67 -> 7.95"."""
        return "; ".join(f"{name}: {note}" for name, note in self.steps)


class Mutator:
    """Makes programs of a task from other programs of the task.

    Args:
        task: whose evolve block, terms and results the programs may use.
        without: of `PASSES`, what is switched off to measure what it is good for.

    Raises:
        Refusal: the task's terms contradict its start program; the start program or the kit does not parse.
    """

    def __init__(self, task: Task[Any], without: Collection[str] = ()) -> None:
        self._rules = replace(rules_of(task, task.offline_seed or task.seed), without=frozenset(without))
        self.weights: Mapping[str, float] = weights(with_terms=bool(task.terms))
        """Operator -> weight among those that apply."""
        self._opened = lru_cache(maxsize=64)(self._open)
        self.same_texts = lru_cache(maxsize=64)(self._same_texts)

    @staticmethod
    def laid_out(source: str) -> str:
        """A program laid out as its children will be, so that a diff to them shows what changed and nothing else.

        Raises:
            SyntaxError: it does not parse.
        """
        block, tree = open_block(source)
        return block.fill(tree)

    @staticmethod
    def fingerprint(source: str) -> str:
        """A short text that is equal for equal programs."""
        return hashlib.sha256(source.encode()).hexdigest()[:16]

    def edited(
        self, parent: str, inspiration: str | None, rng: random.Random, weighted: Mapping[str, float] | None = None
    ) -> Edited | None:
        """The parent after one to three random edits, in normal form.

        Args:
            inspiration: a second program, from which the operator `cross` takes parts.
            weighted: operator -> weight; by default `weights`.

        Returns:
            None when the edits led to a program that is not worth playing: too large, a name unbound, no return. Draw again.
        """
        block, tree = open_block(parent)
        rules = self._keeping_literals(*(text for text in (parent, inspiration) if text is not None))
        steps: list[tuple[str, str]] = []
        for _ in range(rng.choices([number for number, _ in EDITS], [chance for _, chance in EDITS])[0]):
            other = None if inspiration is None else self._opened(inspiration)
            step = random_edit(Edit(Program(tree, rules), other, rng), weighted or self.weights)
            if step is not None:
                steps.append(step)
        if not steps:
            return None
        source = finished(block, tree, rules)
        return None if source is None else Edited(source, tuple(steps))

    def literals(self, source: str) -> list[float]:
        """The numbers that may be tuned, in the order of the text: no zero, no index, none of `__init__`."""
        return vector(source, self._rules)

    def filled(self, source: str, values: Sequence[float]) -> str:
        """The program with other numbers, three significant digits each; those that count or index stay whole."""
        return filled(source, values, self._rules)

    def shape(self, source: str) -> Hashable:
        """A key that is equal for programs that differ in tunable numbers only; None for a text that does not parse."""
        return shape_of(source, self._rules)

    @staticmethod
    def moved(value: float, rng: random.Random) -> float:
        """A neighbour of a number on a logarithmic scale; of an int up to 4, one more or one less."""
        return moved(rng, value, whole=False, flips=0.0)

    def reductions(self, source: str, tried: Collection[str], fresh: bool) -> Iterator[tuple[str, str]]:
        """All programs that are smaller by one node, the large reductions first, each with a note of what went.

        Args:
            tried: notes of reductions that were tried before.
            fresh: whether to give those that were not, or those that were.
        """
        return reductions(source, self._rules, tried, fresh)

    def _same_texts(self, source: str) -> tuple[str, ...]:
        """Texts that are this program again: as it stands, and in normal form."""
        block, tree = open_block(source)
        normal = finished(block, tree, self._keeping_literals(source))
        return (source,) if normal is None else (source, normal)

    def _keeping_literals(self, *sources: str) -> Rules:
        """The rules, with the literals that these programs have: only new ones are rounded."""
        kept = self._rules.kept_literals.union(*(_literals_of(text) for text in sources))
        return replace(self._rules, kept_literals=kept)

    def _open(self, source: str) -> Program:
        return Program(open_block(source)[1], self._rules)


@lru_cache(maxsize=256)
def _literals_of(source: str) -> frozenset[float]:
    return frozenset(literals(open_block(source)[1]))
