"""instance: GPUs, models, and the cost of a placement. No search for a placement, no score.

Source: the KV-cache pressure ratio (KVPR) of Prism, as the ADRS leaderboard's problem "prism" computes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from adrs.tasks.cache import digest

UNIT = 2520
"""Least common multiple of the latency targets 5 to 9: pressure in 1/2520 request per second squared is a whole number."""

FULL = 1_000_000.0
"""Pressure of a GPU whose models leave no memory at all."""


@dataclass(frozen=True)
class Model:
    """One model.

    Args:
        size_gb: of its weights.
        req_rate: requests a second in the newest epoch that is known.
        slo: latency target, 5 to 9.
        gpu: where it is now.
        history: requests a second in the epochs before, oldest first; () where rates do not drift.
        scored_rate: requests a second in the epoch that is scored.
    """

    size_gb: int
    req_rate: int
    slo: int
    gpu: int
    history: tuple[int, ...]
    scored_rate: int

    @property
    def weight(self) -> int:
        """Its requests per latency target, in units of 1/2520."""
        return UNIT * self.scored_rate // self.slo

    @property
    def shown(self) -> dict[str, Any]:
        """What a player sees of it."""
        return {
            "size_gb": self.size_gb,
            "req_rate": self.req_rate,
            "slo": self.slo,
            "gpu": self.gpu,
            "history": list(self.history),
        }


@dataclass(frozen=True)
class Instance:
    """One placement problem.

    Args:
        memory_gb: of each GPU.
        move_cost: pressure added for each GB of a model that is moved.
    """

    memory_gb: tuple[int, ...]
    models: tuple[Model, ...]
    move_cost: float = 0.0

    @property
    def stay(self) -> tuple[int, ...]:
        """The present placement."""
        return tuple(model.gpu for model in self.models)

    @property
    def sizes(self) -> tuple[int, ...]:
        return tuple(model.size_gb for model in self.models)

    @property
    def weights(self) -> tuple[int, ...]:
        return tuple(model.weight for model in self.models)

    @property
    def shown(self) -> tuple[list[int], list[dict[str, Any]], float]:
        """What a player sees: the arguments of `place`."""
        return list(self.memory_gb), [model.shown for model in self.models], self.move_cost

    @property
    def digest(self) -> str:
        """A text that changes with anything that an answer or its cost depends on."""
        return digest(repr(self))

    def used(self, placement: Sequence[int]) -> list[int]:
        """GB of weights on each GPU."""
        used = [0] * len(self.memory_gb)
        for size, gpu in zip(self.sizes, placement, strict=True):
            used[gpu] += size
        return used

    def pressures(self, placement: Sequence[int]) -> list[float]:
        """KVPR of each GPU: requests a second per latency target, over the GB that its models leave for their KV cache."""
        weight = [0] * len(self.memory_gb)
        for each, gpu in zip(self.weights, placement, strict=True):
            weight[gpu] += each
        return [ratio(w, memory - used) for w, memory, used in zip(weight, self.memory_gb, self.used(placement), strict=True)]

    def moved_gb(self, placement: Sequence[int]) -> int:
        """GB of models that are moved."""
        return sum(model.size_gb for model, gpu in zip(self.models, placement, strict=True) if gpu != model.gpu)

    def cost(self, placement: Sequence[int]) -> float:
        """The largest pressure, and the cost of moving."""
        return priced(max(self.pressures(placement)), self.move_cost, self.moved_gb(placement))

    def pooled(self) -> float:
        """The pressure if all GPUs were one, a lower bound for every placement."""
        return ratio(sum(self.weights), sum(self.memory_gb) - sum(self.sizes))


def ratio(weight: int, free: int) -> float:
    """Pressure of a GPU. Rounded once, so equal ratios are equal floats."""
    if weight == 0:
        return 0.0
    return weight / (UNIT * free) if free > 0 else FULL


def priced(pressure: float, move_cost: float, moved_gb: int) -> float:
    """The total cost of a placement."""
    return pressure + move_cost * moved_gb


def roomiest(memory_gb: Sequence[int], sizes: Iterable[int]) -> tuple[int, ...] | None:
    """One after another, each to the GPU with the most memory left; None when a model fills or overfills it."""
    free = list(memory_gb)
    placement = []
    for size in sizes:
        gpu = max(range(len(free)), key=free.__getitem__)
        if size >= free[gpu]:
            return None
        free[gpu] -= size
        placement.append(gpu)
    return tuple(placement)
