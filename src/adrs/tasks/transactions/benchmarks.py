"""benchmarks: transactions of five OLTP benchmarks as strings of reads and writes; keys without contention are `*`.

Keys are table * 1,000,000 + id. Templates, mixes and skews are those of the generators published with Cheng et al., "Towards
Optimal Transaction Scheduling" (VLDB 2024). Nothing here runs SQL.
"""

from __future__ import annotations

from random import Random

from adrs.tasks.transactions.draws import distinct, nurand, ranked, weighted
from adrs.tasks.transactions.requests import CLASS, Request, hot

TABLE = 1_000_000


def _text(operations: str, **ids: int) -> str:
    """ "rA wB" with ids -> "r-1000017 w-2000005"; each id holds its table."""
    return " ".join(token if token == "*" else f"{token[0]}-{ids[token[1:]]}" for token in operations.split())


# SmallBank

ACCOUNTS = 100_000
UNIFORM_FROM = 50
ONE_CUSTOMER = {
    "Balance": "rA rC rS",
    "DepositChecking": "rA rC wC",
    "TransactSavings": "rA rS wS",
    "WriteCheck": "rA rC rS wC",
}
TWO_CUSTOMERS = {
    "Amalgamate": "rA1 rA2 rC1 rS1 rC2 wC1 wS1 wC2",
    "SendPayment": "rA1 rA2 rC1 rC2 wC1 wC2",
}
SMALLBANK = (*ONE_CUSTOMER, *TWO_CUSTOMERS)
SMALLBANK_MIX = (15.0, 15.0, 15.0, 15.0, 15.0, 25.0)


def smallbank(rng: Random, count: int) -> list[Request]:
    """Accounts, savings and checking; one customer is drawn with skew, two are not."""
    made = []
    for _ in range(count):
        template = SMALLBANK[weighted(rng, SMALLBANK_MIX)]
        if template in ONE_CUSTOMER:
            who = ranked(rng, 1.95, ACCOUNTS)
            text = _text(ONE_CUSTOMER[template], A=TABLE + who, S=2 * TABLE + who, C=3 * TABLE + who)
            made.append(Request(text, template, hot(who, 40)))
        else:
            pair = distinct(2, lambda: rng.randint(UNIFORM_FROM, ACCOUNTS - 1))
            ids = {f"{name}{at}": table * TABLE + who for at, who in enumerate(pair, 1) for table, name in enumerate("ASC", 1)}
            made.append(Request(_text(TWO_CUSTOMERS[template], **ids), template))
    return made


# Epinions

USERS, ITEMS, MOST_REVIEWS, REVIEW_RANKS = 2_000, 1_000, 12, 500
EPINIONS = (
    "ReviewItemById",
    "ReviewsByUser",
    "AvgRatingByTrusted",
    "AvgRatingOfItem",
    "ItemReviewsByTrusted",
    "UpdateUserName",
    "UpdateItemTitle",
    "UpdateReviewRating",
    "UpdateTrust",
    "UpdateItemAvg",
)


def _reviews(rng: Random, count: int) -> list[list[int]]:
    """Reviews by item, or by user: few have several, and no review is hot."""
    many = (min(1 + ranked(rng, 1.8, REVIEW_RANKS), MOST_REVIEWS) for _ in range(count))
    return [[int(rng.random() * USERS) for _ in range(each)] for each in many]


def epinions(rng: Random, count: int) -> list[Request]:
    """Items, users and trust between users; reading an item's reviews touches its index and every review."""
    of_item, of_user = _reviews(rng, ITEMS), _reviews(rng, USERS)
    made = []
    for _ in range(count):
        template = EPINIONS[int(rng.random() * len(EPINIONS))]
        item, user = ranked(rng, 1.95, ITEMS), ranked(rng, 1.95, USERS)
        text = _epinions(template, item, user, of_item[item], of_user[user])
        made.append(Request(text, template, _epinions_class(template, item, user)))
    return made


def _epinions(template: str, item: int, user: int, of_item: list[int], of_user: list[int]) -> str:
    users, items, trust = TABLE + user, 2 * TABLE + item, 6 * TABLE + user
    by_item = " ".join([f"r-{5 * TABLE + item}", *(f"r-{3 * TABLE + number}" for number in of_item)])
    by_user = " ".join([f"r-{4 * TABLE + user}", *(f"r-{3 * TABLE + number}" for number in of_user)])
    texts = {
        "ReviewItemById": f"{by_item} r-{items}",
        "ReviewsByUser": f"{by_user} r-{users}",
        "AvgRatingByTrusted": f"{by_item} r-{trust}",
        "AvgRatingOfItem": by_item,
        "ItemReviewsByTrusted": f"{by_item} r-{trust}",
        "UpdateUserName": f"r-{users} w-{users}",
        "UpdateItemTitle": f"r-{items} w-{items}",
        "UpdateReviewRating": f"{by_item} w-{3 * TABLE + user}",
        "UpdateTrust": f"r-{trust} w-{trust}",
        "UpdateItemAvg": f"r-{items} {by_item} w-{items}",
    }
    return texts[template]


def _epinions_class(template: str, item: int, user: int) -> int:
    """Items first, users 20 further on."""
    of_items = ("ReviewItemById", "AvgRatingOfItem", "UpdateItemTitle", "UpdateItemAvg")
    return hot(item, 20) if template in of_items else hot(user, 20, CLASS + 20)


# TPC-C

