"""Top-p: the keys with the greatest logits until they hold 90 % of the softmax mass, with certainty.

Budgeted track: it reads the 5 % of keys that are nearest by their sign hashes, and takes their mass for all of it.
"""

from typing import Any

import numpy as np

MASS = 0.9
LOOK = 0.05


def ask(logits: np.ndarray, sketch: dict[str, Any], meta: dict[str, Any]) -> list[np.ndarray]:
    if meta["round"] > 0:
        return [np.zeros(0, np.int64) for _ in range(meta["queries"])]
    keys = meta["keys"]
    ends = np.concatenate([np.arange(min(4, keys)), np.arange(keys - max(1, round(0.001 * keys)), keys)])
    near = np.argsort(sketch["distance"], axis=1, kind="stable")[:, : round(LOOK * keys)]
    return [np.union1d(ends, row) for row in near]


def select(logits: np.ndarray, sketch: dict[str, Any], meta: dict[str, Any]) -> list[tuple[np.ndarray, np.ndarray]]:
    return [certain(row) for row in np.where(np.isnan(logits), -np.inf, logits)]


def certain(row: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    order = np.argsort(-row)
    weights = np.exp(row[order] - row[order[0]])
    count = int(np.searchsorted(np.cumsum(weights), MASS * weights.sum())) + 1
    return order[:count], np.ones(count)
