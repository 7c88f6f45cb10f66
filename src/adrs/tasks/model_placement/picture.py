"""picture: one instance, placed by KVPR greedy and placed best: memory, and the pressure that it leaves."""

from __future__ import annotations

from collections.abc import Sequence

import svg

from adrs.tasks.drawing import COLOURS, INK, PALE, block, page, text
from adrs.tasks.model_placement.baselines import kvpr_greedy
from adrs.tasks.model_placement.instance import Instance
from adrs.tasks.model_placement.packing import least_pressure

WIDTH, HEIGHT = 860, 440
PANEL, GAP, LEFT = 370, 60, 40
TOP, FLOOR = 110, 290
BELOW, DEEPEST = 310, 390
EMPTY = "#e4e7eb"


def picture(instances: Sequence[Instance]) -> str:
    """Draw two panels with a column for each GPU: above its name its memory and the models in it, below its pressure.

    Args:
        instances: the one that greedy places worst is drawn.
    """
    instance = max(instances, key=lambda each: max(each.pressures(kvpr_greedy.place(*each.shown))) / each.pooled())
    greedy = kvpr_greedy.place(*instance.shown)
    best = least_pressure(instance.weights, instance.sizes, instance.memory_gb, instance.stay).placement
    most = max(*instance.pressures(greedy), *instance.pressures(best))
    legend = (("weights of a model, GB", COLOURS[0]), ("free for KV caches", EMPTY), ("pressure", COLOURS[1]))
    shapes: list[svg.Element] = [
        text(LEFT, 30, f"One instance: {len(instance.models)} models on {len(instance.memory_gb)} GPUs", size=16),
        text(LEFT, 50, "pressure = requests a second per latency target, divided by the GB that stay free", fill=PALE),
    ]
    for words, placement, left in (("KVPR greedy", greedy, LEFT), ("the optimum", best, LEFT + PANEL + GAP)):
        shapes += _panel(instance, placement, words, left, most)
    shapes += [block(LEFT + 200 * at, 414, 14, 14, colour) for at, (_, colour) in enumerate(legend)]
    shapes += [text(LEFT + 200 * at + 20, 426, words) for at, (words, _) in enumerate(legend)]
    return page(WIDTH, HEIGHT, "Models on GPUs, placed by greedy and placed best", shapes)


def _panel(instance: Instance, placement: Sequence[int], words: str, left: float, most: float) -> list[svg.Element]:
    pressures = instance.pressures(placement)
    step = PANEL / len(pressures)
    wide = step * 0.8
    tallest = max(instance.memory_gb)
    shapes: list[svg.Element] = [text(left, 84, f"{words}: largest pressure {max(pressures):.4f}")]
    for gpu, (memory, pressure) in enumerate(zip(instance.memory_gb, pressures, strict=True)):
        x = left + gpu * step
        scale = (FLOOR - TOP) / tallest
        shapes.append(block(x, FLOOR - memory * scale, wide, memory * scale, EMPTY))
        at = float(FLOOR)
        for model, there in zip(instance.models, placement, strict=True):
            if there == gpu:
                high = model.size_gb * scale
                at -= high
                shapes.append(block(x, at + 1, wide, high - 2, COLOURS[0]))
                shapes.append(
                    text(x + wide / 2, at + high / 2 + 4, f"{model.size_gb}", size=11, fill="#ffffff", anchor="middle")
                )
        deep = pressure / most * (DEEPEST - BELOW)
        shapes.append(text(x + wide / 2, BELOW - 5, f"GPU {gpu}", size=11, anchor="middle"))
        shapes.append(block(x, BELOW, wide, deep, COLOURS[1]))
        inside = deep > 20
        low, fill = (BELOW + 14, "#ffffff") if inside else (BELOW + deep + 13, INK)
        shapes.append(text(x + wide / 2, low, f"{pressure:.3f}", size=11, fill=fill, anchor="middle"))
    return shapes
