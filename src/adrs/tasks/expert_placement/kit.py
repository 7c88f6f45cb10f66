"""kit: the usual steps of expert placement in numpy, each for all layers at once. The referee believes nothing that it says.

    held, share = replicate(load, slots)      # how many replicas each expert gets, and the load of each replica
    places = pack(share, gpus)                # which replica goes to which GPU; or zigzag(share, gpus)
    placement = arrange(held, places)         # the expert in each slot, GPU by GPU
    placement = exchange(placement, arrange(share, places), gpus)       # local search: lowers the load of the fullest GPU

    placement = place(load, slots, gpus)      # the first three steps: the global policy of DeepSeek's EPLB
    placement = place_by_node(load, slots, groups, nodes, gpus)         # its hierarchical policy: groups to nodes first

`load` has a row for each layer and a column for each expert; integers and floats both serve.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Loads = NDArray[np.int64 | np.float64]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Packing = Callable[[Loads, int], Ints]
Values = TypeVar("Values", Ints, Floats)


def replicate(load: Loads, slots: int) -> tuple[Ints, Floats]:
    """(rows, slots) experts and the load of a replica: spare slots go, one by one, to the largest load of a replica."""
    rows, experts = load.shape
    held = np.tile(np.arange(slots), (rows, 1))
    counts = np.ones((rows, experts))
    each = np.arange(rows)
    for slot in range(experts, slots):
        hottest = (load / counts).argmax(axis=1)
        held[:, slot] = hottest
        counts[each, hottest] += 1
    return held, np.take_along_axis(load / counts, held, axis=1)


def pack(weight: Loads, bins: int) -> Ints:
    """(rows, bins, places) columns of `weight` in each bin: the heaviest first, into the lightest bin that has room (LPT)."""
    rows, count = weight.shape
    places = count // bins
    inside = np.zeros((rows, bins, places), np.int64)
    filled, used = np.zeros((rows, bins)), np.zeros((rows, bins), np.int64)
    each = np.arange(rows)
    for at in np.argsort(-weight, axis=1, kind="stable").T:
        chosen = np.where(used < places, filled, np.inf).argmin(axis=1)
        inside[each, chosen, used[each, chosen]] = at
        filled[each, chosen] += weight[each, at]
        used[each, chosen] += 1
    return inside


def zigzag(weight: Loads, bins: int) -> Ints:
    """(rows, bins, places) as `pack`, but in lanes of one column for each bin, heaviest first, every other lane backwards."""
    lanes = np.argsort(-weight, axis=1, kind="stable").reshape(len(weight), -1, bins)
    lanes[:, 1::2] = lanes[:, 1::2, ::-1]
    return lanes.transpose(0, 2, 1)


def arrange(values: Values, places: Ints) -> Values:
    """(rows, slots) the columns of `values` in the order of bins, as `pack` or `zigzag` chose them."""
    return np.take_along_axis(values, places.reshape(values.shape), axis=1)


def place(load: Loads, slots: int, gpus: int, packing: Packing = pack) -> Ints:
    """(rows, slots) the expert in each slot, GPU by GPU: `replicate`, then `packing` of the replicas."""
    held, share = replicate(load, slots)
    return arrange(held, packing(share, gpus))


def place_by_node(load: Loads, slots: int, groups: int, nodes: int, gpus: int, packing: Packing = pack) -> Ints:
    """(rows, slots) as `place`, but groups of experts go to nodes first; one node for all if the groups do not divide."""
    if groups % nodes:
        groups = nodes = 1
    layers, experts = load.shape
    size = experts // groups
    chosen = packing(load.reshape(layers, groups, size).sum(axis=2), nodes)
    inside = (chosen[..., None] * size + np.arange(size)).reshape(layers * nodes, experts // nodes)
    own = np.take_along_axis(np.repeat(load, nodes, axis=0), inside, axis=1)
    placed = place(own, slots // nodes, gpus // nodes, packing)
    return np.take_along_axis(inside, placed, axis=1).reshape(layers, slots)


def exchange(placement: Ints, share: Floats, gpus: int, most: int = 200) -> Ints:
    """Exchange a slot of the fullest GPU for one of another GPU, the best exchange each time, until none helps.

    Args:
        placement: (rows, slots) the expert in each slot; changed in place, and returned.
        share: (rows, slots) the load of the replica in each slot; changed in place.
        most: rounds, each of one exchange in every row.
    """
    rows, slots = share.shape
    places = slots // gpus
    each = np.arange(rows)[:, None]
    gpu_of = np.arange(slots) // places
    for _ in range(most):
        loads = share.reshape(rows, gpus, places).sum(axis=2)
        top = loads.argmax(axis=1)
        peak = loads.max(axis=1)
        mine = top[:, None] * places + np.arange(places)
        lighter = share[each, mine][:, :, None] - share[:, None, :]
        after = np.maximum(peak[:, None, None] - lighter, loads[:, None, gpu_of] + lighter).reshape(rows, -1)
        best = after.argmin(axis=1)
        better = np.flatnonzero(after[each[:, 0], best] < peak * (1 - 1e-9))
        if not len(better):
            break
        here, there = mine[better, best[better] // slots], best[better] % slots
        for values in (placement, share):
            kept = values[better, here]
            values[better, here] = values[better, there]
            values[better, there] = kept
    return placement
