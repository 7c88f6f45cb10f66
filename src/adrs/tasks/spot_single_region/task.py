"""task: Can't Be Late in one region: the statement and the referee."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from adrs.core.task import Crew, Verdict, Workload
from adrs.tasks.programs import baseline
from adrs.tasks.scale import share
from adrs.tasks.spot.rules import PRICE_OD, Action, Codes, Floats
from adrs.tasks.spot.score import leaderboard_score, on_demand_cost
from adrs.tasks.spot.simulator import Moment
from adrs.tasks.spot.spot_task import SpotTask, codes, observed, on_time
from adrs.tasks.spot_single_region import real, splits
from adrs.tasks.spot_single_region.feedback import feedback
from adrs.tasks.spot_single_region.picture import picture
from adrs.tasks.spot_single_region.score import references
from adrs.tasks.spot_single_region.simulator import PRICE_SPOT, TICK_S, Results, play
from adrs.tasks.spot_single_region.terms import RESULTS, TERMS
from adrs.tasks.spot_single_region.windows import Game, Window, together


class SpotSingleRegion(SpotTask[Window]):
    """Run a 48 hour job before its deadline, on spot and on-demand instances, for as few dollars as possible.

    THE PROBLEM. Time goes in ticks of 10 minutes. In every tick you run the job on a SPOT instance (0.9731 $/h, only while the
    market has one), on an ON_DEMAND instance (3.06 $/h, always available), or not at all (NONE, free). Progress is never lost,
    only time: every launch first spends a restart overhead of 72, 180 or 360 seconds in which no work is done. The deadline is
    52 or 70 hours after the start. Future availability is unknown; you see tick by tick whether spot is available.

    ONE TICK. (1) You get the state, and whether spot is available in this tick. If a spot instance ran in the tick before
    and spot is gone now, it has been preempted: `current` is "NONE", `last` is still "SPOT". (2) You answer "SPOT", "ON_DEMAND"
    or "NONE" for this tick. SPOT without spot counts as NONE. (3) An answer that differs from `current` and is not NONE is a
    launch: the restart overhead begins anew. Continuing with the same instance costs nothing; NONE in between, or a change of
    kind in either direction, means a launch. (4) The instance runs to the end of the tick, works off pending overhead first,
    and is billed for the whole tick. When 48 h = 172,800 s of work are done, the game is over.

    A GUARD keeps every deadline. With `left` = whole ticks to the deadline and `need` = ticks for the rest of the work plus one
    restart (rounded up): once need >= left, your answer is overruled; a healthy spot instance runs on, anything else becomes
    ON_DEMAND. So you cannot be late, but you can be expensive.

    YOUR PROGRAM defines a class Policy, made once for each game and asked once a tick; see the interface. All times are in
    seconds. Each game is a spot pool, a deadline and a restart overhead; a workload is one start time with all six pools, both
    deadlines and the three overheads, and many games are played at once.

    SCORE, per workload: (C_od - C) / (C_od - C_opt), where C is the mean cost of the games, C_od that of running
    on demand only (147.39 $ a game), and C_opt that of the best schedule in hindsight. 0 is on demand, 1 the optimum, which
    no policy can beat without seeing the future. Published numbers are 100 * (146.88 - mean cost) / 100.1712.

    FOULS. An exception, a time-out, or an answer that is not one of the three words ends the whole workload. Decide only from
    `job`, from `obs` and from what your instance remembers: do not look at the clock; module globals
    and class attributes are shared by all games in a process, games are replayed alone, and an answer that then differs is a
    foul. A policy that needs randomness takes it from random.Random(job["seed"]).

    EXAMPLE. restart_s = 180, tick_s = 600. Spot is available in ticks 0 and 1, gone in tick 2, back in tick 3. Answers SPOT,
    SPOT, NONE, SPOT do 420 + 600 + 0 + 420 = 1,440 s of work for 3 ticks of spot = 0.48655 $. Answers SPOT, SPOT, ON_DEMAND,
    ON_DEMAND do 420 + 600 + 420 + 600 = 2,040 s of work for 2 ticks of spot and 2 on demand = 1.34437 $.

    Args:
        data: "synthetic": made-up pools that behave like the real ones. "real": measured availability of AWS pools; the test
            split is the leaderboard's workload, train and validation are later.
        rules: "clean", or "leaderboard": its guard overlooks a preemption, and lateness (by one tick) costs nothing.
        data_seed: selects the synthetic windows of train.
        held_out_seed: the same for validation and test; none: data_seed. A run draws its own, which stays secret.
        vocabulary: whether generators without a model may use named terms.
    """

    seed = baseline(__file__, "greedy")
    interface = '''
class Policy:
    """One game's policy: every game has an instance of its own."""

    def __init__(self, job: dict) -> None:
        """job: {"work_s": 172800.0, "deadline_s": seconds from the start, "restart_s": overhead of a launch in seconds,
        "tick_s": 600.0, "price_od": 3.06, "price_spot": 0.9731 (dollars an hour), "seed": int, different in every game}."""

    def decide(self, obs: dict) -> str:
        """What to run in this tick: "SPOT", "ON_DEMAND" or "NONE". Called once a tick, in order, until the work is done.

        obs: {"tick": int from 0, "elapsed_s": seconds since the start, "done_s": seconds of work done,
        "pending_s": seconds of restart overhead not yet worked off, "last": what ran in the tick before
        ("SPOT", "ON_DEMAND", "NONE"), "current": the same, but "NONE" if it was a spot instance that is now preempted,
        "spot_available": bool, for this tick}.
        """
