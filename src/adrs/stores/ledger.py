"""ledger: a ledger that is written to the store before money is spent, so that a killed run loses no dollar."""

from __future__ import annotations

import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Literal

from adrs.core.failure import Fault, Refusal
from adrs.core.ledger import Ledger, Sum

Write = Callable[[Literal["reserved", "settled"], int, Sum], None]


class StoredLedger(Ledger):
    """A ledger whose entries are in the store before a call is made.

    Args:
        write: stores one entry.
        first: the first reservation number that no earlier sitting used.
        spent: what earlier sittings spent; calls without a bill at their worst case.
        caps: dollars and tokens.
        halt: set when the run is asked to stop.
    """

    def __init__(
        self, write: Write, first: int, spent: Sum, caps: tuple[Decimal | None, int | None], halt: threading.Event
    ) -> None:
        super().__init__(*caps, spent, halt)
        self._write, self._first = write, first

    def note(self, what: Literal["reserved", "settled"], number: int, amount: Sum) -> None:
        """One row.

        Raises:
            Fault: it could not be written.
        """
        try:
            self._write(what, self._first + number, amount)
        except Refusal as refusal:  # the store is full or locked: the machine's matter while a run goes
            raise Fault(str(refusal)) from refusal
