"""sandbox_crews: what it costs to play the 1,080 leaderboard games of `spot_single_region` with the candidate in the sandbox.

    ADRS_DATA=... python bench/sandbox_crews.py            # real windows; without ADRS_DATA synthetic ones
    ADRS_DATA=... python bench/sandbox_crews.py --repeats 5

CPU seconds of the referee and of the players, all layers on, a fresh process for every crew; the median run is shown. Tables:
the play alone under each level, then what the canary adds. Loading the task and starting the zygote are not in it.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import time
from dataclasses import dataclass

from adrs.catalog import load_task
from adrs.core.task import Task, Workload
from adrs.sandbox.canary import Watch
from adrs.sandbox.isolation import Sandbox, SandboxOptions
from adrs.sandbox.player import PlayerLimits, SandboxPlayer

LEVELS = {"full": SandboxOptions(), "standard": SandboxOptions(without=frozenset({"bwrap"}))}
MOST_CPU = 3.0
"""CPU seconds that the play may take, referee and players together."""


@dataclass(frozen=True)
class Cost:
    """CPU seconds of both sides, wall seconds, processes, and the outcome."""

    referee: float
    players: float
    wall: float
    processes: int
    games: int
    mean_cost: float

    @property
    def both(self) -> float:
        return self.referee + self.players


def play(task: Task[object], workloads: list[Workload[object]], sandbox: Sandbox, watch: Watch) -> Cost:
    limits = PlayerLimits(
        task.seconds, task.player_seconds, task.memory_mb, task.answer_bytes, "bench", watch, "secret of the bench"
    )
    player = SandboxPlayer(sandbox, task.baselines["greedy"], task.kit, limits)
    began, used = time.perf_counter(), time.process_time()
    verdicts = task.judge_together(player, workloads)
    player.check_channels()
    player.check_crews()
    referee, players = time.process_time() - used, player.cpu_seconds
    processes = len(player._seats)
    player.close()
    summary = task.summary(verdicts)
    return Cost(referee, players, time.perf_counter() - began, processes, int(summary["games"]), summary["cost"])


def median_of(runs: list[Cost]) -> Cost:
    middle = statistics.median_low(run.both for run in runs)
    return next(run for run in runs if run.both == middle)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3)
    repeats = parser.parse_args().repeats
    data = "real" if os.environ.get("ADRS_DATA") else "synthetic"
    task = load_task("spot_single_region", {"data": data})
    workloads = [workload for workload in task.workloads() if workload.split == "test"]
    print(f"{data} windows, {len(workloads)} workloads, the baseline greedy")
    print(
        f"{'level':10} {'canary':8} {'games':>6} {'processes':>9} {'referee':>8} {'players':>8} {'both':>6} {'wall':>6}"
        "   mean cost"
    )
    for level, options in LEVELS.items():
        sandbox = Sandbox(options)
        if sandbox.layers.level != level:
            print(f"{level:10} not on this machine: {sandbox.layers.off}")
            sandbox.close()
            continue
        play(task, workloads, sandbox, "none")  # references of the windows are computed once
        watches: tuple[Watch, ...] = ("none", "few", "crew") if level == "full" else ("none",)
        for watch in watches:
            cost = median_of([play(task, workloads, sandbox, watch) for _ in range(repeats)])
            print(
                f"{level:10} {watch:8} {cost.games:6} {cost.processes:9} {cost.referee:8.2f} {cost.players:8.2f} "
                f"{cost.both:6.2f} {cost.wall:6.2f}   {cost.mean_cost:.4f}"
                + (" over the bound" if watch == "none" and cost.both > MOST_CPU else "")
            )
        sandbox.close()
    print(f"peak memory of the referee: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MiB")


if __name__ == "__main__":
    main()
