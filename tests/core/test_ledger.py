"""At any width, with any costs up to the worst case, a cap is never passed; and what fits is not turned away."""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adrs.core.failure import Exhausted, Fault, Refusal
from adrs.core.ledger import Broke, EntryKind, Ledger, Sum
from command_line import PATIENCE

CENTS = st.decimals(min_value="0.0001", max_value="0.5", places=4)


@settings(max_examples=60)
@given(
    cap=st.decimals(min_value="0.01", max_value="2", places=4),
    tokens=st.integers(1_000, 50_000),
    calls=st.lists(st.tuples(CENTS, st.integers(1, 9_000), st.floats(0, 1)), min_size=1, max_size=60),
    width=st.integers(1, 16),
)
def test_no_cap_is_ever_passed(cap: Decimal, tokens: int, calls: list[tuple[Decimal, int, float]], width: int) -> None:
    ledger, highest, lock = Ledger(cap, tokens), [Sum()], threading.Lock()
    turned_away: list[Sum] = []

    def call(worst: tuple[Decimal, int, float]) -> None:
        dollars, most, share = worst
        try:
            reservation = ledger.reserve(dollars, most)
        except Broke:
            with lock:
                turned_away.append(Sum(dollars, most))
            return
        with lock:
            total = ledger.spent  # what is spent never falls, so a late look is as good
            highest[0] = Sum(max(highest[0].dollars, total.dollars), max(highest[0].tokens, total.tokens))
        reservation.settle(dollars * Decimal(share), int(most * share))

    with ThreadPoolExecutor(width) as threads:
        list(threads.map(call, calls))
    spent = ledger.spent
    assert max(spent.dollars, highest[0].dollars) <= cap
    assert max(spent.tokens, highest[0].tokens) <= tokens
    assert ledger.reserved == Sum()
    for worst in turned_away:
        assert spent.dollars + worst.dollars > cap or spent.tokens + worst.tokens > tokens


def test_spent_and_reserved_together_stay_below_the_cap_at_every_moment() -> None:
    ledger, seen, stop = Ledger(Decimal(1)), [], threading.Event()

    def watch() -> None:
        while not stop.is_set():
            with ledger._changed:
                seen.append(ledger._spent + ledger._reserved)

    def call(number: int) -> None:
        rng = random.Random(number)
        worst = Decimal(rng.randrange(1, 2_000)) / 10_000
        try:
            with ledger.reserve(worst, 10) as reservation:
                time.sleep(rng.random() / 2_000)
                reservation.settle(worst * rng.randrange(101) / 100, 5)
        except Broke:
            pass

    watcher = threading.Thread(target=watch)
    watcher.start()
    with ThreadPoolExecutor(16) as threads:
        list(threads.map(call, range(400)))
    stop.set()
    watcher.join()
    assert max(total.dollars for total in seen) <= 1
    assert ledger.spent.dollars > Decimal("0.8")


def test_it_waits_for_calls_in_flight_and_goes_on_when_they_were_cheaper() -> None:
    ledger = Ledger(Decimal("1.00"))
    first = ledger.reserve(Decimal("0.90"), 10)
    with ThreadPoolExecutor(1) as threads:
        second = threads.submit(ledger.reserve, Decimal("0.50"), 10)
        time.sleep(0.05)
        assert not second.done()
        first.settle(Decimal("0.10"), 4)
        second.result(PATIENCE).settle(Decimal("0.50"), 10)
    assert ledger.spent == Sum(Decimal("0.60"), 14)
    with pytest.raises(Broke, match=r"\$0.6000 of \$1.00 is spent.*up to \$0.4100: raise --dollars"):
        ledger.reserve(Decimal("0.41"), 1)


def test_it_ends_waiting_when_the_rest_turned_out_dear() -> None:
    ledger = Ledger(tokens=100)
    first = ledger.reserve(None, 90)
    with ThreadPoolExecutor(1) as threads:
        second = threads.submit(ledger.reserve, None, 20)
        time.sleep(0.05)
        first.settle(None, 90)
        with pytest.raises(Broke, match="90 of 100 tokens"):
            second.result(PATIENCE)


def test_a_reservation_left_open_costs_its_worst_case_and_settles_once() -> None:
    ledger = Ledger(Decimal(1))
    with pytest.raises(KeyError), ledger.reserve(Decimal("0.25"), 7):
        raise KeyError
    reservation = ledger.reserve(Decimal("0.25"), 7)
    reservation.settle(Decimal("0.05"), 1)
    reservation.settle(Decimal("0.25"), 7)
    assert ledger.spent == Sum(Decimal("0.30"), 8)


def test_a_halt_ends_the_wait() -> None:
    halt = threading.Event()
    ledger = Ledger(Decimal(1), halt=halt)
    ledger.reserve(Decimal(1), 1)
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(ledger.reserve, Decimal("0.5"), 1)
        halt.set()
        with pytest.raises(Exhausted, match="asked to stop"):
            waiting.result(PATIENCE)


def test_an_unknown_price_and_a_cap_in_dollars_do_not_go_together() -> None:
    with pytest.raises(Refusal, match="no known price"):
        Ledger(Decimal(1)).reserve(None, 10)
    Ledger(tokens=10).reserve(None, 10).settle(None, 3)


def test_every_reservation_and_every_bill_is_written_and_what_cannot_be_written_is_not_reserved() -> None:
    lines: list[tuple[str, int, int]] = []

    def write(kind: EntryKind, number: int, amount: Sum) -> None:
        if amount.tokens == 13:
            raise Fault("the disk is full")
        lines.append((kind, number, amount.tokens))

    ledger = Ledger(Decimal(1))
    ledger.keep(write, Sum(), 1)
    first, second = ledger.reserve(Decimal("0.1"), 5), ledger.reserve(Decimal("0.1"), 6)
    with pytest.raises(Fault):
        ledger.reserve(Decimal("0.8"), 13)
    second.settle(Decimal(0), 4)
    first.settle(Decimal(0), 3)
    assert lines == [("reserved", 1, 5), ("reserved", 2, 6), ("settled", 2, 4), ("settled", 1, 3)]
    assert (ledger.reserved, ledger.spent.tokens) == (Sum(), 7)


def test_what_earlier_sessions_spent_counts() -> None:
    ledger = Ledger(Decimal(1))
    ledger.keep(lambda kind, number, amount: None, Sum(Decimal("0.75"), 100), 3)
    with pytest.raises(Broke):
        ledger.reserve(Decimal("0.26"), 1)
    assert ledger.reserve(Decimal("0.25"), 1).number == 3
