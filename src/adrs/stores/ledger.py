"""ledger: stores a run's ledger entries: every reserved amount is stored before its call is sent."""

from __future__ import annotations

from adrs.core.failure import Fault, Refusal
from adrs.core.ledger import EntryKind, Ledger, Sum
from adrs.core.storage import StoredRun


def keep_in(run: StoredRun, ledger: Ledger) -> None:
    """Continue the ledger of earlier sessions of the run, and store each new entry."""

    def write(kind: EntryKind, reservation: int, amount: Sum) -> None:
        try:
            run.add_entry(kind, reservation, amount)
        except Refusal as refusal:  # during a run, a full or locked store is the machine's failure
            raise Fault(str(refusal)) from refusal

    ledger.keep(write, run.spent(), run.next_reservation())
