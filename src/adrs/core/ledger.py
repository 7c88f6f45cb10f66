"""ledger: money and tokens under hard caps: the worst case of a call is reserved before it is made. It knows no prices.

A cap holds over what is spent and what is reserved together, so at any width it is passed only by a provider that bills more
than the worst case it was asked for.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from decimal import Decimal
from types import TracebackType
from typing import Literal

from adrs.core.failure import Exhausted, Refusal

_GLANCE = 0.2
"""Seconds between looks at the halt while waiting for calls in flight."""


class Broke(Exhausted):
    """What is left under a cap does not cover the worst case of one more call; the phase ends."""


@dataclass(frozen=True)
class Sum:
    """Dollars, exact, and tokens."""

    dollars: Decimal = Decimal(0)
    tokens: int = 0

    def __add__(self, other: Sum) -> Sum:
        return Sum(self.dollars + other.dollars, self.tokens + other.tokens)

    def __sub__(self, other: Sum) -> Sum:
        return Sum(self.dollars - other.dollars, self.tokens - other.tokens)


class Ledger:
    """What model calls have spent and may spend, for any number of threads.

    Args:
        dollars, tokens: the caps; None is no cap.
        spent: what earlier sittings of the run have spent.
        halt: set when the run is asked to stop; it ends every wait here.
    """

    def __init__(
        self,
        dollars: Decimal | None = None,
        tokens: int | None = None,
        spent: Sum | None = None,
        halt: threading.Event | None = None,
    ) -> None:
        self.dollars, self.tokens = dollars, tokens
        self._spent, self._reserved = spent or Sum(), Sum()
        self._number = 0
        self._halt = halt or threading.Event()
        self._changed = threading.Condition()

    @property
    def spent(self) -> Sum:
        """What is settled."""
        with self._changed:
            return self._spent

    @property
    def reserved(self) -> Sum:
        """The worst cases of the calls in flight."""
        with self._changed:
            return self._reserved

    def note(self, what: Literal["reserved", "settled"], number: int, amount: Sum) -> None:
        """Told, in the thread that pays, of reservation 1, 2, 3 … before its request is sent, and of its bill after it.

        Empty; a ledger that outlives a kill writes it down, and counts what was reserved and never settled as spent.

        Raises:
            Fault: it could not be written; nothing is then reserved.
        """

    def reserve(self, dollars: Decimal | None, tokens: int) -> Reservation:
        """Set the worst case of one call aside; waits while calls in flight may still turn out cheaper than reserved.

        Args:
            dollars: None when the price is unknown.

        Raises:
            Refusal: dollars are capped and the price is unknown.
            Broke: the call does not fit, even if all calls in flight were free.
            Exhausted: the run was asked to stop while this waited.
        """
        if dollars is None and self.dollars is not None:
            raise Refusal("dollars are capped and a model has no known price: give its price, or cap the tokens instead")
        asked = Sum(dollars or Decimal(0), tokens)
        with self._changed:
            while not self._fits(self._spent + self._reserved + asked):
                if not self._fits(self._spent + asked):
                    raise Broke(self._short(asked))
                if self._halt.is_set():
                    raise Exhausted("the run was asked to stop")
                self._changed.wait(_GLANCE)
            self._reserved += asked
            self._number += 1
            number = self._number
        noted = False
        try:
            self.note("reserved", number, asked)
            noted = True
        finally:
            if not noted:
                self._settle(asked, Sum())
        return Reservation(self, number, asked)

    def _fits(self, total: Sum) -> bool:
        return (self.dollars is None or total.dollars <= self.dollars) and (self.tokens is None or total.tokens <= self.tokens)

    def _short(self, asked: Sum) -> str:
        """Why a call is not made, in numbers."""
        if self.dollars is not None and self._spent.dollars + asked.dollars > self.dollars:
            return (
                f"${self._spent.dollars:.4f} of ${self.dollars:.2f} is spent, and one more call may cost up to "
                f"${asked.dollars:.4f}: raise --dollars, or lower max_output_tokens"
            )
        return (
            f"{self._spent.tokens} of {self.tokens} tokens are spent, and one more call may take up to {asked.tokens}: "
            "raise --tokens, or lower max_output_tokens"
        )

    def _settle(self, reserved: Sum, billed: Sum) -> None:
        with self._changed:
            self._reserved -= reserved
            self._spent += billed
            self._changed.notify_all()


class Reservation:
    """The worst case of one call, set aside. As a context manager it settles at the worst case unless settled before."""

    def __init__(self, ledger: Ledger, number: int, reserved: Sum) -> None:
        self.number, self.reserved = number, reserved
        self._ledger: Ledger | None = ledger

    def settle(self, dollars: Decimal | None, tokens: int) -> None:
        """Book what the call was billed and free the rest; only the first time counts."""
        ledger, self._ledger = self._ledger, None
        if ledger is not None:
            billed = Sum(dollars or Decimal(0), tokens)
            try:
                ledger.note("settled", self.number, billed)
            finally:
                ledger._settle(self.reserved, billed)

    def __enter__(self) -> Reservation:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.settle(self.reserved.dollars, self.reserved.tokens)
