"""heads: attention heads as a workload holds them: logits, values, and the free sketch. Made or loaded elsewhere."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PAGE = 16
"""Keys of a page."""
BITS = 32
"""Bits of a key's sign hash."""


@dataclass(frozen=True)
class Sketch:
    """What is known about a head without reading a key, for each of its queries.

    Args:
        distance: (queries, keys) Hamming distance of the sign hashes of query and key, 0 to 32.
        page_upper, page_lower: (queries, pages) upper and lower bounds of the logits of a page.
    """

    distance: NDArray[np.uint8]
    page_upper: Floats
    page_lower: Floats


@dataclass(frozen=True)
class Head:
    """One head at one moment, with a batch of queries that all see all keys.

    Args:
        kind: the behaviour of the head, for people: "retrieval", "topic", "local", "flat".
        logits: (queries, keys) scaled scores, positional parts included; the last key is the newest.
        values: (keys, dimensions).
        sketch: makes the sketch; only the budgeted track calls it.
    """

    kind: str
    logits: Floats
    values: Floats
    sketch: Callable[[], Sketch]

    @property
    def outputs(self) -> Floats:
        """(queries, dimensions) of dense attention."""
        weights = np.exp(self.logits - self.logits.max(axis=1, keepdims=True))
        dense: Floats = weights @ self.values / weights.sum(axis=1, keepdims=True)
        return dense

    @property
    def fingerprint(self) -> int:
        """A number unique to the head, for the seed of the referee's draws; policies see no values, so none knows it."""
        return int.from_bytes(hashlib.sha256(self.logits.tobytes() + self.values.tobytes()).digest()[:8], "little")


@dataclass(frozen=True)
class Layer:
    """The heads of one workload, made one by one, because all of them together may not fit in memory.

    Args:
        digest: of everything that the heads depend on.
        seed: of the referee's draws, with each head's fingerprint.
        kinds: of its heads, each once, in order.
    """

    digest: str
    seed: tuple[int, ...]
    kinds: tuple[str, ...]
    make: Callable[[], Iterator[Head]]


def sketch(queries: Floats, keys: Floats, place: Floats, hits: list[Ints], hit: float) -> Sketch:
    """The free sketch of a head whose logits are `queries @ keys.T + place`, plus `hit` on each query's `hits`.

    Args:
        queries: (queries, dimensions), the scale of the logits included.
        keys: (keys, dimensions).
        place: (keys,) the part that depends on position alone; page bounds include it.
        hits: for each query the keys that answer it; such a key is hashed as if it had hit / |q|^2 of the query in it.
    """
    count, length = len(queries), len(keys)
    pages = -(-length // PAGE)
    planes = np.random.default_rng(BITS).standard_normal((keys.shape[1], BITS))
    signs = keys @ planes > 0
    own = queries @ planes > 0
    distance = (signs[None] != own[:, None]).sum(axis=2).astype(np.uint8)
    padded = np.concatenate([keys, np.repeat(keys[-1:], pages * PAGE - length, axis=0)]).reshape(pages, PAGE, -1)
    low, high = padded.min(axis=1), padded.max(axis=1)
    up, down = np.maximum(queries, 0), np.minimum(queries, 0)
    where = np.concatenate([place, np.repeat(place[-1:], pages * PAGE - length)]).reshape(pages, PAGE)
    upper = up @ high.T + down @ low.T + where.max(axis=1)
    lower = up @ low.T + down @ high.T + where.min(axis=1)
    for query in range(count):
        for key in hits[query]:
            found = keys[key] + hit * queries[query] / (queries[query] @ queries[query])
            distance[query, key] = ((found @ planes > 0) != own[query]).sum()
            upper[query, key // PAGE] += hit
    return Sketch(distance, upper, lower)
