"""windows: what all windows of games have in common, and which of them may share a process of the candidate."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

MOST_TOGETHER = 3
"""Windows in one process: few enough to keep two cores busy, many enough to save messages."""


@dataclass(frozen=True, eq=False)
class Span(ABC):
    """A stretch of time from which games are shown, tick by tick.

    Args:
        series: the time line of `start`; series reveal nothing about one another.
        start: when all games begin.
    """

    series: str
    start: int

    @property
    @abstractmethod
    def games(self) -> Sequence[Any]:
        """The games that begin here."""

    @property
    @abstractmethod
    def digest(self) -> str:
        """A text that changes with anything in the games."""

    @property
    @abstractmethod
    def end(self) -> int:
        """The first moment that no game shows, in the unit of `start`."""

    def may_share(self, other: Span) -> bool:
        """Whether a process may play both in lock-step: neither reveals the future of the other."""
        if self.series != other.series or self.start == other.start:
            return True
        return self.end <= other.start or other.end <= self.start


def pack(windows: Sequence[Span]) -> list[int]:
    """A label for each window; those with equal labels may share a process, and there are at most `MOST_TOGETHER` of them.

    First fit in order of the starts, which needs the fewest labels when only time forbids sharing.
    """
    groups: list[list[int]] = []
    labels = [0] * len(windows)
    for position in sorted(range(len(windows)), key=lambda i: windows[i].start):
        window = windows[position]
        fits = (len(group) < MOST_TOGETHER and all(window.may_share(windows[i]) for i in group) for group in groups)
        label = next((label for label, fit in enumerate(fits) if fit), len(groups))
        if label == len(groups):
            groups.append([])
        groups[label].append(position)
        labels[position] = label
    return labels
