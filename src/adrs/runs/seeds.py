"""seeds: draws the random seeds of a run's workloads, and says whether its test workloads could be known beforehand."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from adrs import catalog
from adrs.core.task import Task
from adrs.runs.recipe import Recipe

BITS = 62
GUESSABLE = 2**32
"""A program can try all seeds below this number; the published ones are among them."""
TRAIN, HELD_OUT = "data_seed", "held_out_seed"

Secrecy = Literal["secret", "guessable", "published", "fixed"]
"""Whether an author or a program could know the test workloads before the run. "secret": they are drawn from a seed that only
the run holds. "guessable": from a small seed, with a public generator. "published": they are public data. "fixed": the task
draws no workloads from `held_out_seed`, so they are as secret as its file."""


def drawn(recipe: Recipe) -> Recipe:
    """The recipe of a new run: a seed of 62 bits for each of the task's two seeds that is not given."""
    missing = [name for name in sorted(_seeds_of(recipe.task)) if recipe.options.get(name) is None]
    return replace(recipe, options={**recipe.options, **{name: secrets.randbits(BITS) for name in missing}})


def shown(options: Mapping[str, Any]) -> dict[str, Any]:
    """Task options for reports: a seed that keeps held-out workloads secret is not shown."""
    seed = options.get(HELD_OUT)
    return {**options, HELD_OUT: "secret"} if isinstance(seed, int) and seed >= GUESSABLE else dict(options)


def secrecy(task: Task[Any]) -> Secrecy:
    """Whether the test workloads of a loaded task could be known beforehand."""
    if task.published_test:
        return "published"
    if HELD_OUT not in _seeds_of(catalog.task_spec(task)[0]):
        return "fixed"
    return "guessable" if task.seed_of("test") < GUESSABLE else "secret"


def _seeds_of(spec: str) -> set[str]:
    """Those of the two seeds that are options of a task."""
    return {TRAIN, HELD_OUT} & {option.name for option in catalog.describe_task(spec).options}
