"""feedback: the largest loss of one series, in a few lines that help to write the next placement. Only one series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from adrs.tasks.expert_placement.score import Objective
from adrs.tasks.expert_placement.series import Ints, Series
from adrs.tasks.expert_placement.simulator import gpu_loads, replicas, slot_loads

LONGEST = 300
"""Characters."""


def feedback(
    series: Series,
    windows: Sequence[int],
    placements: Sequence[Ints],
    values: Mapping[Objective, Sequence[float]],
    objective: Objective,
) -> str:
    """A few lines about one series.

    Args:
        windows: from which the placements were made.
        values: balance of each placement, by what it is measured on.
    """
    worst = int(np.argmin(values[objective]))
    window, placement = windows[worst], placements[worst]
    load = series.load[window + (objective == "forecast")]
    loads = gpu_loads(load, placement, series.cluster.gpus)
    above = loads.max(axis=1) - loads.mean(axis=1)
    layer = int(above.argmax())
    mean = max(float(loads[layer].mean()), 1.0)
    gpu = int(loads[layer].argmax())
    places = series.cluster.slots // series.cluster.gpus
    inside = slot_loads(load, placement)[layer, gpu * places : (gpu + 1) * places]
    expert = int(placement[layer, gpu * places + int(inside.argmax())])
    held = int(replicas(placement, load.shape[1])[layer, expert])
    grown = float(load[layer, expert]) / max(float(series.load[window][layer, expert]), 1.0)
    change = f", whose load became {grown:.1f} times what was shown" if objective == "forecast" else ""
    return (
        f"Forecast {np.mean(values['forecast']):.4f}, fit {np.mean(values['fit']):.4f}. Worst: window {window}, "
        f"{values[objective][worst]:.3f}. Most lost there in layer {layer}: GPU {gpu} had {loads[layer, gpu] / mean:.2f} times "
        f"the mean, {inside.max() / mean:.2f} of it from one expert with {held} replica{'s' * (held != 1)}{change}."
    )[:LONGEST]
