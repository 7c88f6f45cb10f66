"""simulator: the loads of slots and GPUs under a placement, and a check that it is a placement. No score.

A layer's experts have replicas in slots; the load of an expert is split evenly over its replicas, wherever they are.
"""

from __future__ import annotations

import numpy as np

from adrs.core.failure import Foul
from adrs.tasks.expert_placement.series import Floats, Ints


def check(placement: Ints, experts: int) -> None:
    """Check that every slot holds an existing expert, and every expert of a layer has a slot.

    Args:
        placement: (layers, slots) the expert in each slot.

    Raises:
        Foul: `illegal_answer`, naming the first place that is wrong.
    """
    wrong = np.argwhere((placement < 0) | (placement >= experts))
    if len(wrong):
        layer, slot = wrong[0]
        raise Foul(
            "illegal_answer",
            f"layer {layer}, slot {slot} holds expert {placement[layer, slot]}; experts are 0 to {experts - 1}",
        )
    missing = np.argwhere(replicas(placement, experts) == 0)
    if len(missing):
        layer, expert = missing[0]
        raise Foul("illegal_answer", f"layer {layer} has no replica of expert {expert}; every expert needs one")


def replicas(placement: Ints, experts: int) -> Ints:
    """(layers, experts) the number of slots of each expert."""
    layers = len(placement)
    flat = placement + np.arange(layers)[:, None] * experts
    return np.bincount(flat.ravel(), minlength=layers * experts).reshape(layers, experts)


def slot_loads(load: Ints, placement: Ints) -> Floats:
    """(layers, slots) tokens that each slot gets.

    Args:
        load: (layers, experts) tokens.
        placement: (layers, slots), that passes `check`.
    """
    share = load / replicas(placement, load.shape[1])
    return np.asarray(np.take_along_axis(share, placement, axis=1), np.float64)


def gpu_loads(load: Ints, placement: Ints, gpus: int) -> Floats:
    """(layers, gpus) tokens that each GPU gets."""
    held: Floats = slot_loads(load, placement).reshape(len(placement), gpus, -1).sum(axis=2)
    return held


def balance(loads: Floats) -> float:
    """Mean over maximum, each summed over layers first; 1 is perfect. Without any load everything is balanced."""
    highest = float(loads.max(axis=1).sum())
    return float(loads.mean(axis=1).sum()) / highest if highest else 1.0
