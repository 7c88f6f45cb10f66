"""draws: skewed random draws for batches that resemble benchmarks, from the random generator that is passed in."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from functools import cache
from itertools import accumulate
from random import Random


def zipf(rng: Random) -> int:
    """1, 2, 3, … unbounded, with probability proportional to k^-2 (Devroye, Non-Uniform Random Variate Generation)."""
    while True:
        number = int(1 / (1 - rng.random()))
        ratio = 1 + 1 / number
        if rng.random() * number * (ratio - 1) <= ratio / 2:
            return number


@cache
def _cumulative(theta: float, count: int) -> list[float]:
    return list(accumulate((rank + 1) ** -theta for rank in range(count)))


def ranked(rng: Random, theta: float, count: int) -> int:
    """A rank from 0 to count - 1, with probability proportional to (rank + 1)^-theta."""
    sums = _cumulative(theta, count)
    return bisect_left(sums, rng.random() * sums[-1])


def weighted(rng: Random, weights: tuple[float, ...]) -> int:
    """A position, with probability proportional to its weight."""
    at = rng.random() * sum(weights)
    return next((place for place, total in enumerate(accumulate(weights)) if at < total), len(weights) - 1)


def nurand(rng: Random, mask: int, constant: int, count: int) -> int:
    """TPC-C's non-uniform draw from 0 to count - 1 (clause 2.1.6)."""
    return ((rng.randint(0, mask) | rng.randint(0, count - 1)) + constant) % count


def distinct(count: int, draw: Callable[[], int]) -> list[int]:
    """A given number of different draws, in the order in which they first came."""
    found: dict[int, None] = {}
    while len(found) < count:
        found[draw()] = None
    return list(found)
