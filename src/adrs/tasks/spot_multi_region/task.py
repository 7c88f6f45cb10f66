"""task: Can't Be Late over several regions: the statement and the referee."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Literal

import numpy as np

from adrs.core.failure import Foul
from adrs.core.task import Crew, Verdict, Workload
from adrs.tasks.scale import share
from adrs.tasks.spot.rules import PRICE_OD, Action, Codes, Floats, Ints, Rules
from adrs.tasks.spot.score import leaderboard_score, on_demand_cost
from adrs.tasks.spot.spot_task import SpotTask, codes, observed, on_time
from adrs.tasks.spot_multi_region import real, splits
from adrs.tasks.spot_multi_region.feedback import feedback
from adrs.tasks.spot_multi_region.picture import picture
from adrs.tasks.spot_multi_region.score import references
from adrs.tasks.spot_multi_region.simulator import TICK_S, Moment, Policy, Results, play
from adrs.tasks.spot_multi_region.splits import Size
from adrs.tasks.spot_multi_region.terms import RESULTS, TERMS
from adrs.tasks.spot_multi_region.windows import SETS, Game, Window, together


class SpotMultiRegion(SpotTask[Window]):
    """Run a 48 hour job before its deadline on spot or on-demand instances of several regions, for as few dollars as possible.

    THE PROBLEM. Time goes in ticks of 195 seconds. A job stands in one of 2 to 9 regions. In every tick you may move it to any
    region, and run it there on a SPOT instance (0.92 to 1.85 $/h, by region and tick; only where and while the market has
    one), on an ON_DEMAND instance (3.06 $/h everywhere, always available), or not at all (NONE, free). Progress is never lost
    and travels with the job; only time is lost: every launch first spends a restart overhead of 360 or 720 seconds, 1.8 or 3.7
    ticks, in which no work is done and which is paid for. The deadline is 52 or 56 hours after the start. Future
    availability and prices are unknown; you see tick by tick what each region has now.

    ONE TICK. (1) You get the state, and of every region whether spot is available in this tick and its price. If a spot
    instance ran in the tick before and spot is gone there now, it has been preempted: `current` is "NONE", `last` is still
    "SPOT". (2) You answer (region, kind), kind being "SPOT", "ON_DEMAND" or "NONE". SPOT in a region without spot counts as
    NONE there. (3) A kind other than NONE that differs from `current`, or another region than the job stood in, is a launch:
    the restart overhead begins anew. Continuing with the same instance costs nothing; NONE in between, a change of kind, or a
    move while running means a launch. Moving with NONE is free. (4) The instance runs to the end of the tick, works off
    pending overhead first, and is billed for the whole tick at this tick's price in its region. When 48 h = 172,800 s of work
    are done, the game is over.

    A GUARD keeps every deadline. With `left` = whole ticks to the deadline and `need` = ticks for the rest of the work plus
    one restart (rounded up): once need >= left, your answer is overruled; a spot instance that runs with no overhead pending
    goes on where it is, anything else becomes ON_DEMAND where the job stands. So you cannot be late, but you can be expensive.

    YOUR PROGRAM defines a class Policy, made once for each game and asked once a tick; see the interface. All times are in
    seconds. A workload is one start time with one deadline and one restart overhead; its games are sets of two to nine regions,
    and many games are played at once. Some regions are scarce and expensive, some plentiful and cheap; neighbours tend to be
    scarce together.

    SCORE, per workload: (C_od - C) / (C_od - C_opt), where C is the mean cost of the games, C_od that of running on demand
    only (147.19 or 147.52 $ a game, by the overhead), and C_opt that of the best schedule in hindsight. 0 is on demand, 1 the
    optimum, which no policy can beat without seeing the future. Published numbers are 100 * (146.88 - mean cost) / 100.1712.

    FOULS. An exception, a time-out, a region that does not exist, or a kind that is not one of the three words ends the whole
    workload. Decide only from `job`, from `obs` and from what your instance remembers: do not look at the
    clock; module globals and class attributes are shared by all games in a process, games are replayed alone, and an answer
    that then differs is a foul. A policy that needs randomness takes it from random.Random(job["seed"]).

    EXAMPLE. restart_s = 360, tick_s = 195, two regions; spot costs 1.20 $/h in region 0 and 1.00 $/h in region 1 and is
    available in both. Answers (0, "SPOT") five times do 0 + 30 + 195 + 195 + 195 = 615 s of work for 5 * 1.20 * 195 / 3600 =
    0.325 $. Answers (0, "SPOT") twice, then (1, "SPOT") three times, do 0 + 30 + 0 + 30 + 195 = 255 s for 0.2925 $: the
    cheaper region costs a launch. If region 0 loses its spot in tick 2, the launch in region 1 is due anyway.

    Args:
        data: "synthetic": made-up zones that behave like the real ones. "real": measured availability and prices of nine AWS
            zones; the test split is the leaderboard's workload, train and validation share no moment with it.
        rules: "clean", or "leaderboard": running instances move free of charge, a run is billed at the first price of the
            region where it ends, the guard overlooks a preemption, and lateness (by one tick) costs nothing.
        data_seed: selects the synthetic windows of train.
        held_out_seed: the same for validation and test; none: data_seed. A run draws its own, which stays secret.
        size: "small", or "large": more windows in each split.
        vocabulary: whether generators without a model may use named terms.
    """

    interface = '''
class Policy:
    """One game's policy: every game has an instance of its own."""

    def __init__(self, job: dict) -> None:
        """job: {"work_s": 172800.0, "deadline_s": seconds from the start, "restart_s": overhead of a launch in seconds,
        "tick_s": 195.0, "price_od": 3.06 (dollars an hour), "n_regions": int, "seed": int, different in every game}."""

    def decide(self, obs: dict) -> tuple[int, str]:
        """Where to go and what to run there in this tick: (region, kind), region from 0 to n_regions - 1, kind "SPOT",
        "ON_DEMAND" or "NONE". Called once a tick, in order, until the work is done (by the leaderboard's rules once more then:
        the region of that last answer sets the price of the run before it).

        obs: {"tick": int from 0, "elapsed_s": seconds since the start, "done_s": seconds of work done,
        "pending_s": seconds of restart overhead not yet worked off, "region": int, where the job stands (0 at the start),
        "last": what ran in the tick before ("SPOT", "ON_DEMAND", "NONE"), "current": the same, but "NONE" if it was a spot
        instance that is now preempted, "spot_available": list of bool and "spot_price": list of float (dollars an hour, given
        whether spot is available or not), one for each region, for this tick}.
        """
