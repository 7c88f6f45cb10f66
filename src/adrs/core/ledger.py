"""ledger: money and tokens under hard limits: the worst case of a call is reserved before it is sent. Knows no prices.

A limit holds for spent and reserved amounts together. However many calls are in flight, it is exceeded only by a provider that
bills more than the worst case of the request.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from types import TracebackType
from typing import Literal

from adrs.core.failure import Exhausted, Refusal

_POLL_SECONDS = 0.2
"""Seconds between checks of `halt` while waiting for calls in flight."""


class Broke(Exhausted):
    """The amount left under a limit does not cover the worst case of one more call; the phase ends."""


@dataclass(frozen=True)
class Sum:
    """An amount of dollars (exact) and tokens."""

    dollars: Decimal = Decimal(0)
    tokens: int = 0

    def __add__(self, other: Sum) -> Sum:
        return Sum(self.dollars + other.dollars, self.tokens + other.tokens)

    def __sub__(self, other: Sum) -> Sum:
        return Sum(self.dollars - other.dollars, self.tokens - other.tokens)


EntryKind = Literal["reserved", "settled"]


@dataclass(frozen=True)
class Entry:
    """A line of the ledger: an amount reserved for a call, or the bill that settles the reservation with this number."""

    kind: EntryKind
    reservation: int
    amount: Sum


Write = Callable[[EntryKind, int, Sum], None]
"""Stores one entry; raises Fault when it cannot."""


class Ledger:
    """Tracks what calls have spent and what they may still spend, for any number of threads.

    Args:
        dollars, tokens: the limits; None is unlimited.
        halt: set when the run must stop; it ends every wait here.
    """

    def __init__(self, dollars: Decimal | None = None, tokens: int | None = None, halt: threading.Event | None = None) -> None:
        self.dollars, self.tokens = dollars, tokens
        self._spent, self._reserved = Sum(), Sum()
        self._number = 0
        self._write: Write = _keep_nothing
        self._halt = halt or threading.Event()
        self._changed = threading.Condition()

    def keep(self, write: Write, spent: Sum, first: int) -> None:
        """Store every entry from now on, before its call is sent, so that a killed run loses no record of spending.

        Args:
            write: stores one entry; called in the thread that makes the call.
            spent: the amount spent by earlier sessions of the run.
            first: the first reservation number that earlier sessions did not use.
        """
        with self._changed:
            self._write, self._spent, self._number = write, self._spent + spent, first

    @property
    def spent(self) -> Sum:
        """The settled amount."""
        with self._changed:
            return self._spent

    @property
    def reserved(self) -> Sum:
        """The worst cases of the calls in flight."""
        with self._changed:
            return self._reserved

    def reserve(self, dollars: Decimal | None, tokens: int) -> Reservation:
        """Reserve the worst case of one call; wait while calls in flight may still settle below their worst case.

        Args:
            dollars: None when the price is unknown.

        Raises:
            Refusal: dollars are limited and the price is unknown.
            Broke: the call does not fit, even if all calls in flight were free.
            Exhausted: the run was asked to stop while this waited.
            Fault: the entry could not be written; nothing is reserved.
        """
        if dollars is None and self.dollars is not None:
            raise Refusal("--dollars limits spending and a model has no known price: give --price, or limit --tokens instead")
        asked = Sum(dollars or Decimal(0), tokens)
        with self._changed:
            while not self._fits(self._spent + self._reserved + asked):
                if not self._fits(self._spent + asked):
                    raise Broke(self._short(asked))
                if self._halt.is_set():
                    raise Exhausted("the run was asked to stop")
                self._changed.wait(_POLL_SECONDS)
            self._reserved += asked
            number = self._number
            self._number += 1
        written = False
        try:
            self._write("reserved", number, asked)
            written = True
        finally:
            if not written:
                self._settle(asked, Sum())
        return Reservation(self, number, asked)

    def _fits(self, total: Sum) -> bool:
        return (self.dollars is None or total.dollars <= self.dollars) and (self.tokens is None or total.tokens <= self.tokens)

    def _short(self, asked: Sum) -> str:
        """Why a call is not sent, in numbers."""
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
    """The reserved worst case of one call. As a context manager it settles at the worst case unless settled before."""

    def __init__(self, ledger: Ledger, number: int, reserved: Sum) -> None:
        self.number, self.reserved = number, reserved
        self._ledger: Ledger | None = ledger

    def settle(self, dollars: Decimal | None, tokens: int) -> None:
        """Record the bill of the call and release the rest; only the first call of this method has an effect."""
        ledger, self._ledger = self._ledger, None
        if ledger is not None:
            billed = Sum(dollars or Decimal(0), tokens)
            try:
                ledger._write("settled", self.number, billed)
            finally:
                ledger._settle(self.reserved, billed)

    def __enter__(self) -> Reservation:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.settle(self.reserved.dollars, self.reserved.tokens)


def _keep_nothing(kind: EntryKind, reservation: int, amount: Sum) -> None:
    """Store nothing: outside a run the ledger keeps its totals in memory only."""
    del kind, reservation, amount
