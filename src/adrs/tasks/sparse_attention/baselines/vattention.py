"""vAttention: sinks, a short window and the top 5 % with certainty; of the rest a sample whose size a 1 % pilot sample sets.

Source: Desai et al., "vAttention: Verified Sparse Attention", 2025 (arXiv 2510.05688), with the published search's start values
(top-k 5 %, base rate 1 %, epsilon = delta = 0.3). The guarantee is on the denominator, since no policy here sees values.
Budgeted track: sign hashes find the top keys; they and the pilot sample are read and used with certainty. The start program.
"""

import math
from statistics import NormalDist
from typing import Any

import numpy as np

# EVOLVE-BLOCK-START
SINKS = 4
WINDOW = 0.001
TOP = 0.05
BASE = 0.01
EPSILON = 0.3
DELTA = 0.3
Z = NormalDist().inv_cdf(1 - DELTA / 2)


def ask(logits: np.ndarray, sketch: dict[str, Any], meta: dict[str, Any]) -> list[np.ndarray]:
    if meta["round"] > 0:
        return [np.zeros(0, np.int64) for _ in range(meta["queries"])]
    rng = np.random.default_rng(meta["seed"])
    found = []
    for distance in sketch["distance"]:
        sure = heavy(-distance.astype(float))
        found.append(np.concatenate([sure, pilot(np.setdiff1d(np.arange(len(distance)), sure), len(distance), rng)]))
    return found


def select(logits: np.ndarray, sketch: dict[str, Any], meta: dict[str, Any]) -> list[tuple[np.ndarray, np.ndarray]]:
    rng = np.random.default_rng(meta["seed"])
    if not sketch:
        return [choose(row, heavy(row), rng) for row in logits]
    return [choose(row, heavy(-distance.astype(float)), rng) for row, distance in zip(logits, sketch["distance"], strict=True)]


def heavy(worth: np.ndarray) -> np.ndarray:
    keys = len(worth)
    ends = np.concatenate([np.arange(min(SINKS, keys)), np.arange(keys - max(1, round(WINDOW * keys)), keys)])
    return np.union1d(ends, np.argsort(-worth, kind="stable")[: max(1, round(TOP * keys))])


def pilot(rest: np.ndarray, keys: int, rng: np.random.Generator) -> np.ndarray:
    return rng.choice(rest, min(len(rest), max(2, round(BASE * keys))), replace=False)


def choose(row: np.ndarray, sure: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    keys = len(row)
    known = np.flatnonzero(~np.isnan(row))
    rest = np.setdiff1d(np.arange(keys), sure)
    if len(rest) == 0:
        return sure, np.ones(len(sure))
    probe = pilot(rest, keys, rng) if len(known) == keys else np.setdiff1d(known, sure)
    weights = np.exp(row - row[known].max())
    total = weights[sure].sum() + len(rest) * weights[probe].mean()
    needed = math.ceil((Z * len(rest) * weights[probe].std() / (EPSILON * total)) ** 2)
    rate = min(max(needed, len(probe)), len(rest)) / len(rest)
    if len(known) < keys:
        sure, rest = known, np.setdiff1d(rest, known)
    rest = rng.permutation(rest)
    return np.concatenate([sure, rest]), np.concatenate([np.ones(len(sure)), np.full(len(rest), rate)])


# EVOLVE-BLOCK-END
