"""multi_region_speed: CPU cost of the referee of `spot_multi_region` alone: a stage of games, the optimum, the windows.

    ADRS_DATA=... python bench/multi_region_speed.py      # real windows; without ADRS_DATA synthetic ones

CPU seconds of this process; the policy is Uniform Progress with any region, vectorised, and its time is taken out.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from adrs.tasks.spot.rules import Codes, Ints
from adrs.tasks.spot_multi_region.optimum import market, optimal_cost
from adrs.tasks.spot_multi_region.reference import uniform_progress_any_region
from adrs.tasks.spot_multi_region.simulator import Moment, play
from adrs.tasks.spot_multi_region.task import SpotMultiRegion
from adrs.tasks.spot_multi_region.windows import together


def cpu(what: Callable[[], object]) -> float:
    """CPU seconds of one call."""
    began = time.process_time()
    what()
    return time.process_time() - began


def main() -> None:
    task = SpotMultiRegion(data="real" if os.environ.get("ADRS_DATA") else "synthetic")
    print(f"{task.data}: loading {1e3 * cpu(task.workloads):.0f} ms")
    for split in ("train", "test"):
        windows = [workload.data for workload in task.workloads() if workload.split == split]
        games = together(windows)
        spent, decisions = [0.0], [0]

        def policy(moment: Moment, spent: list[float] = spent, decisions: list[int] = decisions) -> tuple[Ints, Codes]:
            began = time.process_time()
            answer = uniform_progress_any_region(moment)
            spent[0] += time.process_time() - began
            decisions[0] += len(moment.who)
            return answer

        whole = cpu(lambda games=games, policy=policy: play(games, policy))  # type: ignore[misc]
        offers = [
            (market(window.up[rows].T, window.price[rows].T, "clean"), game.deadline_h * 3600, game.restart_h * 3600)
            for window in windows
            for game in window.games
            for rows in [window.traces(game.zones)]
        ]
        optimum_s = cpu(lambda offers=offers: [optimal_cost(*each) for each in offers])  # type: ignore[misc]
        print(f"{split}: {len(offers)} games, {decisions[0]} decisions, simulator {1e3 * (whole - spent[0]):.0f} ms", end="; ")
        print(f"optimum {1e3 * optimum_s / len(offers):.1f} ms a game")


if __name__ == "__main__":
    main()
