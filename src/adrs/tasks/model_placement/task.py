"""task: Prism's placement of models on GPUs by KV-cache pressure: the statement and the referee."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Literal

import numpy as np

from adrs.core.failure import Foul, Refusal
from adrs.core.task import Player, Task, Verdict, Workload
from adrs.tasks.cache import Numbers, digest
from adrs.tasks.model_placement import splits
from adrs.tasks.model_placement.feedback import feedback
from adrs.tasks.model_placement.instance import Instance
from adrs.tasks.model_placement.picture import picture
from adrs.tasks.model_placement.score import BOUND, GREEDY, LOCAL_SEARCH, points, references
from adrs.tasks.model_placement.splits import Batch
from adrs.tasks.model_placement.synthetic import FAMILIES, Family
from adrs.tasks.options import checked_seeds
from adrs.tasks.scale import share

Variant = Literal["all", "two_per_gpu", "three_per_gpu", "mixed_memory", "migration", "drift"]
Rules = Literal["clean", "leaderboard"]
Size = Literal["small", "large"]
SCALES: dict[Size, int] = {"small": 1, "large": 2}


class ModelPlacement(Task[Batch]):
    """Place language models on GPUs so that no GPU has too many requests for the memory that its models leave to KV caches.

    THE PROBLEM. GPU j has `memory_gb[j]` GB. Model i takes `size_gb` GB for its weights, gets `req_rate` requests a second and
    has the latency target `slo` (5 to 9; smaller is stricter). Every model goes on exactly one GPU; several may share one. The
    memory that the models on a GPU leave free holds the KV caches of their requests, so the PRESSURE of a GPU is

        sum of req_rate / slo over its models, divided by (memory_gb - sum of size_gb over its models).

    An empty GPU has pressure 0; one whose models fill its memory exactly has 1,000,000. Models whose sizes exceed the
    memory must not share a GPU.

    THE COST of a placement is the LARGEST pressure of all GPUs, plus `move_cost` for every GB of a model that is placed on
    another GPU than its present one (`gpu`). Keep the cost low.

    FIVE KINDS of instances, 8 to 20 models each. (1) two_per_gpu: 5 to 9 GPUs of 80 GB, two models of 10 to 29 GB for each;
    moving is free. (2) three_per_gpu: 4 to 6 GPUs, three models of 8 to 25 GB for each. (3) mixed_memory: 4 or 5 GPUs of 48,
    80 and 141 GB, models of 12 to 33 GB. (4) migration: 4 or 5 GPUs, three models for each, placed well for other rates;
    moving has a cost. (5) drift: the same, but `req_rate` is the rate of the epoch that has just ended, `history` those of
    the eleven epochs before it, oldest first, and the placement is scored with the rates of the NEXT epoch, which are
    unknown. Some models are steady, some grow or fade, some go up and down with a period, some come in bursts. In kinds 1 to 4
    `history` is empty, and `req_rate` is what counts.

    YOUR PROGRAM defines `place`, called once an instance; see the interface. It has 2 CPU seconds for a call. Any search is
    allowed; `random` is seeded.

    SCORE, per workload (instances of one kind): (C_stay - C) / (C_stay - C_min) with mean costs over its instances. C_stay
    leaves every model where it is (in kinds 1 and 2 that is round robin), C_min is the cost of the best placement, knowing the
    next epoch. 0 is staying, 1 the optimum; below 0 it is worse than doing nothing.

    FOULS. An exception, a time-out, an answer that is not one GPU number (an int from 0) for each model in the order of
    `models`, or a GPU whose models need more than its memory ends the whole workload. Instances are independent.

    EXAMPLE. Two GPUs of 80 GB; models A: 20 GB, 6 req/s, slo 6; B: 30 GB, 2 req/s, slo 5; C: 10 GB, 9 req/s, slo 9. `[0, 1, 1]`
    puts A alone on GPU 0, pressure 1 / 60 = 0.01667, B and C on GPU 1, (0.4 + 1) / 40 = 0.035: the cost is 0.035. `[0, 1, 0]`
    gives (1 + 1) / 50 = 0.04. With move_cost = 0.0005 and C on GPU 0 now, the first costs 0.035 + 10 * 0.0005 = 0.04 as well.

    Args:
        variant: "all": workloads of all five kinds; or the name of one kind, with three times as many workloads of it.
        rules: "clean", or "leaderboard": two_per_gpu only, scored by the points of the public evaluator as a share of the
            optimum's points; the test split is its fifty instances.
        data_seed: selects the instances of train.
        held_out_seed: the same for validation and test; none: data_seed. A run draws its own, which stays secret.
        size: "small", or "large": twice as many GPUs in kinds 1 to 3 (up to 18, and 38 models), where the bound is not always
            exact; all kinds are drawn anew.
    """

    interface = '''
def place(memory_gb: list[int], models: list[dict], move_cost: float) -> list[int]:
    """The GPU of each model: placement[i] is the position in memory_gb of the GPU that models[i] goes on.

    memory_gb: GB of each GPU.
    models: {"size_gb": int, "req_rate": int (requests a second), "slo": int (latency target, 5 to 9), "gpu": int (where it is
        now), "history": list of int (requests a second in earlier epochs, oldest first; [] where rates do not change)}.
    move_cost: cost of each GB of a model that goes on another GPU than its "gpu"; 0.0 where moving is free.
    """
'''
    seconds = 2.0
    player_seconds = 45.0
    bound = 1.0

    def __init__(
        self,
        *,
        variant: Variant = "all",
        rules: Rules = "clean",
        data_seed: int = 0,
        held_out_seed: int | None = None,
        size: Size = "small",
    ) -> None:
        self.data_seed, self.held_out_seed = checked_seeds(data_seed, held_out_seed)
        self.published_test = rules == "leaderboard"
        if rules == "leaderboard" and (variant not in ("all", "two_per_gpu") or size != "small"):
            raise Refusal("rules=leaderboard knows two_per_gpu and size=small only: leave variant and size out")
        self.families: tuple[Family, ...] = tuple(FAMILIES) if variant == "all" else (variant,)
        self.rules = rules
        self.scale = SCALES[size]
        self.state_of_the_art = "kvpr_greedy" if rules == "leaderboard" else "local_search"
        self._known: dict[str, Numbers] = {}

    def workloads(self) -> Sequence[Workload[Batch]]:
        return self._workloads

    @cached_property
    def _workloads(self) -> tuple[Workload[Batch], ...]:
        if self.rules == "leaderboard":
            return tuple(splits.leaderboard(self.seed_of))
        return tuple(splits.synthetic(self.families, self.seed_of, self.scale))

    def picture(self) -> str:
        return picture([i for workload in self._workloads if workload.split == "train" for i in workload.data.instances][:18])

    def fingerprint(self) -> str:
        return digest(self.rules, *(part for w in self._workloads for part in (w.name, w.split, w.data.digest)))

    def judge(self, player: Player, workload: Workload[Batch]) -> Verdict:
        instances = workload.data.instances
        placements = []
        for number, instance in enumerate(instances):
            answer = player.call("place", *instance.shown, expect=list[int])
            _check(instance, answer, number)
            placements.append(answer)
        return self._verdict(workload.data, placements)

    def summary(self, verdicts: Sequence[Verdict]) -> dict[str, float]:
        """Means over all instances of a split (its workloads have equally many), and derived metrics."""
        means = super().summary(verdicts)
        reference = means["cost_greedy" if self.rules == "leaderboard" else "cost_local_search"]
        means["gap_closed"] = share(reference, means["cost"], means["cost_bound"])
        if self.rules == "leaderboard":
            means["skydiscover_score"] = 1 / means["cost"] + 1
        return means

    def _verdict(self, batch: Batch, placements: Sequence[Sequence[int]]) -> Verdict:
        if batch.digest not in self._known:
            self._known[batch.digest] = references(batch)
        rows = self._known[batch.digest]
        pairs = list(zip(batch.instances, placements, strict=True))
        costs = [instance.cost(placement) for instance, placement in pairs]
        stay, cost = _mean([instance.cost(instance.stay) for instance in batch.instances]), _mean(costs)
        least, greedy, local = (_mean(rows[row].tolist()) for row in (BOUND, GREEDY, LOCAL_SEARCH))
        metrics = {
            "cost": cost,
            "cost_stay": stay,
            "cost_greedy": greedy,
            "cost_local_search": local,
            "cost_bound": least,
            "pressure": _mean([max(instance.pressures(placement)) for instance, placement in pairs]),
            "moved_share": _mean([instance.moved_gb(placement) / sum(instance.sizes) for instance, placement in pairs]),
            "optimal_share": float(np.mean(np.array(costs) <= rows[BOUND] + 1e-9)),
            "gap_closed": share(greedy if self.rules == "leaderboard" else local, cost, least),
        }
        score = share(stay, cost, least)
        if self.rules == "leaderboard":
            metrics["leaderboard_score"] = _mean([points(i, x) for i, x in zip(batch.instances, costs, strict=True)])
            metrics["leaderboard_optimum"] = _mean(
                [points(i, x) for i, x in zip(batch.instances, rows[BOUND].tolist(), strict=True)]
            )
            score = metrics["leaderboard_score"] / metrics["leaderboard_optimum"]
        return Verdict(score, metrics, feedback(batch.instances, placements, rows[BOUND].tolist()))


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _check(instance: Instance, answer: Sequence[int], number: int) -> None:
    """Check that an answer is a placement.

    Raises:
        Foul: `illegal_answer`, naming the instance and what is wrong with it.
    """
    models, gpus = len(instance.models), len(instance.memory_gb)
    if len(answer) != models:
        raise Foul("illegal_answer", f"instance {number}: {len(answer)} GPUs for {models} models; give one for each")
    for at, gpu in enumerate(answer):
        if not 0 <= gpu < gpus:
            raise Foul("illegal_answer", f"instance {number}: model {at} goes on GPU {gpu}; there are GPUs 0 to {gpus - 1}")
    for gpu, (used, memory) in enumerate(zip(instance.used(answer), instance.memory_gb, strict=True)):
        if used > memory:
            raise Foul("illegal_answer", f"instance {number}: the models on GPU {gpu} need {used} GB of its {memory} GB")
