"""requests: a transaction as a client asks for it: its operations, and what can be told of them before it runs."""

from __future__ import annotations

from dataclasses import dataclass

CLASS = 101
"""Hot-key classes of tables begin here, so that 0 is "no hot key" and smaller numbers are left for other schemes."""


@dataclass(frozen=True)
class Request:
    """One transaction.

    Args:
        text: its tokens, "r-17 w-5 *".
        template: the name of its kind.
        hot_class: which hot key it is about, 0 for none; transactions of one class are expected to wait for one another.
    """

    text: str
    template: str
    hot_class: int = 0

    @property
    def length(self) -> int:
        """Time units that it takes."""
        return self.text.count(" ") + 1


def hot(rank: int, hottest: int, first: int = CLASS) -> int:
    """The class of a key by its rank: `first` + rank, or 0 for a key that is not among the hottest."""
    return first + rank if rank < hottest else 0
