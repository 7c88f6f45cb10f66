"""task: expert placement: the statement and the referee."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Literal

import numpy as np

from adrs.core.failure import Refusal
from adrs.core.task import Array, Player, Task, Verdict, Workload
from adrs.tasks.cache import digest
from adrs.tasks.expert_placement import real, splits
from adrs.tasks.expert_placement.feedback import feedback
from adrs.tasks.expert_placement.picture import picture
from adrs.tasks.expert_placement.relabelling import calls
from adrs.tasks.expert_placement.score import (
    SPEED_SHARE,
    Marks,
    Objective,
    balances,
    leaderboard_score,
    marks,
    slot_balances,
    slowness,
)
from adrs.tasks.expert_placement.series import Ints, Series
from adrs.tasks.expert_placement.simulator import check
from adrs.tasks.options import checked_seeds
from adrs.tasks.scale import share

REFERENCE = "zigzag_global"
"""The baseline whose run time others are compared with."""


class ExpertPlacement(Task[Series]):
    """Place replicas of a mixture-of-experts model's experts on GPUs so that all GPUs are equally busy.

    THE PROBLEM. Each layer of a model has E experts, and tokens are routed to them very unevenly. A cluster has more slots than
    experts (say 288 for 256), equally many on each GPU, so that hot experts can have several replicas; the tokens of an expert
    are split evenly over its replicas. A layer is done when its fullest GPU is done. From time to time the placement is
    renewed: you see how many tokens each expert got in the window of time that has just ended, and choose the expert that each
    slot holds from now on. Layers are independent.

    YOUR PROGRAM defines rebalance_experts, which is called once for each window, in order of time; see the interface. It
    returns only the map from physical slots to logical experts: an int64 array of shape (layers, num_replicas). Slot p lies on
    GPU p // (num_replicas / num_gpus), so the slots of a GPU lie side by side, and the GPUs of a node. The referee counts
    replicas. Groups and nodes are given because they matter to routers; the score ignores them. Do not rely on fixed numbers:
    there are several models and clusters.

    `from kit import replicate, pack, zigzag, arrange, place, place_by_node, exchange` gives you the usual steps in numpy. They
    balance the window that was shown nearly perfectly; they do not forecast. Using them is optional.

    SCORE. With a placement, each GPU gets the tokens of its slots. The balance of a window is (mean over GPUs, summed over
    layers) / (maximum over GPUs, summed over layers): 1 is perfect. There are two metrics: `fit` is the balance on the window
    that you were shown, `forecast` that on the window after, which is what matters to a service. The score of a series of
    windows is (B - B_blind) / (B_bound - B_blind), where B is the mean forecast over its windows (the mean fit with
    objective=fit), B_blind that of a placement that takes all loads as equal, and B_bound an upper bound by counting, which is
    nearly reached only with the next window known. Loads drift from window to window, and sometimes jump. With timed play,
    slowness lowers the score as well.

    FOULS. An exception, a time-out (5 CPU seconds a call, 60 a series), an array of another type or shape, a number that is not
    an expert, or a layer in which an expert has no slot. Memory between calls is allowed (earlier windows of the same series
    are fair); in timed play experts get new numbers before each call, so it does not help there.

    EXAMPLE. One layer, 3 experts with 60, 30 and 10 tokens, 4 slots on 2 GPUs. [[0, 1, 0, 2]] gives expert 0 two replicas of
    30 tokens; GPU 0 has 30 + 30, GPU 1 has 30 + 10, so the fit is 50 / 60 = 0.833. If 40, 50 and 10 tokens come next, the
    GPUs get 20 + 50 and 20 + 10, and the forecast is 50 / 70 = 0.714. [[0, 0, 1, 2]] has the same fit, 50 / 60, and then a
    forecast of 50 / 60.

    Args:
        data: "synthetic": made-up services that drift and jump like a measured one. "real": a measured one, split by time.
        rules: "clean", or "leaderboard": balance and run time are weighted as on the public leaderboard, timed play is on, and
            with data=real the test is all of the measured windows, while train and validation are synthetic.
        objective: "forecast": the score is the balance on the next window; "fit": on the window that was shown.
        size: "small": 24 layers a synthetic model, quick to play; "large": all 24 or 58 of them.
        data_seed: selects the synthetic series of train.
        held_out_seed: the same for validation and test; none: data_seed. A run draws its own, which stays secret.
        timed: whether run time is part of the score.
        torch: whether programs may use torch in addition to numpy; needs the extra torch.
    """

    interface = '''
def rebalance_experts(weight, num_replicas: int, num_groups: int, num_nodes: int, num_gpus: int):
    """The expert in each physical slot, for every layer: numpy int64 array of shape (layers, num_replicas).

    weight: numpy int64 array (layers, experts), tokens of each logical expert in the window that has just ended.
    num_replicas: slots of a layer, at least as many as experts; slot p lies on GPU p // (num_replicas // num_gpus).
    num_groups: of experts; the experts of a group have consecutive numbers.
    num_nodes, num_gpus: machines, and GPUs in all; the GPUs of a node have consecutive numbers.
    """
'''
    bound = 1.0
    state_of_the_art = "deepseek_global"
    sources = (real.SOURCE,)
    seconds = 5.0
    player_seconds = 60.0

    def __init__(
        self,
        *,
        data: Literal["synthetic", "real"] = "synthetic",
        rules: Literal["clean", "leaderboard"] = "clean",
        objective: Objective = "forecast",
        size: splits.Size = "small",
        data_seed: int = 0,
        held_out_seed: int | None = None,
        timed: bool = False,
        torch: bool = False,
    ) -> None:
        self.data_seed, self.held_out_seed = checked_seeds(data_seed, held_out_seed)
        self.published_test = data == "real"
        if rules == "leaderboard" and objective == "fit":
            raise Refusal("rules=leaderboard scores the next window: leave objective=fit out")
        self.data = data
        self.rules = rules
        self.objective: Objective = objective
        self.size: splits.Size = size
        self.timed = timed or rules == "leaderboard"
        if torch:
            self.packages = ("torch",)
            self.memory_mb = 2048
        self._known: dict[str, Marks] = {}

    def workloads(self) -> Sequence[Workload[Series]]:
        return self._workloads

    @cached_property
    def _workloads(self) -> tuple[Workload[Series], ...]:
        if self.data == "synthetic":
            return tuple(splits.synthetic_series(self.seed_of, self.size))
        if self.rules == "leaderboard":
            return tuple(splits.leaderboard_series(self.seed_of, self.size))
        return tuple(splits.real_series())

    def picture(self) -> str:
        return picture([workload.data for workload in self._workloads if workload.split == "train"][-1])

    def fingerprint(self) -> str:
        return digest(*(part for w in self._workloads for part in (w.name, w.split, w.data.digest)))

    def judge(self, player: Player, workload: Workload[Series]) -> Verdict:
        series = workload.data
        if self.timed:
            return self._judge_timed(player, series)
        placements = [self._placed(player, series, window) for window in range(series.pairs)]
        return self._verdict(series, list(range(series.pairs)), placements, None)

    def summary(self, verdicts: Sequence[Verdict]) -> dict[str, float]:
        """Means over series, and derived metrics."""
        means = super().summary(verdicts)
        return {**means, "gap_closed": share(means["deepseek_global"], means[self.objective], means["bound"], "higher") + 0.0}

    def _placed(self, player: Player, series: Series, window: int) -> Ints:
        """The placement for the window after `window`, which the player has not seen yet."""
        answer: Ints = player.call("rebalance_experts", *_arguments(series, series.load[window]), expect=_expected(series))
        check(answer, series.load.shape[2])
        return answer

    def _judge_timed(self, player: Player, series: Series) -> Verdict:
        asked = list(calls(series))
        variants = [_arguments(series, call.load) for call in asked]
        timing = player.timed("rebalance_experts", variants, _expected(series), self.baselines[REFERENCE])
        placements: list[Ints] = []
        for call, answer in zip(asked, timing.answers, strict=True):
            check(answer, series.load.shape[2])
            placements.append(call.translated(answer))
        times = statistics.fmean(timing.calls), statistics.fmean(timing.reference_calls)
        return self._verdict(series, [call.window for call in asked], placements, times)

    def _verdict(self, series: Series, windows: list[int], placements: list[Ints], time: tuple[float, float] | None) -> Verdict:
        """The verdict on placements for some windows.

        Args:
            time: CPU seconds of a call, and those of the reference program; None when play is not timed.
        """
        values: dict[Objective, list[float]] = {
            "forecast": balances(series, [window + 1 for window in windows], placements),
            "fit": balances(series, windows, placements),
        }
        known = self._marks(series)
        value = float(np.mean(values[self.objective]))
        score = share(known.trivial, value, known.bound, "higher")
        metrics = {
            "forecast": float(np.mean(values["forecast"])),
            "fit": float(np.mean(values["fit"])),
            "slot_forecast": float(np.mean(slot_balances(series, [window + 1 for window in windows], placements))),
            "blind": known.trivial,
            "deepseek_global": known.deepseek,
            "bound": known.bound,
            "gap_closed": share(known.deepseek, value, known.bound, "higher") + 0.0,
        }
        if time:
            seconds, reference = time
            points = leaderboard_score(metrics["forecast"], seconds)
            metrics |= {"milliseconds": seconds * 1e3, "reference_milliseconds": reference * 1e3, "leaderboard_score": points}
            if self.rules == "leaderboard":
                ends = [leaderboard_score(mark, 0.001) for mark in (known.trivial, known.bound)]
                score = share(ends[0], points, ends[1], "higher")
            else:
                score -= SPEED_SHARE * slowness(seconds, reference)
        return Verdict(score, metrics, feedback(series, windows, placements, values, self.objective))

    def _marks(self, series: Series) -> Marks:
        if series.digest not in self._known:
            self._known[series.digest] = marks(series, self.objective)
        return self._known[series.digest]


def _arguments(series: Series, load: Ints) -> tuple[Any, ...]:
    cluster = series.cluster
    return load, cluster.slots, cluster.groups, cluster.nodes, cluster.gpus


def _expected(series: Series) -> Array:
    return Array("i8", (series.load.shape[1], series.cluster.slots))
