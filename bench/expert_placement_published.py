"""expert_placement_published: every program of the task on the two series that published programs were measured on here.

Prints mean balances and CPU milliseconds a call in this process, without a sandbox. The series are made from their seeds.
"""

from __future__ import annotations

import sys
import time

import numpy as np

from adrs.catalog import load_task
from adrs.tasks.expert_placement import kit
from adrs.tasks.expert_placement.score import balances, leaderboard_score, slot_balances
from adrs.tasks.expert_placement.simulator import check
from adrs.tasks.expert_placement.synthetic import LARGE, SMALL, series

SEEDS = ((LARGE, 20260101), (SMALL, 20260201))


def main() -> None:
    task = load_task("expert_placement")
    sys.modules["kit"] = kit  # programs import it by this name
    for model, seed in SEEDS:
        made = series(model, seed)
        shown, following = range(made.pairs), range(1, made.pairs + 1)
        print(f"{model.layers} x {model.experts}: forecast, slot forecast, fit, CPU ms a call, leaderboard score")
        for name, source in sorted({**task.baselines, "seed": task.seed, "offline seed": task.offline_seed}.items()):
            names: dict[str, object] = {}
            exec(source, names)
            place = names["rebalance_experts"]
            assert callable(place)
            cluster = made.cluster
            began = time.process_time()
            placed = [place(made.load[at].copy(), cluster.slots, cluster.groups, cluster.nodes, cluster.gpus) for at in shown]
            seconds = (time.process_time() - began) / made.pairs
            for each in placed:
                check(each, model.experts)
            found = [np.mean(values) for values in (balances(made, following, placed), slot_balances(made, following, placed))]
            fit = np.mean(balances(made, shown, placed))
            points = leaderboard_score(float(found[0]), seconds)
            print(f"  {name:24}{found[0]:.5f}  {found[1]:.5f}  {fit:.5f}  {seconds * 1e3:8.2f}  {points:.2f}")


if __name__ == "__main__":
    main()
