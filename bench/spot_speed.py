"""spot_speed: CPU cost of the referee of `spot_single_region` alone: 1,080 games, the optimum, the synthetic windows.

    ADRS_DATA=... python bench/spot_speed.py      # real windows; without ADRS_DATA synthetic ones of the same number

CPU seconds of this process; the policy is played without a sandbox and its time is taken out.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from adrs.tasks.spot.rules import Codes
from adrs.tasks.spot.simulator import Moment
from adrs.tasks.spot_single_region.optimum import optimal_costs
from adrs.tasks.spot_single_region.reference import uniform_progress
from adrs.tasks.spot_single_region.simulator import play
from adrs.tasks.spot_single_region.task import SpotSingleRegion
from adrs.tasks.spot_single_region.windows import together


def cpu(what: Callable[[], object]) -> float:
    """CPU seconds of one call."""
    began = time.process_time()
    what()
    return time.process_time() - began


def main() -> None:
    data = "real" if os.environ.get("ADRS_DATA") else "synthetic"
    task = SpotSingleRegion(data="real" if data == "real" else "synthetic")
    print(f"{data}: loading {1e3 * cpu(task.workloads):.0f} ms")
    windows = [workload.data for workload in task.workloads() if workload.split == "test"]
    games = together(windows)

    spent, decisions = [0.0], [0]

    def policy(moment: Moment) -> Codes:
        began = time.process_time()
        answer = uniform_progress(moment)
        spent[0] += time.process_time() - began
        decisions[0] += len(moment.who)
        return answer

    whole = cpu(lambda: play(games, policy))
    print(f"simulator: {len(games.trace)} games, {decisions[0]} decisions, {1e3 * (whole - spent[0]):.0f} ms")
    traces = [up for window in windows for up in window.up]
    optimum_s = cpu(lambda: [optimal_costs(up, (187200.0, 252000.0), (72.0, 180.0, 360.0)) for up in traces])
    print(f"optimum: {len(traces)} traces, {1e3 * optimum_s / len(traces):.2f} ms a trace")


if __name__ == "__main__":
    main()