WAREHOUSES, DISTRICTS, CUSTOMERS, STOCK = 4, 10, 3_000, 100_000
TPCC = ("NewOrder", "Payment", "OrderStatus", "Delivery", "StockLevel")
TPCC_MIX = (44.0, 44.0, 4.0, 4.0, 4.0)
REMOTE_CUSTOMER, REMOTE_STOCK = 0.15, 0.01


def _customer(rng: Random, place: int) -> int:
    return place * CUSTOMERS + nurand(rng, 1023, 512, CUSTOMERS)


def _elsewhere(rng: Random, warehouse: int, chance: float) -> int:
    """Another warehouse with the given chance, else the same."""
    return (warehouse + rng.randint(1, WAREHOUSES - 1)) % WAREHOUSES if rng.random() < chance else warehouse


def _stock(rng: Random, warehouse: int) -> int:
    return 4 * TABLE + warehouse * STOCK + nurand(rng, 8191, 4096, STOCK)


def tpcc(rng: Random, count: int) -> list[Request]:
    """Four warehouses; orders, order lines and history are private, the index of orders by customer is not."""
    made = []
    for _ in range(count):
        template = TPCC[weighted(rng, TPCC_MIX)]
        warehouse, district = rng.randint(0, WAREHOUSES - 1), rng.randint(0, DISTRICTS - 1)
        place = DISTRICTS * warehouse + district
        hot_class = {"NewOrder": place + 1, "Payment": CLASS + warehouse}.get(template, 0)
        made.append(Request(_tpcc(template, rng, warehouse, place), template, hot_class))
    return made


def _tpcc(template: str, rng: Random, warehouse: int, place: int) -> str:
    ids = {"W": TABLE + warehouse, "D": 2 * TABLE + place}
    if template == "Payment":
        away = _elsewhere(rng, warehouse, REMOTE_CUSTOMER)
        home = place if away == warehouse else DISTRICTS * away + rng.randint(0, DISTRICTS - 1)
        return _text("rW wW rD wD rC wC *", **ids, C=3 * TABLE + _customer(rng, home))
    customer = _customer(rng, place)
    ids |= {"C": 3 * TABLE + customer, "O": 6 * TABLE + customer}
    if template == "StockLevel":
        items = distinct(10, lambda: _stock(rng, warehouse))
        return " ".join([_text("rD", **ids), *["*"] * 20, *(f"r-{key}" for key in items)])
    lines = rng.randint(5, 15)
    if template == "OrderStatus":
        return " ".join([_text("rO", **ids), *["*"] * (lines + 1), _text("rC", **ids)])
    if template == "Delivery":
        return " ".join(["*"] * (lines + 3) + [_text("rC wC", **ids)])
    keys = sorted(distinct(lines, lambda: _stock(rng, _elsewhere(rng, warehouse, REMOTE_STOCK))))
    return " ".join([_text("rW rD wD rC * wO *", **ids), *(f"* r-{key} w-{key} *" for key in keys)])


# TAOBench

OBJECTS = 100_000
TAOBENCH = ("PointRead", "Read", "ReadThenWrite", "Write")
TAOBENCH_MIX = (30.0, 20.0, 25.0, 25.0)
WRITE_SIZES = (2, 3, 4, 5, 6, 7, 8, 9, 10, 20)
WRITE_SIZES_MIX = (0.15, *[0.1] * 7, 0.05, 0.05)
MOST_COLD = 9


def taobench(rng: Random, count: int) -> list[Request]:
    """Reads of objects, long transactions that read a hot object and write it at the end, and writes of several objects."""

    def skewed() -> int:
        return ranked(rng, 2.0, OBJECTS)

    def uniform() -> int:
        return int(rng.random() * OBJECTS)

    def either(share: float) -> int:
        return skewed() if rng.random() < share else uniform()

    made = []
    for _ in range(count):
        template = TAOBENCH[weighted(rng, TAOBENCH_MIX)]
        if template == "PointRead":
            made.append(Request(f"r-{either(0.6)}", template))
        elif template == "Read":
            keys = distinct(2 + weighted(rng, (0.4, 0.35, 0.25)), skewed)
            made.append(Request(" ".join(f"r-{key}" for key in keys), template))
        elif template == "ReadThenWrite":
            first = skewed()
            cold = [f"r-{uniform()}" for _ in range(rng.randint(1, MOST_COLD))]
            made.append(Request(" ".join([f"r-{first}", *cold, f"w-{first}"]), template, hot(first, 40)))
        else:
            keys = distinct(WRITE_SIZES[weighted(rng, WRITE_SIZES_MIX)], lambda: either(0.5))
            kinds = ["w" if rng.random() < 0.5 else "r" for _ in keys]
            written = min((key for kind, key in zip(kinds, keys, strict=True) if kind == "w"), default=OBJECTS)
            text = " ".join(f"{kind}-{key}" for kind, key in zip(kinds, keys, strict=True))
            made.append(Request(text, template, hot(written, 20)))
    return made


# YCSB

RECORDS = 100_000
YCSB_KEYS = 5


def ycsb(rng: Random, count: int) -> list[Request]:
    """One read, or five reads and then a write of the hottest of them."""
    made = []
    for _ in range(count):
        if rng.random() < 0.5:
            key = ranked(rng, 0.95, RECORDS)
            made.append(Request(f"r-{key}", "Read", hot(key, 40)))
        else:
            keys = distinct(YCSB_KEYS, lambda: ranked(rng, 0.95, RECORDS))
            text = " ".join([*(f"r-{key}" for key in keys), f"w-{min(keys)}"])
            made.append(Request(text, "ReadModifyWrite", hot(min(keys), 40)))
    return made
