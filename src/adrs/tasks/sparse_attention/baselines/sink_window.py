"""Sink + window: the first four keys and the newest tenth, with certainty; the trivial baseline, score 0.

Source: Xiao et al., "Efficient Streaming Language Models with Attention Sinks" (StreamingLLM), ICLR 2024.
"""

from typing import Any

import numpy as np

SINKS = 4
WINDOW = 0.1


def ask(logits: np.ndarray, sketch: dict[str, Any], meta: dict[str, Any]) -> list[np.ndarray]:
    return [np.zeros(0, np.int64) for _ in range(meta["queries"])]


def select(logits: np.ndarray, sketch: dict[str, Any], meta: dict[str, Any]) -> list[tuple[np.ndarray, np.ndarray]]:
    keys = meta["keys"]
    newest = np.arange(max(SINKS, keys - round(WINDOW * keys)), keys)
    chosen = np.concatenate([np.arange(min(SINKS, keys)), newest])
    return [(chosen, np.ones(len(chosen))) for _ in range(meta["queries"])]
