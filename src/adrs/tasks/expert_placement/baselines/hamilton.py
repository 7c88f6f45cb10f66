"""Hamilton: slots in proportion to tokens by largest remainders, corrected by a minimax rule; then LPT."""

import numpy as np
from kit import arrange, pack


def replicate(load: np.ndarray, slots: int) -> tuple[np.ndarray, np.ndarray]:
    """(rows, slots) experts and the tokens of a replica: slots in proportion to tokens, then moved until no move helps."""
    rows, experts = load.shape
    each = np.arange(rows)
    quota = load * (slots / np.maximum(load.sum(axis=1, keepdims=True), 1))
    counts = np.maximum(np.floor(quota), 1.0)
    remainder = np.argsort(-(quota - counts), axis=1, kind="stable")
    missing = slots - counts.sum(axis=1).astype(int)
    for row in each:
        counts[row, remainder[row, : max(missing[row], 0)]] += 1
    while (over := np.flatnonzero(counts.sum(axis=1) > slots)).size:
        fewer = np.where(counts[over] > 1, load[over] / np.maximum(counts[over] - 1, 1), np.inf)
        counts[over, fewer.argmin(axis=1)] -= 1
    for _ in range(slots):
        share = load / counts
        hottest = share.argmax(axis=1)
        fewer = np.where(counts > 1, load / np.maximum(counts - 1, 1), np.inf)
        fewer[each, hottest] = np.inf
        giver = fewer.argmin(axis=1)
        better = np.flatnonzero(fewer[each, giver] < share[each, hottest])
        if not better.size:
            break
        counts[better, giver[better]] -= 1
        counts[better, hottest[better]] += 1
    held = np.array([np.repeat(np.arange(experts), row.astype(int)) for row in counts])
    return held, np.take_along_axis(load / counts, held, axis=1)


def rebalance_experts(weight: np.ndarray, num_replicas: int, num_groups: int, num_nodes: int, num_gpus: int) -> np.ndarray:
    held, share = replicate(weight, num_replicas)
    placement: np.ndarray = arrange(held, pack(share, num_gpus))
    return placement
