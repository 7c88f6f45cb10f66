"""transactions_kit: how many makespans the kit of the transaction tasks computes in a second, one by one and side by side.

It fails below 50,000 a second for 1024 orders of a hundred transactions.

python bench/transactions_kit.py
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import numpy as np

from adrs.tasks.transactions.batches import draw
from adrs.tasks.transactions.kit import Batch, Clocks

TOGETHER = (16, 64, 256, 1024)
LEAST = 50_000


def rate(work: Callable[[], object], pieces: int) -> float:
    """Work items in a CPU second, the best of five."""
    best = 0.0
    for _ in range(5):
        began = time.process_time()
        work()
        best = max(best, pieces / (time.process_time() - began))
    return best


def append_all(batch: Batch) -> None:
    clocks = Clocks()
    for needs in batch.needs:
        clocks.append(needs)


def main() -> None:
    for family in ("zipf16", "tpcc_mini", "alternating"):
        for size in (100, 400):
            batch = draw(family, size, "bench", 0).batch
            orders = np.random.default_rng(0).permuted(np.tile(np.arange(size), (max(TOGETHER), 1)), axis=1)
            appends, single = rate(partial(append_all, batch), size), rate(partial(batch.makespan, range(size)), 1)
            sides = [f"{many}: {rate(partial(batch.makespans, orders[:many]), many):,.0f}" for many in TOGETHER]
            print(f"{family} n={size}: {appends:,.0f} appends/s, {single:,.0f} makespans/s; side by side {', '.join(sides)}")


def check() -> None:
    batch = draw("zipf16", 100, "speed", 0).batch
    orders = np.random.default_rng(0).permuted(np.tile(np.arange(100), (1024, 1)), axis=1)
    found = rate(partial(batch.makespans, orders), len(orders))
    assert found > LEAST, f"{found:,.0f} makespans a second, {LEAST:,} wanted"


if __name__ == "__main__":
    main()
    check()
