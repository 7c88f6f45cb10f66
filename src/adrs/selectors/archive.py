"""archive: a small set of elites with different behaviour, shared by several selectors.

Two programs with equal verdicts on every train workload are one behaviour; of each behaviour the smallest, latest program is
kept, so equal score drifts towards shorter text.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from adrs.core.program import size
from adrs.core.trial import Trial

PENALTY = 4e-5
"""Score that one syntax-tree node costs: 0.002 of a scale that runs to 100, of which a suite's 0..1 scale is about a half."""


@dataclass(frozen=True)
class Member:
    """A trial with what the ranking needs of it."""

    trial: Trial
    behaviour: tuple[float, ...]
    nodes: int
    merit: float

    @property
    def order(self) -> tuple[float, int]:
        """Best first; of equal merit the newest first."""
        return (-self.merit, -self.trial.number)


class Population:
    """At most `capacity` complete trials with different verdict vectors, ranked by score - penalty * nodes.

    Args:
        capacity: members at the most; the one of least merit leaves.
        penalty: score that one syntax-tree node costs in the ranking.
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
        """The member of most merit; None while there is none."""
        return self._members[0].trial if self._members else None

    def add(self, trial: Trial) -> bool:
        """Take `trial` in if it breeds and is new in behaviour or no larger than its like; True if it is a member now."""
        if not trial.breeds or trial.score is None:
            return False
        behaviour = trial.evaluation.behaviour
        twin = next((member for member in self._members if member.behaviour == behaviour), None)
        full = len(self._members) >= self.capacity
        if twin is None and full and trial.score <= self._members[-1].merit:
            return False  # without parsing it: no program is smaller than nothing
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
            IndexError: there is no member yet.
        """
        drawn = [rng.randrange(len(self._members)) for _ in range(among)] if self._members else []
        if not drawn:
            raise IndexError("drawn from an empty population")
        return self._members[min(drawn)].trial

    def companion(self, parent: Trial, rng: random.Random) -> Trial | None:
        """A member other than `parent`, uniformly: a second parent, an inspiration. None if there is no other."""
        others = [member.trial for member in self._members if member.trial.number != parent.number]
        return rng.choice(others) if others else None
