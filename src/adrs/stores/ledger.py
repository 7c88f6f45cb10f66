"""ledger: keeps a run's money in its store: every amount is written down before its call is sent."""

from __future__ import annotations

from adrs.core.failure import Fault, Refusal
from adrs.core.ledger import EntryKind, Ledger, Sum
from adrs.core.storage import StoredRun


def keep_in(run: StoredRun, ledger: Ledger) -> None:
    """Continue a ledger where earlier sessions of the run left off, and store each of its entries from now on."""

    def write(kind: EntryKind, reservation: int, amount: Sum) -> None:
        try:
            run.add_entry(kind, reservation, amount)
        except Refusal as refusal:  # the store is full or locked: while a run goes, that is the machine's failure
            raise Fault(str(refusal)) from refusal

    ledger.keep(write, run.spent(), run.next_reservation())
