"""synthetic: made-up heads of four kinds that behave like those of language models. It contains no numbers of a model.

A context has 96 segments, each about one of 32 topics. A key is its topic plus noise; a query asks for one topic, more
or less sharply; the first keys are sinks, and older keys count less. A retrieval head also finds a few needles.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from adrs.tasks.cache import digest
from adrs.tasks.sparse_attention.heads import Head, Layer, sketch

VERSION = "1"
"""Raise it when a change here changes a head."""
DIMENSIONS, TOPICS, SEGMENTS, SINKS = 64, 32, 96, 4
KEY_NOISE, QUERY_NOISE = 0.09, 0.3
NEEDLE = 8.0
SINK_VALUE = 0.05


@dataclass(frozen=True)
class Kind:
    """How a head attends.

    Args:
        sharpness: logit of a key of the right topic.
        sink: added to the logits of the first keys.
        fading: factor of log(1 + age), which is subtracted.
        needles: whether one to four keys get 8 more.
    """

    sharpness: float
    sink: float
    fading: float
    needles: bool = False


KINDS: Mapping[str, Kind] = {
    "retrieval": Kind(14, 9, 0.1, needles=True),
    "topic": Kind(7, 7, 0.3),
    "local": Kind(2, 8, 1.6),
    "flat": Kind(0.8, 3, 0.05),
}


@dataclass(frozen=True)
class Shape:
    """The size of a context.

    Args:
        heads: number of heads of each kind, in the order of `KINDS`.
    """

    keys: int
    queries: int
    heads: tuple[int, int, int, int]


def layer(shape: Shape, seed: tuple[int, ...]) -> Layer:
    """The heads of one context; the same seed gives the same ones."""
    kinds = tuple(kind for kind, count in zip(KINDS, shape.heads, strict=True) if count)
    return Layer(digest(VERSION, repr((shape, seed))), seed, kinds, partial(_heads, shape, seed))


def _heads(shape: Shape, seed: tuple[int, ...]) -> Iterator[Head]:
    kinds = [kind for kind, count in zip(KINDS, shape.heads, strict=True) for _ in range(count)]
    for number, kind in enumerate(kinds):
        yield head(kind, shape.keys, shape.queries, np.random.default_rng((*seed, number)))


def head(name: str, keys: int, queries: int, rng: np.random.Generator) -> Head:
    """One head of a kind."""
    kind = KINDS[name]
    topics = rng.standard_normal((TOPICS, DIMENSIONS))
    topics /= np.linalg.norm(topics, axis=1, keepdims=True)
    borders = np.sort(rng.choice(keys - 1, min(SEGMENTS, keys // 2) - 1, replace=False)) + 1
    about = rng.integers(TOPICS, size=len(borders) + 1)[np.searchsorted(borders, np.arange(keys), side="right")]
    subject = topics[about]
    key = subject + KEY_NOISE * rng.standard_normal((keys, DIMENSIONS), dtype=np.float32)
    asked = about[np.concatenate([[0], borders])[rng.integers(len(borders) + 1, size=queries)]]
    query = kind.sharpness * topics[asked] + QUERY_NOISE * rng.standard_normal((queries, DIMENSIONS))
    place = -kind.fading * np.log1p(np.arange(keys)[::-1])
    place[:SINKS] += kind.sink
    logits = query @ key.T + place
    found = [rng.choice(np.arange(SINKS, keys), rng.integers(1, 5), replace=False) for _ in range(queries)]
    hits = found if kind.needles else [row[:0] for row in found]
    for row, needles in zip(logits, hits, strict=True):
        row[needles] += NEEDLE
    meaning = rng.standard_normal((TOPICS, DIMENSIONS))
    noise = rng.standard_normal((keys, DIMENSIONS), dtype=np.float32)
    value = rng.standard_normal(DIMENSIONS) + 0.5 * meaning[about] + 0.5 * noise
    value[:SINKS] *= SINK_VALUE
    return Head(name, logits, value, partial(sketch, query, key, place, hits, NEEDLE))
