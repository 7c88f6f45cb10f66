"""published: batches of the three kinds of which the ADRS leaderboard publishes one each; the docs say how they were inferred.

`Request.template` names the kind; hot-key classes follow the written key.
"""

from __future__ import annotations

from random import Random

from adrs.tasks.transactions.draws import distinct, zipf
from adrs.tasks.transactions.requests import CLASS, Request, hot

KEYS = 16
SLOTS = 32
WRITES = 0.55
HOTTEST = 20


def zipf16(rng: Random, count: int) -> list[Request]:
    """Sixteen different Zipf(2) keys for each transaction, in the order of a hash set with 32 slots.

    So hot keys have nearly the same position in all transactions, except that two with the same slot may swap places.
    """
    homes: dict[int, int] = {}
    made = []
    for _ in range(count):
        slots: list[int | None] = [None] * SLOTS
        for key in distinct(KEYS, lambda: zipf(rng)):
            if key not in homes:
                homes[key] = rng.randrange(SLOTS)
            at = homes[key]
            while slots[at] is not None:
                at = (at + 1) % SLOTS
            slots[at] = key
        ops = [("w" if rng.random() < WRITES else "r", key) for key in slots if key is not None]
        hottest = min((key for kind, key in ops if kind == "w"), default=HOTTEST + 1)
        made.append(Request(" ".join(f"{kind}-{key}" for kind, key in ops), "Sixteen", hot(hottest - 1, HOTTEST, CLASS + 1)))
    return made


def tpcc_mini(rng: Random, count: int) -> list[Request]:
    """NewOrder, then equally many Payment, of four warehouses with ten districts each; customers and stock are left out."""
    made = []
    for number in range(count):
        warehouse = rng.randint(1, 4)
        district = 10 * warehouse + rng.randint(1, 10)
        if number < count // 2:
            text = f"r-{warehouse} r-{district} w-{district}" + " *" * 18
            made.append(Request(text, "NewOrder", district + 1))
        else:
            text = f"r-{warehouse} w-{warehouse} r-{district} w-{district} *"
            made.append(Request(text, "Payment", CLASS + warehouse))
    return made


def alternating(rng: Random, count: int) -> list[Request]:
    """Read a low key and write a high one at the end; then equally many the other way round."""
    made = []
    for number in range(count):
        low, high = rng.randint(1, 5), rng.randint(6, 10)
        read, write, template = (low, high, "WriteHigh") if number < count // 2 else (high, low, "WriteLow")
        made.append(Request(f"r-{read}" + " *" * 7 + f" w-{write}", template, CLASS + write))
    return made