'''
    state_of_the_art = "uniform_progress"
    sources = real.SOURCES
    vocabulary_terms, vocabulary_results = TERMS, RESULTS
    means = ("cost", "cost_optimum", "cost_uniform_progress", "spot_share", "preemptions")
    weight = "games"

    def workloads(self) -> Sequence[Workload[Window]]:
        return self._workloads

    @cached_property
    def _workloads(self) -> tuple[Workload[Window], ...]:
        return tuple(splits.real_windows() if self.data == "real" else splits.synthetic_windows(self.seed_of))

    def picture(self) -> str:
        return picture(next(workload.data for workload in self._workloads if workload.split == "train"))

    def market(self, game: Game) -> dict[str, Any]:  # noqa: ARG002 - one market for all games
        return {"tick_s": TICK_S, "price_od": PRICE_OD, "price_spot": PRICE_SPOT}

    def played(self, crew: Crew, windows: Sequence[Window]) -> Results:
        games = [game for window in windows for game in window.games]
        results = play(together(windows), _asking(crew), self.rules)
        if self.rules == "clean":
            on_time(games, results)
        return results

    def references(self, window: Window) -> Floats:
        return references(window)

    def verdict(self, window: Window, results: Results, games: slice) -> Verdict:
        optimal, uniform = self.known(window)
        cost, spot, on_demand = results.cost[games], results.spot[games], results.on_demand[games]
        mean = float(cost.mean())
        metrics = {
            "cost": mean,
            "cost_optimum": float(optimal.mean()),
            "cost_uniform_progress": float(uniform.mean()),
            "spot_share": float((spot / (spot + on_demand)).mean()),
            "preemptions": float(results.preemptions[games].mean()),
            "leaderboard_score": leaderboard_score(mean),
            "gap_closed": share(float(uniform.mean()), mean, float(optimal.mean())),
            "late": float(results.late[games].sum()),
            "games": float(len(cost)),
        }
        trivial = float(np.mean([on_demand_cost(game.restart_h, TICK_S) for game in window.games]))
        return Verdict(share(trivial, mean, float(optimal.mean())), metrics, feedback(window, results, games, optimal))


def _asking(crew: Crew) -> Callable[[Moment], Codes]:
    """The candidate as a policy of the simulator."""

    def decide(moment: Moment) -> Codes:
        columns = {**observed(moment), "spot_available": moment.up}
        return codes(crew.step("decide", columns, moment.who, expect=Action))

    return decide
