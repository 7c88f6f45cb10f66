"""batches: transactions of families that resemble benchmarks, their makespan by first come first served, and a bound."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from random import Random

import numpy as np

from adrs.tasks.cache import cached, digest
from adrs.tasks.transactions import benchmarks, published
from adrs.tasks.transactions.bound import lower_bound, single_key
from adrs.tasks.transactions.kit import Batch
from adrs.tasks.transactions.requests import Request

FAMILIES: Mapping[str, Callable[[Random, int], list[Request]]] = {
    "zipf16": published.zipf16,
    "alternating": published.alternating,
    "tpcc_mini": published.tpcc_mini,
    "tpcc": benchmarks.tpcc,
    "taobench": benchmarks.taobench,
    "smallbank": benchmarks.smallbank,
    "epinions": benchmarks.epinions,
    "ycsb": benchmarks.ycsb,
}

ROOM = 1.1
"""A batch is drawn anew until first come first served takes this many times the bound of one key; else order matters little."""

ATTEMPTS = 20


@dataclass(frozen=True, eq=False)
class Requests:
    """Transactions in the order of arrival.

    Args:
        family: the benchmark that they resemble.
        requests: the transactions.
        proven: a bound that was proven elsewhere; 0 for none.
    """

    family: str
    requests: tuple[Request, ...]
    proven: int = 0

    @cached_property
    def texts(self) -> list[str]:
        """The transactions as their tokens."""
        return [request.text for request in self.requests]

    @cached_property
    def batch(self) -> Batch:
        """The transactions as the kit reads them."""
        return Batch(self.texts)

    @cached_property
    def first_come(self) -> int:
        """The makespan of first come first served."""
        return self.batch.makespan(range(self.batch.n))

    @cached_property
    def bound(self) -> int:
        """A lower bound on the makespan of any order."""
        return max(self.proven, lower_bound(self.batch, self.digest))

    @cached_property
    def digest(self) -> str:
        """A text that changes with the transactions."""
        return digest(*self.texts)


def draw(family: str, size: int, seed: str, room: float = ROOM) -> Requests:
    """Draw transactions of a family from a seed; equal seeds give equal ones.

    Args:
        room: see `ROOM`; 0 takes the first draw. After `ATTEMPTS` draws without it, the one with the most room is taken.
    """
    key = digest(code(), family, str(size), seed, str(room), str(ATTEMPTS))
    attempt = int(cached("transactions", key, (1,), lambda: np.array([_roomy(family, size, seed, room)]))[0])
    return _drawn(family, size, seed, attempt)


def _drawn(family: str, size: int, seed: str, attempt: int) -> Requests:
    return Requests(family, tuple(FAMILIES[family](Random(f"{family} {size} {seed} {attempt}"), size)))


def _roomy(family: str, size: int, seed: str, room: float) -> float:
    """The number of the first draw with enough room, or of the one with the most."""
    found: list[float] = []
    for attempt in range(ATTEMPTS):
        drawn = _drawn(family, size, seed, attempt)
        found.append(drawn.first_come / max(single_key(drawn.batch), *drawn.batch.lengths))
        if found[-1] >= room:
            break
    return float(found.index(max(found)))


@cache
def code() -> str:
    """A digest of this folder's source, on which every cached draw depends."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    return digest(*(file.read_text("utf-8") for file in files))


def kit() -> str:
    """The source of `kit`, for players."""
    return Path(__file__).with_name("kit.py").read_text("utf-8")
