"""archive: a small set of elites with different behaviour, used by several selectors.

Programs with equal verdicts on every train workload have the same behaviour; of each behaviour only the smallest, latest
program is kept, so that programs become shorter at equal score.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from adrs.core.program import size
from adrs.core.trial import Trial

PENALTY = 4e-5
"""Penalty per syntax-tree node: 0.002 on a scale to 100, half of which corresponds to the 0..1 scale of the shipped tasks."""


@dataclass(frozen=True)
class Member:
    """A trial with the values by which it is ranked."""

    trial: Trial
    behaviour: tuple[float, ...]
    nodes: int
    merit: float

    @property
    def order(self) -> tuple[float, int]:
        """Sort key: best first; at equal merit, newest first."""
        return (-self.merit, -self.trial.number)


class Population:
    """At most `capacity` complete trials with different verdict vectors, ranked by score - penalty * nodes.

    Args:
        capacity: maximal number of members; the member with the lowest merit is removed.
        penalty: score penalty per syntax-tree node in the ranking.
    """

    def __init__(self, capacity: int = 30, penalty: float = PENALTY) -> None:
        self.capacity = capacity
        self.penalty = penalty
        self._members: list[Member] = []

    def __len__(self) -> int:
        return len(self._members)

    @property
    def members(self) -> tuple[Trial, ...]:
        """All members, the best first."""
        return tuple(member.trial for member in self._members)

    @property
    def best(self) -> Trial | None:
        """The member with the highest merit; None if the population is empty."""
        return self._members[0].trial if self._members else None

    def add(self, trial: Trial) -> bool:
        """Add `trial` if it is complete, and its behaviour is new or it is no larger than the member with the same behaviour.

        Returns:
            True if the trial is now a member.
        """
        if not trial.breeds or trial.score is None:
            return False
        behaviour = trial.evaluation.behaviour
        twin = next((member for member in self._members if member.behaviour == behaviour), None)
        full = len(self._members) >= self.capacity
        if twin is None and full and trial.score <= self._members[-1].merit:
            return False  # without parsing it: even at size 0 its merit is too low
        nodes = size(trial.candidate.source)
        newcomer = Member(trial, behaviour, nodes, trial.score - self.penalty * nodes)
        if twin is not None:
            if nodes > twin.nodes:
                return False
            self._members.remove(twin)
        self._members.append(newcomer)
        self._members.sort(key=lambda member: member.order)
        del self._members[self.capacity :]
        return newcomer in self._members

    def draw(self, rng: random.Random, among: int = 3) -> Trial:
        """The best of `among` members drawn uniformly with replacement.

        Raises:
            IndexError: the population is empty.
        """
        drawn = [rng.randrange(len(self._members)) for _ in range(among)] if self._members else []
        if not drawn:
            raise IndexError("drawn from an empty population")
        return self._members[min(drawn)].trial

    def companion(self, parent: Trial, rng: random.Random) -> Trial | None:
        """A member other than `parent`, drawn uniformly: a second parent or an inspiration. None if there is no other."""
        others = [member.trial for member in self._members if member.trial.number != parent.number]
        return rng.choice(others) if others else None
