"""Uniform: four sinks and the newest 0.1 % with certainty, and a uniform sample of 5 % of all others."""

from typing import Any

import numpy as np

SINKS = 4
WINDOW = 0.001
RATE = 0.05


def ask(logits: np.ndarray, sketch: dict[str, Any], meta: dict[str, Any]) -> list[np.ndarray]:
    return [np.zeros(0, np.int64) for _ in range(meta["queries"])]


def select(logits: np.ndarray, sketch: dict[str, Any], meta: dict[str, Any]) -> list[tuple[np.ndarray, np.ndarray]]:
    keys = meta["keys"]
    rng = np.random.default_rng(meta["seed"])
    sure = np.union1d(np.arange(min(SINKS, keys)), np.arange(keys - max(1, round(WINDOW * keys)), keys))
    rest = np.setdiff1d(np.arange(keys), sure)
    chances = np.concatenate([np.ones(len(sure)), np.full(len(rest), RATE)])
    return [(np.concatenate([sure, rng.permutation(rest)]), chances) for _ in range(meta["queries"])]
