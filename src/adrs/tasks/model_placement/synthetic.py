"""synthetic: families of instances, each a function that draws one. `splits` chooses the seeds.

`two_per_gpu` is the generator of the public evaluators, number by number: with `numpy.random.RandomState(42)` its first
fifty instances are the published ones. All bounds of `randint` are as there: the upper one is never drawn.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from numpy.random import RandomState

from adrs.tasks.model_placement.baselines import bisect_best_fit
from adrs.tasks.model_placement.instance import Instance, Model, roomiest

Family = Literal["two_per_gpu", "three_per_gpu", "mixed_memory", "migration", "drift"]

MEMORY_GB = 80
KINDS_GB = (48, 80, 141)
"""Memory of an L40S, an H100, an H200."""

FILLED = (0.62, 0.72)
"""Share of all memory that models take in `mixed_memory`."""

PRICES = (0.1, 0.2, 0.4, 0.8)
"""Cost of moving all models, as a multiple of the pooled pressure."""

REDRAWN = 0.5
"""Chance that a rate differs from the one for which `migration` instances were placed."""

EPOCHS, STALE = 12, 4
"""Epochs that a `drift` player sees, and how many of them have passed since the models were placed."""


def two_per_gpu(rng: RandomState, scale: int = 1) -> Instance:
    """5 to 9 GPUs with two models of 10 to 29 GB each."""
    gpus = rng.randint(5, 10) * scale
    return _fixed(gpus, [(rng.randint(10, 30), rng.randint(1, 10), rng.randint(5, 10)) for _ in range(2 * gpus)])


def three_per_gpu(rng: RandomState, scale: int = 1) -> Instance:
    """4 to 6 GPUs with three models of 8 to 25 GB each."""
    gpus = rng.randint(4, 7) * scale
    return _fixed(gpus, [(rng.randint(8, 26), rng.randint(1, 10), rng.randint(5, 10)) for _ in range(3 * gpus)])


def mixed_memory(rng: RandomState, scale: int = 1) -> Instance:
    """4 or 5 GPUs of at least two kinds, at least twice as many models of 12 to 33 GB; each went where most memory was free."""
    while True:
        memory = [KINDS_GB[rng.randint(len(KINDS_GB))] for _ in range(rng.randint(4, 6) * scale)]
        most = rng.uniform(*FILLED) * sum(memory)
        drawn: list[tuple[int, int, int]] = []
        while sum(size for size, _, _ in drawn) < most - 17:
            drawn.append((int(rng.randint(12, 34)), int(rng.randint(1, 10)), int(rng.randint(5, 10))))
        home = roomiest(memory, [size for size, _, _ in drawn])
        if len(set(memory)) > 1 and len(drawn) >= 2 * len(memory) and home is not None:
            models = (Model(size, rate, slo, gpu, (), rate) for (size, rate, slo), gpu in zip(drawn, home, strict=True))
            return Instance(tuple(memory), tuple(models))


def migration(rng: RandomState, _scale: int = 1) -> Instance:
    """4 or 5 GPUs, placed well for other rates; moving has a cost."""
    gpus = rng.randint(4, 6)
    drawn = [(rng.randint(8, 26), rng.randint(1, 10), rng.randint(5, 10)) for _ in range(3 * gpus)]
    now = [int(rng.randint(1, 10)) if rng.uniform() < REDRAWN else rate for _, rate, _ in drawn]
    rates = [((), old, new, new) for (_, old, _), new in zip(drawn, now, strict=True)]
    return _placed(rng, gpus, drawn, rates)


def drift(rng: RandomState, _scale: int = 1) -> Instance:
    """4 or 5 GPUs, placed well for the rates of four epochs ago; the next epoch's rates count, and moving has a cost."""
    gpus = rng.randint(4, 6)
    drawn = [(rng.randint(8, 26), 0, rng.randint(5, 10)) for _ in range(3 * gpus)]
    series = [_series(rng) for _ in drawn]
    rates = [(tuple(rate[: EPOCHS - 1]), rate[EPOCHS - 1 - STALE], rate[EPOCHS - 1], rate[EPOCHS]) for rate in series]
    return _placed(rng, gpus, drawn, rates)


FAMILIES: Mapping[Family, Callable[[RandomState, int], Instance]] = {
    "two_per_gpu": two_per_gpu,
    "three_per_gpu": three_per_gpu,
    "mixed_memory": mixed_memory,
    "migration": migration,
    "drift": drift,
}


def _fixed(gpus: int, drawn: Sequence[tuple[int, int, int]]) -> Instance:
    """GPUs of 80 GB, models placed round robin, which always fits; moving is free."""
    models = (Model(int(size), int(rate), int(slo), at % gpus, (), int(rate)) for at, (size, rate, slo) in enumerate(drawn))
    return Instance((MEMORY_GB,) * int(gpus), tuple(models))


def _placed(
    rng: RandomState,
    gpus: int,
    drawn: Sequence[tuple[int, int, int]],
    rates: Sequence[tuple[tuple[int, ...], int, int, int]],
) -> Instance:
    """GPUs of 80 GB with models where bisection and best-fit decreasing once put them; the price of moving is drawn.

    Args:
        rates: for each model (history, the rate for which it was placed, the newest rate, the rate that is scored).
    """
    memory = [MEMORY_GB] * int(gpus)
    before = [
        Model(int(size), old, int(slo), at % gpus, (), old)
        for at, ((size, _, slo), (_, old, _, _)) in enumerate(zip(drawn, rates, strict=True))
    ]
    home = bisect_best_fit.place(memory, [model.shown for model in before], 0.0)
    models = tuple(
        Model(model.size_gb, new, model.slo, gpu, history, scored)
        for model, gpu, (history, _, new, scored) in zip(before, home, rates, strict=True)
    )
    size = sum(model.size_gb for model in models)
    pooled = sum(model.req_rate / model.slo for model in models) / (sum(memory) - size)
    price = PRICES[rng.randint(len(PRICES))] * pooled / size
    return Instance(tuple(memory), models, float(f"{price:.3g}"))


def _series(rng: RandomState) -> list[int]:
    """Rates of thirteen epochs: steady, with a trend, periodic, or in bursts; whole requests a second, at least 1."""
    level, kind = rng.uniform(2, 9), rng.randint(4)
    slope, period, phase = rng.choice([-1, 1]) * rng.uniform(0.04, 0.12), rng.randint(4, 8), rng.uniform(0, 2 * math.pi)
    high = rng.uniform() < 0.3
    rates = []
    for epoch in range(EPOCHS + 1):
        high = high if rng.uniform() < 0.75 else not high
        shape = (
            1.0,
            math.exp(slope * (epoch - EPOCHS / 2)),
            1 + 0.6 * math.sin(2 * math.pi * epoch / period + phase),
            2.2 if high else 0.6,
        )[kind]
        rates.append(max(1, round(level * shape * math.exp(0.1 * rng.standard_normal()))))
    return rates
