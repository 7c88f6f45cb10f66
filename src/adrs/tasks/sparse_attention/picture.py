"""picture: one query of each kind of head: its attention along the context, and the keys that vAttention reads."""

from __future__ import annotations

import numpy as np
import svg

from adrs.tasks.drawing import COLOURS, PALE, block, line, page, text
from adrs.tasks.sparse_attention.asking import ask
from adrs.tasks.sparse_attention.baselines import vattention
from adrs.tasks.sparse_attention.heads import Layer
from adrs.tasks.sparse_attention.score import trusted

WIDTH, LEFT, RIGHT = 860, 110, 130
FIRST, ROW, TALL = 100, 84, 50
COLUMNS = 155
"""Bars along the context; each covers a range of keys."""


def picture(layer: Layer) -> str:
    """Draw the first query of the first head of each kind."""
    across = (WIDTH - LEFT - RIGHT) / COLUMNS
    shapes: list[svg.Element] = [
        text(LEFT, 30, "Which keys does a query read?", size=16),
        text(
            LEFT,
            52,
            "Bars: share of the softmax mass along the context, root scale. Marks: where vAttention reads keys,",
            fill=PALE,
        ),
        text(LEFT, 70, "with certainty, and in one draw of its sample.", fill=PALE),
    ]
    drawn: list[str] = []
    for head in layer.make():
        if head.kind in drawn:
            continue
        base = FIRST + ROW * len(drawn) + TALL
        drawn.append(head.kind)
        logits = head.logits[0]
        weights = np.exp(logits - logits.max())
        weights /= weights.sum()
        edges = np.linspace(0, len(logits), COLUMNS + 1).astype(int)
        masses = np.sqrt(np.add.reduceat(weights, edges[:-1]))
        shapes += [
            block(LEFT + at * across, base - TALL * float(mass), across - 0.8, TALL * float(mass), COLOURS[0])
            for at, mass in enumerate(masses)
        ]
        reading = ask(trusted(vattention), head, "oracle").choices[0]
        for sure, colour, below in ((True, COLOURS[2], 5), (False, COLOURS[1], 11)):
            keys = reading.keys[(reading.probabilities >= 1) == sure]
            if not sure:
                keys = keys[:: max(1, round(1 / float(reading.probabilities.min())))]
            columns = sorted({int(key) * COLUMNS // len(logits) for key in keys})
            shapes += [block(LEFT + at * across, base + below, across - 0.8, 4, colour) for at in columns]
        shapes.append(line([(LEFT, base), (WIDTH - RIGHT, base)], PALE, width=1))
        shapes.append(text(LEFT - 12, base - 12, head.kind, anchor="end"))
        ordered = np.cumsum(np.sort(weights)[::-1])
        count = int(np.searchsorted(ordered, 0.9)) + 1
        shapes.append(text(WIDTH - RIGHT + 10, base - 18, "90 % of the mass"))
        shapes.append(text(WIDTH - RIGHT + 10, base, f"in {count} keys"))
    foot = FIRST + ROW * len(drawn) + 8
    shapes.append(text(LEFT, foot, "oldest key"))
    shapes.append(text(WIDTH - RIGHT, foot, "newest key", anchor="end"))
    for at, (colour, words) in enumerate(((COLOURS[2], "read for certain"), (COLOURS[1], "drawn from the rest"))):
        shapes.append(block(LEFT + 160 + 170 * at, foot - 10, 14, 10, colour))
        shapes.append(text(LEFT + 180 + 170 * at, foot, words))
    return page(WIDTH, foot + 20, "Attention along the context, and the keys that are read", shapes)
