"""The rules of the single-region spot game: golden values, and a plain implementation of the rules, one game at a time."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from fake_player import needs_data
from hypothesis import given, settings
from hypothesis import strategies as st

from adrs.tasks.spot.rules import NAMES, NONE, ON_DEMAND, SPOT, WORK_S, Bools, Codes, Rules
from adrs.tasks.spot.simulator import Moment
from adrs.tasks.spot_single_region import real
from adrs.tasks.spot_single_region.reference import uniform_progress
from adrs.tasks.spot_single_region.simulator import TICK_S, Games, Results, play

Policy = Callable[[Moment], Codes]


def greedy(moment: Moment) -> Codes:
    left = np.floor((moment.deadline_s - moment.elapsed_s) / TICK_S)
    need = np.ceil((WORK_S - moment.done_s + moment.restart_s) / TICK_S)
    need_twice = np.ceil((WORK_S - moment.done_s + 2 * moment.restart_s) / TICK_S)
    late = np.where(moment.current == SPOT, SPOT, ON_DEMAND)
    action = np.where(need_twice >= left, late, np.where(moment.up, SPOT, NONE))
    return np.where(need >= left, ON_DEMAND, action).astype(np.int8)


def one(up: Bools, deadline_h: float, restart_h: float, policy: Policy, rules: Rules = "leaderboard") -> Results:
    games = Games(up[:, None], np.zeros(1, int), np.array([deadline_h * 3600]), np.array([restart_h * 3600]))
    return play(games, policy, rules)


TICKS = np.arange(554)
ALWAYS, NEVER, HALF, THIRD = TICKS >= 0, TICKS < 0, TICKS % 12 < 6, TICKS % 3 == 0

GOLDEN_MADE = [
    (ALWAYS, 70, 0.1, (46.8710, 289, 289, 0), (46.8710, 289, 289, 0)),
    (ALWAYS, 70, 0.2, (47.0332, 290, 290, 0), (47.0332, 290, 290, 0)),
    (NEVER, 52, 0.1, (147.39, 311, 0, 289), (147.39, 290, 0, 289)),
    (HALF, 70, 0.1, (111.7720, 419, 120, 181), (127.2576, 419, 118, 212)),
    (HALF, 70, 0.2, (121.0458, 419, 108, 203), (127.3729, 414, 125, 210)),
    (THIRD, 70, 0.1, (145.2992, 419, 50, 269), (155.0106, 419, 69, 282)),
]
GOLDEN_REAL = [
    ("us-west-2a_v100_1", 0, 52, 0.05, (142.5206, 311, 14, 275), (105.4195, 312, 128, 166)),
    ("us-west-2a_v100_1", 0, 70, 0.05, (117.9643, 419, 89, 203), (70.1043, 394, 231, 64)),
    ("us-west-2b_k80_8", 126, 52, 0.1, (132.2248, 311, 48, 244), (117.1983, 310, 100, 198)),
    ("us-west-2b_k80_1", 99, 70, 0.02, (124.9441, 420, 66, 224), (125.6397, 327, 64, 226)),
]


def as_golden(results: Results) -> tuple[float, int, int, int]:
    return (
        round(float(results.cost[0]), 4),
        int(results.finish[0]),
        int(results.spot[0]),
        int(results.on_demand[0]),
    )


@pytest.mark.parametrize("rules", ["leaderboard", "clean"])
@pytest.mark.parametrize(("up", "deadline", "restart", "by_greedy", "by_uniform"), GOLDEN_MADE)
def test_golden_values_of_made_traces(
    rules: Rules, up: Bools, deadline: float, restart: float, by_greedy: object, by_uniform: object
) -> None:
    assert as_golden(one(up, deadline, restart, greedy, rules)) == by_greedy
    assert as_golden(one(up, deadline, restart, uniform_progress, rules)) == by_uniform


@needs_data
@pytest.mark.parametrize(("pool", "window", "deadline", "restart", "by_greedy", "by_uniform"), GOLDEN_REAL)
def test_golden_values_of_real_windows(
    pool: str, window: int, deadline: float, restart: float, by_greedy: object, by_uniform: object
) -> None:
    up = real.leaderboard(real.series())[window][real.POOLS.index(pool)]
    assert as_golden(one(up, deadline, restart, greedy)) == by_greedy
    assert as_golden(one(up, deadline, restart, uniform_progress)) == by_uniform


def plainly(
    up: list[bool], asked: list[int], work: float, deadline: float, restart: float, gap: float, rules: Rules
) -> tuple[float, int]:
    """Cost and finish of one game, implemented from the rules line by line."""
    done, pending, last, cost = 0.0, 0.0, "NONE", 0.0
    for t in range(len(up)):
        if t and last != "NONE":
            worked = max(gap - pending, 0)
            pending -= gap - worked
            if pending < 1e-3:
                pending = 0.0
            done += min(worked, work - done)
            cost += {"SPOT": 0.9731, "ON_DEMAND": 3.06}[last] * gap / 3600
        if work - done <= 1e-8:
            return cost, t
        current = "NONE" if last == "SPOT" and not up[t] else last
        ask = str(NAMES[asked[t % len(asked)]])
        if work - done > 1e-3:
            left = math.floor((deadline - t * gap) / gap)
            need = math.ceil((work - done + restart) / gap)
            if need >= left:
                instance = current if rules == "clean" else last
                ask = "SPOT" if instance == "SPOT" and pending < 1e-3 else "ON_DEMAND"
        if ask == "SPOT" and not up[t]:
            ask = "NONE"
        if ask not in ("NONE", current):
            pending = restart
        last = ask
    raise AssertionError("the trace is too short")


@settings(max_examples=150, deadline=None)
@given(
    up=st.lists(st.booleans(), min_size=20, max_size=20),
    asked=st.lists(st.integers(0, 2), min_size=1, max_size=20),
    restart=st.sampled_from([0, 72, 180, 360, 599, 600]),
    work=st.integers(1, 8),
    slack=st.integers(2, 8),
    rules=st.sampled_from(["clean", "leaderboard"]),
)
def test_the_simulator_reads_the_rules_plainly(
    up: list[bool], asked: list[int], restart: int, work: int, slack: int, rules: Rules
) -> None:
    seconds, deadline = work * TICK_S, (work + slack) * TICK_S
    games = Games(np.array([up, up[::-1]]).T, np.arange(2), np.full(2, deadline), np.full(2, float(restart)), seconds)

    def policy(moment: Moment) -> Codes:
        return np.full(len(moment.who), asked[moment.tick % len(asked)], np.int8)

    results = play(games, policy, rules)
    for game, trace in enumerate((up, up[::-1])):
        cost, finish = plainly(trace, asked, seconds, deadline, restart, TICK_S, rules)
        assert (results.cost[game], results.finish[game]) == (pytest.approx(cost, rel=1e-12), finish)
        assert results.late[game] == (finish * TICK_S > deadline)
        assert results.late[game] <= (rules == "leaderboard")  # the clean guard keeps every deadline
        assert finish <= work + slack + 1


def test_the_leaderboards_guard_loses_a_tick_to_a_preemption_and_the_clean_one_does_not() -> None:
    up = (TICKS >= 16) & (TICKS < 30)  # from tick 17 on no tick may be lost; at tick 30 one is

    def spot_only(moment: Moment) -> Codes:
        return np.full(len(moment.who), SPOT, np.int8)

    late, clean = one(up, 51, 0.1, spot_only), one(up, 51, 0.1, spot_only, "clean")
    assert (late.finish[0], late.late[0]) == (51 * 6 + 1, True)
    assert (clean.finish[0], clean.late[0]) == (51 * 6, False)
    assert late.cost[0] == clean.cost[0]


def test_tallies_say_where_money_went() -> None:
    results = one(HALF, 70, 0.1, lambda m: np.full(len(m.who), ON_DEMAND, np.int8), "clean")
    assert (results.finish[0], results.on_demand[0], results.spot[0], results.preemptions[0]) == (289, 289, 0, 0)
    assert results.on_demand_up[0] == results.up[0] == HALF[:289].sum()
    assert results.on_demand_early[0] == 289
    waits = one(ALWAYS, 70, 0.1, lambda m: np.full(len(m.who), NONE, np.int8), "clean")
    assert waits.idle_up[0] == waits.finish[0] - waits.on_demand[0] == 420 - 289
    assert waits.on_demand_early[0] == 0
    rides = one(HALF, 70, 0.1, lambda m: np.full(len(m.who), SPOT, np.int8), "clean")
    assert rides.preemptions[0] == rides.spot[0] // 6 == 20


def test_a_game_that_outlasts_its_trace_is_a_bug() -> None:
    with pytest.raises(IndexError):
        one(NEVER[:200], 52, 0.1, greedy)


def test_observations_are_those_of_the_rules() -> None:
    seen: list[tuple[str, str, bool, float, float]] = []

    def watch(moment: Moment) -> Codes:
        row = (str(NAMES[moment.last[0]]), str(NAMES[moment.current[0]]), bool(moment.up[0]))
        seen.append((*row, float(moment.done_s[0]), float(moment.pending_s[0])))
        return np.full(1, SPOT if moment.tick < 9 else ON_DEMAND, np.int8)

    one(HALF, 70, 0.2, watch)
    expected = {
        0: ("NONE", "NONE", True, 0.0, 0.0),
        1: ("SPOT", "SPOT", True, 0.0, 120.0),  # an overhead of 720 s takes more than a tick
        2: ("SPOT", "SPOT", True, 480.0, 0.0),
        6: ("SPOT", "NONE", False, 2880.0, 0.0),  # preempted; the tick before was worked to its end
        7: ("NONE", "NONE", False, 2880.0, 0.0),
        10: ("ON_DEMAND", "ON_DEMAND", False, 2880.0, 120.0),
    }
    assert {tick: seen[tick] for tick in expected} == expected
