"""picture: one layer's columns with the sizes of their inputs and weights, before and after ordering."""

from __future__ import annotations

import numpy as np
import svg

from adrs.tasks.drawing import COLOURS, PALE, block, line, page, text
from adrs.tasks.weight_compression.network import Floats
from adrs.tasks.weight_compression.score import by_hessian
from adrs.tasks.weight_compression.subject import Bench

WIDTH, LEFT, RIGHT, TALL = 860, 150, 30, 95


def picture(subject: Bench) -> str:
    """Draw the first layer of a network: bars are columns, on a logarithmic scale."""
    layer, segment = subject.layers(0)[0], subject.subject.segment
    inputs, sizes = np.sqrt(np.diag(layer.hessian)), np.abs(layer.weights).mean(axis=0)
    choice = by_hessian(layer, segment)
    columns = len(inputs)
    across = (WIDTH - LEFT - RIGHT) / columns
    shapes: list[svg.Element] = [
        text(LEFT, 30, f"Layer {layer.name}: which of its {columns} input columns keep 4 bits, which 2?", size=16),
        text(LEFT, 50, "Outliers: large inputs on small weights. The quantiser shares a scale within a segment.", fill=PALE),
    ]
    rows = (
        (75, inputs, COLOURS[0], ("size of", "inputs")),
        (185, sizes, COLOURS[1], ("size of", "weights")),
        (295, inputs[choice.order], COLOURS[0], ("inputs, by", "Hessian")),
        (405, sizes[choice.order], COLOURS[1], ("weights, by", "Hessian")),
    )
    for top, values, colour, words in rows:
        shapes += [text(LEFT - 12, top + TALL - 22 + 16 * at, word, anchor="end") for at, word in enumerate(words)]
        shapes += [
            block(LEFT + at * across + 1, top + TALL - tall, across - 2, tall, colour) for at, tall in enumerate(_tall(values))
        ]
        shapes.append(line([(LEFT, top + TALL), (WIDTH - RIGHT, top + TALL)], PALE, width=1))
    for number, width in enumerate(choice.bits):
        x = LEFT + number * segment * across
        shapes.append(block(x + 1, 512, segment * across - 2, 22, COLOURS[2] if width == 4 else "#e4e7eb"))
        shapes.append(text(x + segment * across / 2, 527, f"{width} bits", anchor="middle"))
    shapes.append(text(LEFT - 12, 527, "segments", anchor="end"))
    return page(WIDTH, 550, "Columns of one layer, and bits of their segments", shapes)


def _tall(values: Floats) -> list[float]:
    """Heights in pixels on a logarithmic scale."""
    logs = np.log10(np.maximum(values, 1e-9))
    low, high = float(logs.min()) - 0.1, float(logs.max())
    return [float(TALL * (value - low) / (high - low)) for value in logs]
