"""picture: a stream that goes through the window: when each transaction arrived, and when it ran under SMF."""

from __future__ import annotations

from random import Random

import svg

from adrs.tasks.drawing import COLOURS, INK, PALE, block, line, page, text
from adrs.tasks.transactions.batches import Requests
from adrs.tasks.transactions.reference import SEED, window_smf

WIDTH, LEFT, RIGHT, TOP = 860, 110, 30, 80
TALL = 1.9
SAMPLE = 5


def picture(requests: Requests, window: int) -> str:
    """Draw a line for each transaction, in order of arrival; time goes to the right."""
    batch = requests.batch
    order = window_smf(batch, Random(SEED), window, SAMPLE)
    starts = dict(zip(order, batch.starts(order), strict=True))
    makespan, first = batch.makespan(order), requests.first_come
    across = (WIDTH - LEFT - RIGHT) / max(makespan, first)
    floor = TOP + batch.n * TALL
    templates = list(dict.fromkeys(request.template for request in requests.requests))

    def x(time: float) -> float:
        return LEFT + time * across

    shapes: list[svg.Element] = [
        text(LEFT, 30, f"{batch.n} transactions ({requests.family}) through a window of {window}", size=16),
        text(LEFT, 52, f"SMF with k = {SAMPLE}: makespan {makespan}; first come, first served: {first}", fill=PALE),
        text(LEFT - 12, TOP + 10, "first arrival", anchor="end"),
        text(LEFT - 12, floor, "last arrival", anchor="end"),
    ]
    for number, request in enumerate(requests.requests):
        colour = COLOURS[templates.index(request.template) % len(COLOURS)]
        shapes.append(block(x(starts[number] - 1), TOP + number * TALL, request.length * across, TALL - 0.3, colour))
    for time, name in ((requests.bound, "bound"), (first, "first come")):
        shapes.append(line([(x(time), TOP - 6), (x(time), floor + 4)], COLOURS[3], dashes=(5, 4)))
        shapes.append(text(x(time) - 4, TOP - 10, name, fill=COLOURS[3], anchor="end"))
    shapes.append(line([(LEFT, floor + 4), (WIDTH - RIGHT, floor + 4)], INK, width=1))
    shapes += [text(x(time), floor + 20, str(time), anchor="middle", fill=PALE) for time in range(0, max(makespan, first), 20)]
    for at, template in enumerate(templates):
        shapes.append(block(LEFT + 150 * at, floor + 36, 14, 14, COLOURS[at % len(COLOURS)]))
        shapes.append(text(LEFT + 150 * at + 20, floor + 48, template))
    return page(WIDTH, int(floor + 66), "Transactions going through a window", shapes)
