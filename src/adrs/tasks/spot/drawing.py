"""drawing: what pictures of one game have in common: time to the right, work done upwards, and bars of stretches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import svg

from adrs.tasks.drawing import COLOURS, INK, PALE, block, line, text
from adrs.tasks.spot.rules import ON_DEMAND, SPOT

WIDTH, LEFT, CURVE = 860, 150, 80
RAN = {SPOT: ("spot", COLOURS[2]), ON_DEMAND: ("on demand", COLOURS[1])}
"""What can run -> its label and its colour."""


@dataclass(frozen=True)
class Chart:
    """The frame of a picture.

    Args:
        ticks: of the game, from its start to its deadline.
        right: pixels that stay free at the right edge.
        floor, bottom: where the curve of the work done has 0, and where the line of the deadline ends.
    """

    ticks: float
    right: int
    floor: int
    bottom: int

    @property
    def across(self) -> float:
        """Pixels of a tick."""
        return (WIDTH - LEFT - self.right) / self.ticks

    def x(self, tick: float) -> float:
        """Pixels from the left."""
        return LEFT + tick * self.across

    def y(self, share: float) -> float:
        """Pixels from above of a share of the work."""
        return self.floor - share * (self.floor - CURVE)

    def progress(self, done: Sequence[float]) -> list[svg.Element]:
        """The curve of the work done, tick by tick, beside the line of uniform progress, and the deadline."""
        x, y, ticks = self.x, self.y, self.ticks
        return [
            text(LEFT - 12, y(1) + 5, "all work done", anchor="end"),
            text(LEFT - 12, y(0) + 5, "work done", anchor="end"),
            line([(x(0), y(0)), (x(ticks), y(1))], PALE, dashes=(5, 4)),
            line([(x(tick), y(share)) for tick, share in enumerate(done)], INK, width=2),
            line([(x(ticks), CURVE - 10), (x(ticks), self.bottom)], COLOURS[3]),
            text(x(ticks) - 6, CURVE - 14, "deadline", fill=COLOURS[3], anchor="end"),
            text(x(ticks * 0.5), y(0.5) - 12, "uniform progress", fill=PALE, anchor="end"),
        ]

    def bars(self, values: Sequence[int], colours: Mapping[int, str], top: float, height: float) -> list[svg.Element]:
        """A block for every stretch of equal values that has a colour."""
        return [
            block(self.x(begin), top, (end - begin) * self.across, height, colours[value])
            for begin, end, value in _stretches(values)
            if value in colours
        ]


def legend(entries: Sequence[tuple[str, str]], top: float) -> list[svg.Element]:
    """Words with their colours, side by side."""
    blocks = [block(LEFT + 160 * at, top, 14, 14, colour) for at, (_, colour) in enumerate(entries)]
    return [*blocks, *(text(LEFT + 160 * at + 20, top + 12, words) for at, (words, _) in enumerate(entries))]


def _stretches(values: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """(first tick, tick after the last, value) of every stretch of equal values."""
    start = 0
    for value, group in groupby(values):
        end = start + len(list(group))
        yield start, end, value
        start = end
