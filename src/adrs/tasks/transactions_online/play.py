"""play: streams of transactions in lock-step: which wait, which is released, and when it starts. It sees no candidate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from adrs.core.failure import Foul
from adrs.tasks.transactions.batches import Requests
from adrs.tasks.transactions.kit import Clocks
from adrs.tasks.transactions_online.sight import Seen, Sight, revealed, seen

Ask = Callable[[dict[str, list[Any]], Sequence[int]], Sequence[int]]
"""(columns, streams) -> a place in its window for each of these streams."""


@dataclass(eq=False)
class Stream:
    """One stream while it is played. Waiting transactions are in order of arrival."""

    requests: Requests
    window: int
    sight: Sight
    clocks: Clocks = field(default_factory=Clocks)
    order: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    last: Seen | None = None

    def __post_init__(self) -> None:
        self._seen = seen(self.requests, self.sight)
        self._revealed = revealed(self.requests)
        self._arrived = min(self.window, len(self._seen))
        self.waiting = list(range(self._arrived))

    def pending(self) -> list[Seen]:
        """The window, oldest first."""
        return [self._seen[number] for number in self.waiting]

    def release(self, place: int) -> None:
        """Release the transaction at a place of the window; the next arrival takes its place, if there is one."""
        batch = self.requests.batch
        number = self.waiting.pop(place)
        start = self.clocks.append(batch.needs[number])
        self.order.append(number)
        self.starts.append(start)
        self.last = {**self._revealed[number], "start": start}
        if self._arrived < batch.n:
            self.waiting.append(self._arrived)
            self._arrived += 1


def play(streams: Sequence[Stream], ask: Ask) -> int:
    """Release everything, and return the number of decisions. A transaction that waits alone is released without a question.

    Raises:
        Foul: an answer is not a place in the window.
    """
    decisions = 0
    while who := [at for at, stream in enumerate(streams) if stream.waiting]:
        asked = [at for at in who if len(streams[at].waiting) > 1]
        if asked:
            columns: dict[str, list[Any]] = {
                "pending": [streams[at].pending() for at in asked],
                "last": [streams[at].last for at in asked],
            }
            for at, place in zip(asked, ask(columns, asked), strict=True):
                if not 0 <= place < len(streams[at].waiting):
                    raise Foul(
                        "illegal_answer",
                        f"pick answered {place}: the window holds {len(streams[at].waiting)} transactions, from 0 on",
                        (at,),
                    )
                streams[at].release(place)
        for at in set(who) - set(asked):
            streams[at].release(0)
        decisions += len(asked)
    return decisions