'''
    state_of_the_art = "uniform_progress_any_region"
    sources = real.SOURCES
    vocabulary_terms, vocabulary_results = TERMS, RESULTS
    means = (
        "cost",
        "cost_optimum",
        "cost_uniform_progress_any_region",
        "spot_share",
        "launches",
        "preemptions",
        "above_cheapest",
    )
    weight = "weight"

    def __init__(
        self,
        *,
        data: Literal["synthetic", "real"] = "synthetic",
        rules: Rules = "clean",
        data_seed: int = 0,
        held_out_seed: int | None = None,
        size: Size = "small",
        vocabulary: bool = False,
    ) -> None:
        super().__init__(data=data, rules=rules, data_seed=data_seed, held_out_seed=held_out_seed, vocabulary=vocabulary)
        self.size: Size = size

    def workloads(self) -> Sequence[Workload[Window]]:
        return self._workloads

    @cached_property
    def _workloads(self) -> tuple[Workload[Window], ...]:
        if self.data == "real":
            return tuple(splits.real_windows(self.size))
        return tuple(splits.synthetic_windows(self.seed_of, self.size))

    def picture(self) -> str:
        return picture([workload.data for workload in self._workloads if workload.split == "train"])

    def market(self, game: Game) -> dict[str, Any]:
        return {"tick_s": TICK_S, "price_od": PRICE_OD, "n_regions": len(SETS[game.zones])}

    def played(self, crew: Crew, windows: Sequence[Window]) -> Results:
        games = [game for window in windows for game in window.games]
        results = play(together(windows), _asking(crew, games), self.rules)
        if self.rules == "clean":
            on_time(games, results)
        return results

    def references(self, window: Window) -> Floats:
        return references(window, self.rules)

    def verdict(self, window: Window, results: Results, games: slice) -> Verdict:
        optimal, uniform = self.known(window)
        weights = np.array(window.weights or np.ones(len(window.sets)))

        def mean(column: Floats | Ints) -> float:
            return float(np.average(column, weights=weights))

        spot, on_demand = results.spot[games], results.on_demand[games]
        trivial = mean(np.array([on_demand_cost(game.restart_h, TICK_S) for game in window.games]))
        cost, best, usual = mean(results.cost[games]), mean(optimal), mean(uniform)
        metrics = {
            "cost": cost,
            "cost_optimum": best,
            "cost_uniform_progress_any_region": usual,
            "spot_share": mean(spot / (spot + on_demand)),
            "launches": mean(results.launches[games]),
            "preemptions": mean(results.preemptions[games]),
            "above_cheapest": mean(results.above_cheapest[games]),
            "leaderboard_score": leaderboard_score(cost),
            "gap_closed": share(usual, cost, best),
            "late": float(results.late[games].sum()),
            "games": float(len(window.sets)),
            "weight": float(weights.sum()),
        }
        return Verdict(share(trivial, cost, best), metrics, feedback(window, results, games, optimal))


def _asking(crew: Crew, games: Sequence[Game]) -> Policy:
    """The candidate as a policy of the simulator."""
    many = [len(SETS[game.zones]) for game in games]

    def decide(moment: Moment) -> tuple[Ints, Codes]:
        there = [many[position] for position in moment.who]
        columns = {
            **observed(moment, region=moment.region),
            "spot_available": [row[:n] for row, n in zip(moment.up.tolist(), there, strict=True)],
            "spot_price": [row[:n] for row, n in zip(moment.price.tolist(), there, strict=True)],
        }
        answers = crew.step("decide", columns, moment.who, expect=tuple[int, Action])
        for position, (region, _), n in zip(moment.who, answers, there, strict=True):
            if not 0 <= region < n:
                raise Foul("illegal_answer", f"region {region} is not one of 0 to {n - 1}", (position,))
        regions, kinds = zip(*answers, strict=True)
        return np.array(regions, np.int64), codes(kinds)

    return decide
