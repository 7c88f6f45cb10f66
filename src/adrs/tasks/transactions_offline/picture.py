"""picture: one batch in two orders, first come first served and SMF: when each transaction runs."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import svg

from adrs.tasks.drawing import COLOURS, INK, PALE, block, line, page, text
from adrs.tasks.transactions.batches import Requests
from adrs.tasks.transactions.reference import SEED, smf

WIDTH, LEFT, GAP, PANEL = 880, 40, 60, 370
TOP, ROWS, TALL = 90, 100, 3.0
FLOOR = TOP + ROWS * TALL


def picture(requests: Requests) -> str:
    """Draw both orders on the same scale of time, with a line for each transaction."""
    orders = {"First come, first served": list(range(requests.batch.n)), "SMF": smf(requests.batch, Random(SEED))}
    longest = max(requests.batch.makespan(order) for order in orders.values())
    shapes: list[svg.Element] = [
        text(
            LEFT,
            30,
            f"{requests.batch.n} transactions ({requests.family}) in two orders, one line for each transaction",
            size=16,
        ),
    ]
    for number, (name, order) in enumerate(orders.items()):
        shapes += _panel(requests, order, name, LEFT + number * (PANEL + GAP), longest)
    templates = list(dict.fromkeys(request.template for request in requests.requests))
    for at, template in enumerate(templates):
        shapes += [
            block(LEFT + 150 * at, FLOOR + 42, 14, 14, COLOURS[at % len(COLOURS)]),
            text(LEFT + 150 * at + 20, FLOOR + 54, template),
        ]
    shapes.append(line([(WIDTH - 250, FLOOR + 49), (WIDTH - 225, FLOOR + 49)], COLOURS[3], dashes=(5, 4)))
    shapes.append(text(WIDTH - 218, FLOOR + 54, "bound: no order ends before"))
    return page(WIDTH, int(FLOOR + 75), "A batch of transactions in two orders", shapes)


def _panel(requests: Requests, order: Sequence[int], name: str, left: float, longest: int) -> list[svg.Element]:
    batch = requests.batch
    starts = batch.starts(order)
    across = PANEL / longest
    templates = list(dict.fromkeys(request.template for request in requests.requests))
    shapes: list[svg.Element] = [text(left, TOP - 32, f"{name}: makespan {batch.makespan(order)}")]
    for row, (transaction, start) in enumerate(zip(order, starts, strict=True)):
        colour = COLOURS[templates.index(requests.requests[transaction].template) % len(COLOURS)]
        shapes.append(
            block(left + (start - 1) * across, TOP + row * TALL, batch.lengths[transaction] * across, TALL - 0.6, colour)
        )
    limit = left + requests.bound * across
    shapes.append(line([(limit, TOP - 8), (limit, FLOOR + 4)], COLOURS[3], dashes=(5, 4)))
    shapes.append(line([(left, FLOOR + 4), (left + PANEL, FLOOR + 4)], INK, width=1))
    shapes += [text(left + at * across, FLOOR + 20, str(at), anchor="middle", fill=PALE) for at in range(0, longest, 10)]
    shapes.append(text(left, TOP - 12, "first in order above", fill=PALE))
    return shapes
