"""overhead: what adrs itself costs: trials a second, the sandbox and its layers, bytes a trial, and how all grows with a store.

    python bench/overhead.py            about two minutes; prints four tables
    python bench/overhead.py --quick    smaller stores, fewer repeats

Machines differ: costs are also given as ratios to a reference measured in the same run, a fresh Python interpreter that
imports numpy and ends, which is what an evaluation costs at least where every candidate gets a process of its own.
"""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from trivial_task import Counting, Trivial

from adrs.catalog import make_part
from adrs.core.budget import Budget, Limits
from adrs.core.parts import Bar, Evaluator
from adrs.core.storage import StoredRun
from adrs.core.task import Verdict
from adrs.core.trial import Candidate, Evaluation, Outcome
from adrs.evaluator.executors.local import LocalExecutor
from adrs.evaluator.games import Games, GameSettings
from adrs.evaluator.stages import Stages
from adrs.loop import Parts, search
from adrs.sandbox import wire
from adrs.sandbox.isolation import Sandbox, SandboxOptions
from adrs.sandbox.layers import ALL_LAYERS, LANDLOCK, RLIMITS, SECCOMP
from adrs.stores.sql import SqlStore, open_store

TASK = str(Path(__file__).with_name("trivial_task.py"))
SOURCE = "\n".join(f"def function_{number}(x):\n    return x + {number}" for number in range(40))
"""About 2 kB of program for the stored trials."""


class Free(Evaluator):
    """Every program is worth 1, at once."""

    def bar(self) -> Bar:
        return Bar()

    def evaluate(self, candidate: Candidate, bar: Bar) -> Evaluation:
        del candidate, bar
        return Evaluation(score=1.0, outcomes=(Outcome("one", "train", Verdict(1.0)),))


def timed(act: Callable[[], object], repeats: int) -> tuple[float, float]:
    """Median and 95th percentile of `act`, in seconds."""
    seconds = []
    for _ in range(repeats):
        began = time.perf_counter()
        act()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds), statistics.quantiles(seconds, n=20)[18]


def run_of(database: SqlStore, name: str) -> StoredRun:
    run = database.create_run(name, {"task": "trivial"}, "", "00")
    run.add_event("started")
    return run


def trials_a_second(database: SqlStore, count: int, workers: int) -> None:
    task = Trivial()
    print(f"\n1. Trials a second: zero-cost generator, trivial task, SQLite store, {count} trials")
    with LocalExecutor(workers) as executor:
        evaluators = {
            "loop, selector, prompt and store alone": (Free(), 1),
            "with referee and sandbox, width 1": (Stages(Games(task, GameSettings(TASK, {}), executor)), 1),
            f"with referee and sandbox, width {workers}": (Stages(Games(task, GameSettings(TASK, {}), executor)), workers),
        }
        for name, (evaluator, width) in evaluators.items():
            storage = run_of(database, "")
            selector, prompts = make_part("selector", "tournament", task), make_part("prompts", "improve", task)
            parts = Parts(selector, prompts, Counting(), evaluator, storage, Budget(Limits(trials=count)))
            warm = evaluator.evaluate(Candidate(task.seed), Bar())
            assert warm.complete
            began = time.perf_counter()
            search(task, parts, [Candidate(task.seed, phase="seed")], 0, width)
            print(f"   {name:42} {count / (time.perf_counter() - began):8.0f} /s")


def sandbox_layers(repeats: int, reference: float) -> None:
    print("\n2. One evaluation in the sandbox: fork, lock down, load, one call, kill (milliseconds)")
    print(f"   {'layers':42} {'median':>8} {'p95':>8}   ratio to the reference")
    for options, masks in (
        (SandboxOptions(), (("all layers", ALL_LAYERS),)),
        (
            SandboxOptions(without=frozenset({"bwrap"})),
            (
                ("all but bwrap", ALL_LAYERS),
                ("rlimits alone", RLIMITS),
                ("Landlock alone", LANDLOCK),
                ("seccomp alone", SECCOMP),
                ("none", 0),
            ),
        ),
    ):
        began = time.perf_counter()
        sandbox = Sandbox(options)
        started = time.perf_counter() - began
        for name, mask in masks:
            median, p95 = timed(partial(_evaluate, sandbox, mask), repeats)
            print(f"   {name:42} {1e3 * median:8.2f} {1e3 * p95:8.2f}   {median / reference:.4f}")
        print(f"   {'start of this zygote, probes included':42} {1e3 * started:8.0f}            {started / reference:.2f}")
        sandbox.close()


def _evaluate(sandbox: Sandbox, mask: int) -> None:
    process = sandbox.process(512, 30.0, mask)
    for request in (("load", 1000, Trivial.seed, "", 0, False), ("call", 1000, "answer", [1])):
        process.post(wire.encode(request))
        process.collect(2.0, 1000)
    process.close()


def stores(folder: str, sizes: list[int]) -> None:
    print("\n3. Stores: 2 kB of program and 10 workloads a trial")
    print(f"   {'trials':>8} {'bytes a trial':>14} {'open, ms':>10} {'replay, s':>10} {'ask, µs':>10} {'append, µs':>11}")
    rng = random.Random(0)
    for size in sizes:
        path = Path(folder, f"store-{size}.db")
        database = open_store(f"sqlite:///{path}")
        row = run_of(database, "big")
        storage = row
        empty = path.stat().st_size
        began = time.perf_counter()
        for number in range(size):
            storage.append(
                Candidate(f"{SOURCE}\n# {number}\n", (0,), author="offline", operators=("const",)),
                evaluation(rng),
                number,
                number,
            )
        appended = time.perf_counter() - began
        database.close()
        bytes_a_trial = (sum(each.stat().st_size for each in Path(folder).glob(f"store-{size}.db*")) - empty) / size
        opened, _ = timed(partial(_open, path), 5)
        database = open_store(f"sqlite:///{path}")
        selector = make_part("selector", "tournament", Trivial())
        began = time.perf_counter()
        for trial in database.run("big").trials():
            selector.tell(trial)
        replayed = time.perf_counter() - began
        asked, _ = timed(partial(selector.ask, rng), 200)
        print(
            f"   {size:8} {bytes_a_trial:14.0f} {1e3 * opened:10.2f} {replayed:10.2f} {1e6 * asked:10.1f} "
            f"{1e6 * appended / size:11.0f}"
        )
        database.close()


def evaluation(rng: random.Random) -> Evaluation:
    """As large as one of the spot task."""
    metrics = {name: rng.random() for name in "cost optimum uniform share preemptions score gap late games".split()}
    outcomes = tuple(Outcome(f"window-{number}", "train", Verdict(rng.random(), metrics, "idle " * 40)) for number in range(10))
    return Evaluation(score=rng.random(), outcomes=outcomes, isolation=("full", "seccomp 2.5.5", "landlock abi 7"))


def _open(path: Path) -> None:
    database = open_store(f"sqlite:///{path}")
    database.run("last").state()
    database.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    command = [sys.executable, "-c", "import numpy"]
    reference, _ = timed(lambda: subprocess.run(command, check=True), 9)
    print(f"reference: a fresh interpreter that imports numpy: {1e3 * reference:.0f} ms")
    with tempfile.TemporaryDirectory() as folder:
        database = open_store(f"sqlite:///{folder}/overhead.db")
        trials_a_second(database, 200 if quick else 1000, workers=2)
        database.close()
        sandbox_layers(50 if quick else 300, reference)
        stores(folder, [100, 1000] if quick else [100, 10_000, 100_000])


if __name__ == "__main__":
    main()
