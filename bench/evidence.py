"""evidence: how often the interval of `adrs verify` misses the true difference, and how often equal programs count as better.

python bench/evidence.py             # coverage by size and shape of the differences (a minute)
python bench/evidence.py --tasks     # 400 decisions between equal programs on each task (not run yet)
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from adrs import catalog
from adrs.analysis import paired_difference
from adrs.runs.verification import evaluate

Floats = NDArray[np.float64]
SIZES = (6, 8, 10, 12, 16, 20, 30, 48)
REPEATS = 1_000
DECISIONS = 400
SEEDS = 4
"""Held-out seeds per task from which the differences of two programs are taken."""


def shapes() -> dict[str, Callable[[np.random.Generator, tuple[int, int]], Floats]]:
    """Differences of true mean 0, by shape."""
    return {
        "normal": lambda rng, size: rng.standard_normal(size),
        "skewed (exponential)": lambda rng, size: rng.exponential(size=size) - 1,
        "heavy tails (t, 3 degrees)": lambda rng, size: rng.standard_t(3, size),
        "half of them 0": lambda rng, size: rng.standard_normal(size) * (rng.random(size) < 0.5),
        "one in five large": lambda rng, size: (rng.random(size) < 0.2) - 0.2 + 0.01 * rng.standard_normal(size),
    }


def decided(differences: Floats, kinds: dict[str, str] | None = None) -> tuple[float, float]:
    """(share of rows whose interval misses 0, share that counts as better)."""
    zeros = {f"w{at}": 0.0 for at in range(differences.shape[1])}
    found = [paired_difference({f"w{at}": float(x) for at, x in enumerate(row)}, zeros, kinds) for row in differences]
    missed = [each.low is not None and each.high is not None and not each.low <= 0 <= each.high for each in found]
    return float(np.mean(missed)), float(np.mean([each.sure for each in found]))


def coverage() -> Iterator[tuple[str, int, float, float]]:
    for shape, draw in shapes().items():
        for size in SIZES:
            yield shape, size, *decided(draw(np.random.default_rng((size, 1)), (REPEATS, size)))
    for each in (2, 3, 4):
        rng = np.random.default_rng((each, 2))
        offsets = np.repeat(np.linspace(-1, 1, 6), each)
        kinds = {f"w{at}": f"kind{at // each}" for at in range(6 * each)}
        drawn = offsets + 0.2 * rng.standard_normal((REPEATS, 6 * each))
        yield f"6 kinds of {each}, stratified", 6 * each, *decided(drawn, kinds)
        yield f"6 kinds of {each}, as one heap", 6 * each, *decided(drawn)


def equal_programs(name: str) -> tuple[int, float, float]:
    """Workloads of a verdict, and the error rates on differences of the task's best two baselines, centred to equal means."""
    task = catalog.load_task(name)
    pool: dict[str, list[float]] = {}
    kinds: dict[str, str] = {}
    ranked = [task.state_of_the_art, *(each for each in task.baselines if each != task.state_of_the_art)][:2]
    for seed in range(1, SEEDS + 1):
        played = [_scores(name, {"held_out_seed": 2**40 + seed}, task.baselines[program]) for program in ranked]
        for workload, kind in _test(name).items():
            kinds[workload] = kind
            pool.setdefault(kind, []).append(played[0][workload] - played[1][workload])
    centred = {kind: np.array(values) - np.mean(values) for kind, values in pool.items()}
    rng = np.random.default_rng(0)
    drawn = np.stack([rng.choice(centred[kind], DECISIONS) for kind in kinds.values()], axis=1)
    return len(kinds), *decided(drawn, {f"w{at}": kind for at, kind in enumerate(kinds.values())})


def _test(name: str) -> dict[str, str]:
    return {each.name: each.kind for each in catalog.load_task(name).workloads() if each.split == "test"}


def _scores(name: str, options: dict[str, Any], source: str) -> dict[str, float]:
    document = evaluate(name, options, source, ("test",), workers=2)
    return {each["workload"]: each["score"] for each in document["splits"]["test"]["verdicts"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", action="store_true", help="decisions between equal programs on each task")
    if parser.parse_args().tasks:
        print("| task | test workloads | interval misses 0 | counts as better |\n| --- | --- | --- | --- |")
        for name in catalog.task_names():
            many, missed, better = equal_programs(name)
            print(f"| {name} | {many} | {missed:.1%} | {better:.1%} |", flush=True)
        return
    print("| differences | workloads | interval misses 0 | counts as better |\n| --- | --- | --- | --- |")
    for shape, size, missed, better in coverage():
        print(f"| {shape} | {size} | {missed:.1%} | {better:.1%} |", flush=True)


if __name__ == "__main__":
    main()
