"""picture: one layer of DeepSeek's global greedy: expert loads and replicas, and the GPUs in this window and the next."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import svg

from adrs.tasks.drawing import COLOURS, INK, PALE, block, line, page, text
from adrs.tasks.expert_placement.reference import deepseek_global
from adrs.tasks.expert_placement.series import Floats, Series
from adrs.tasks.expert_placement.simulator import gpu_loads, replicas

WIDTH, LEFT, RIGHT = 860, 40, 20
EXPERTS, GPUS, TALL = 190, 410, 110
"""Floors of the bars of experts and of GPUs, and how tall the highest bar is."""


def picture(series: Series) -> str:
    """Draw the layer and the pair of windows whose forecast is nearest to the overall one."""
    gpus = series.cluster.gpus
    made = [deepseek_global(load, series.cluster) for load in series.load[:-1]]
    loads = [gpu_loads(load, placed, gpus) for load, placed in zip(series.load[1:], made, strict=True)]
    ratios = np.array([each.mean(axis=1) / each.max(axis=1) for each in loads])
    window, layer = np.unravel_index(int(np.abs(ratios - np.median(ratios)).argmin()), ratios.shape)
    load, placement = series.load[window], made[window]
    counts = replicas(placement, load.shape[1])[layer]
    order = np.argsort(-load[layer], kind="stable")
    half = (WIDTH - LEFT - RIGHT - 40) / 2
    across = (WIDTH - LEFT - RIGHT) / len(order)
    highest = float(load[layer].max())
    shapes: list[svg.Element] = [
        text(LEFT, 30, f"One layer: {len(order)} experts, {series.cluster.slots} slots on {gpus} GPUs", size=16),
        text(LEFT, 50, "Experts by tokens in a window, and how many replicas DeepSeek's greedy gives them", fill=PALE),
    ]
    for at, expert in enumerate(order):
        height = TALL * float(load[layer, expert]) / highest
        colour = COLOURS[min(int(counts[expert]), 4) - 1]
        shapes.append(block(LEFT + at * across, EXPERTS - height, across * 0.85, height, colour))
    legend = [f"{count} replica{'s' * (count > 1)}{' or more' * (count == 4)}" for count in range(1, min(4, counts.max()) + 1)]
    for at, words in enumerate(legend):
        shapes += [block(WIDTH - 180, 70 + 20 * at, 13, 13, COLOURS[at]), text(WIDTH - 160, 81 + 20 * at, words)]
    shapes.append(line([(LEFT, EXPERTS), (WIDTH - RIGHT, EXPERTS)], PALE))
    now = gpu_loads(load, placement, gpus)[layer]
    following = loads[window][layer]
    top = max(float(now.max() / now.mean()), float(following.max() / following.mean()))
    shapes += _gpus(now, LEFT, half, top, "GPUs in the window that was shown: fit")
    shapes += _gpus(following, LEFT + half + 40, half, top, "The same placement in the next window: forecast")
    return page(WIDTH, 450, "Replicas of experts on GPUs, now and in the next window", shapes)


def _gpus(loads: Floats, left: float, width: float, top: float, words: str) -> Iterator[svg.Element]:
    """A bar for each GPU, in multiples of the mean; the fullest has a colour of its own."""
    across, scale = width / len(loads), TALL / top
    mean, fullest = float(loads.mean()), int(loads.argmax())
    yield text(left, GPUS - TALL - 52, words)
    balanced = f"mean / fullest = {mean / float(loads.max()):.3f}"
    yield text(left, GPUS - TALL - 32, balanced, fill=COLOURS[3])
    for gpu, held in enumerate(loads):
        height = scale * float(held) / mean
        colour = COLOURS[3] if gpu == fullest else COLOURS[0]
        yield block(left + gpu * across, GPUS - height, across * 0.8, height, colour)
    yield line([(left, GPUS - scale), (left + width, GPUS - scale)], INK, dashes=(5, 4))
    yield text(left + width, GPUS + 20, "dashed: mean over GPUs", fill=PALE, anchor="end")
    yield text(left, GPUS + 20, f"GPU 0 to {len(loads) - 1}", fill=PALE)
