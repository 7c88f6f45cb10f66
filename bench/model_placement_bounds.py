"""model_placement_bounds: cost and exactness of the bounds of `model_placement`, and the value of foresight.

    python bench/model_placement_bounds.py                # all splits, small
    python bench/model_placement_bounds.py large train    # larger fleets, one split

CPU seconds of this process, nothing cached. *Open* counts instances whose bound is not the cost of a placement that was
found; *gap* is the largest distance between the bound and local search among them. *Foresight* is the score of local search
if it knew the rates that are scored.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import replace

from adrs.core.task import SPLITS
from adrs.tasks.model_placement.baselines import local_search
from adrs.tasks.model_placement.instance import Instance
from adrs.tasks.model_placement.packing import least_pressure
from adrs.tasks.model_placement.score import bound
from adrs.tasks.model_placement.task import ModelPlacement
from adrs.tasks.scale import share


def foresighted(instance: Instance) -> Instance:
    """The same instance, with the scored rates as the newest."""
    models = tuple(replace(model, req_rate=model.scored_rate, history=()) for model in instance.models)
    return replace(instance, models=models)


def open_by(instance: Instance, least: float) -> float | None:
    """How far local search is above a bound that is not known to be met; None where the bound is exact."""
    if not instance.move_cost:
        found = least_pressure(instance.weights, instance.sizes, instance.memory_gb, instance.stay)
        if found.low < found.high:
            return instance.cost(local_search.place(*instance.shown)) / least - 1
    return None


def family(instances: Sequence[Instance]) -> str:
    began = time.process_time()
    bounds, each = [], []
    for instance in instances:
        bounds.append(bound(instance))
        each.append(time.process_time() - began)
        began = time.process_time()
    gaps = [gap for instance, least in zip(instances, bounds, strict=True) if (gap := open_by(instance, least)) is not None]
    stay = sum(instance.cost(instance.stay) for instance in instances)
    seen, foreseen = (
        sum(instance.cost(local_search.place(*view(instance).shown)) for instance in instances)
        for view in (lambda same: same, foresighted)
    )
    models = [len(instance.models) for instance in instances]
    return (
        f"{len(instances)} instances of {min(models)} to {max(models)} models, {1e3 * sum(each) / len(each):.1f} ms a bound, "
        f"at most {max(each):.2f} s; open {len(gaps)}, gap {100 * max(gaps, default=0):.1f} %; "
        f"local search {share(stay, seen, sum(bounds)):.3f}, foresight {share(stay, foreseen, sum(bounds)):.3f}"
    )


def main(size: str = "small", *splits: str) -> None:
    task = ModelPlacement(size="large" if size == "large" else "small")
    for name in task.families:
        chosen = [w.data for w in task.workloads() if w.data.family == name and w.split in (splits or SPLITS)]
        print(f"{name}: {family([instance for batch in chosen for instance in batch.instances])}")


if __name__ == "__main__":
    main(*sys.argv[1:])
