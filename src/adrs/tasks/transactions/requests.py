"""requests: a transaction as a client sends it: its operations, and what is known about them before it runs."""

from __future__ import annotations

from dataclasses import dataclass

CLASS = 101
"""Hot-key classes of tables begin here, so that 0 is "no hot key" and smaller numbers are free for other schemes."""


@dataclass(frozen=True)
class Request:
    """One transaction.

    Args:
        text: its tokens, "r-17 w-5 *".
        template: the name of its kind.
        hot_class: the hot key that it uses, 0 for none; transactions of one class are expected to wait for one another.
    """

    text: str
    template: str
    hot_class: int = 0

    @property
    def length(self) -> int:
        """Time units that it takes."""
        return self.text.count(" ") + 1


def hot(rank: int, hottest: int, first: int = CLASS) -> int:
    """The class of a key by its rank: `first` + rank, or 0 for a key outside the hottest ones."""
    return first + rank if rank < hottest else 0
