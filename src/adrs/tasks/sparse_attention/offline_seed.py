"""Three small rules: the number of certain keys, the size of the sample, and how much it prefers heavy keys."""

from typing import Any

import numpy as np


# EVOLVE-BLOCK-START
def certain(keys: float, support: float, peak: float) -> float:
    """The number of greatest logits that are read with certainty. support: exp(entropy); peak: the greatest weight's share."""
    return 0.05 * keys


def sampled(keys: float, support: float, left: float) -> float:
    """The number of others that are drawn. left: the share of the mass that they hold."""
    return 0.01 * keys


def preference(support: float, left: float) -> float:
    """The exponent of a key's weight in its chance of being drawn; 0: uniform."""
    return 0.0


# EVOLVE-BLOCK-END


def ask(logits: np.ndarray, sketch: dict[str, Any], meta: dict[str, Any]) -> list[np.ndarray]:
    if meta["round"] > 0:
        return [np.zeros(0, np.int64) for _ in range(meta["queries"])]
    keys = meta["keys"]
    ends = np.concatenate([np.arange(min(4, keys)), np.arange(keys - max(1, keys // 1000), keys)])
    near = np.argsort(sketch["distance"], axis=1, kind="stable")[:, : keys // 20]
    return [np.union1d(ends, row) for row in near]


def select(logits: np.ndarray, sketch: dict[str, Any], meta: dict[str, Any]) -> list[tuple[np.ndarray, np.ndarray]]:
    rng = np.random.default_rng(meta["seed"])
    return [choose(row, rng) for row in logits]


def choose(row: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    keys = len(row)
    known = np.flatnonzero(~np.isnan(row))
    row = np.where(np.isnan(row), row[known].min(), row)
    order = np.argsort(-row)
    weights = np.exp(row[order] - row[order[0]])
    weights /= weights.sum()
    support = float(np.exp(-(weights * np.log(np.maximum(weights, 1e-300))).sum()))
    top = int(np.clip(certain(float(keys), support, float(weights[0])), 1, keys))
    sure = order[:top] if len(known) == keys else known
    rest = np.setdiff1d(np.arange(keys), sure) if len(known) < keys else order[top:]
    left = float(weights[top:].sum())
    count = float(np.clip(sampled(float(keys), support, left), 0, len(rest)))
    if count < 1e-3 or len(rest) == 0:
        return sure, np.ones(len(sure))
    rest = rng.permutation(rest)
    power = float(np.clip(preference(support, left), 0, 4))
    liked = np.maximum(np.exp(power * (row[rest] - row[rest].max())), 1e-30)
    chances = np.clip(count * liked / liked.sum(), 1e-6, 1)
    return np.concatenate([sure, rest]), np.concatenate([np.ones(len(sure)), chances])
