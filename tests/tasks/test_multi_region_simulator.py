"""The rules of the spot game over several regions: golden values, and a plain implementation, one game at a time."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest
from fake_player import needs
from hypothesis import given, settings
from hypothesis import strategies as st
from multi_region_games import by_set, greedy, leaderboard_mean, leaderboard_windows

from adrs.tasks.spot.rules import NAMES, NONE, ON_DEMAND, SPOT, Bools, Codes, Floats, Ints, Rules
from adrs.tasks.spot.score import leaderboard_score
from adrs.tasks.spot_multi_region.reference import uniform_progress_any_region
from adrs.tasks.spot_multi_region.simulator import TICK_S, Games, Moment, Policy, Results, play
from adrs.tasks.spot_multi_region.windows import together

real_data = needs("cant_be_late_multi")


Times = tuple[float, float, float]
"""Work, deadline and restart in seconds."""
USUAL = (48 * 3600.0, 52 * 3600.0, 720.0)


def one(up: Bools, price: Floats, policy: Policy, rules: Rules = "clean", times: Times = USUAL) -> Results:
    """A game on all columns of `up`, (ticks, regions)."""
    work, deadline, restart = times
    dark = np.concatenate([up, np.zeros((len(up), 1), bool)], axis=1)
    dear = np.concatenate([price, np.zeros((len(up), 1))], axis=1)
    traces = np.arange(up.shape[1])[None]
    return play(Games(dark, dear, traces, np.array([deadline]), np.array([restart]), work), policy, rules)


def steady(region: int, action: int) -> Policy:
    """A policy that always asks for the same."""
    return lambda moment: (np.full(len(moment.who), region), np.full(len(moment.who), action, np.int8))


GOLDEN = {  # greedy on window 0: bill by the first price, bill tick by tick, finish, waiting, spot and on-demand ticks
    "2_zones_same_region": (146.8337, 146.8337, 956, 61, 16, 879),
    "2_regions_east_west": (48.6563, 49.8266, 927, 29, 898, 0),
    "3_regions_diverse": (48.8339, 50.2815, 916, 14, 902, 0),
    "3_zones_same_region": (147.4574, 147.2009, 956, 57, 19, 880),
    "5_regions_high_diversity": (49.0357, 49.9635, 901, 3, 898, 0),
    "all_9_regions": (48.9811, 49.4840, 904, 7, 897, 0),
}


@real_data
@pytest.mark.parametrize(("rules", "column"), [("leaderboard", 0), ("clean", 1)])
def test_golden_values_of_greedy_on_the_first_window(rules: Rules, column: int) -> None:
    window = leaderboard_windows()[0]
    games = together([window])
    regions = (games.traces < games.up.shape[1] - 1).sum(axis=1)
    results = play(games, partial(greedy, regions=regions), rules)
    for at, name in enumerate(window.sets):
        spot, on_demand, finish = (int(x[at]) for x in (results.spot, results.on_demand, results.finish))
        found = (round(float(results.cost[at]), 4), finish, finish - spot - on_demand, spot, on_demand)
        assert found == (GOLDEN[name][column], *GOLDEN[name][2:])


@real_data
def test_golden_means_of_the_leaderboards_workload() -> None:
    windows = leaderboard_windows()
    games = together(windows)
    regions = (games.traces < games.up.shape[1] - 1).sum(axis=1)
    assert len(regions) == 34
    means = {}
    for rules in ("leaderboard", "clean"):
        for name, policy in (("greedy", partial(greedy, regions=regions)), ("any", uniform_progress_any_region)):
            results = play(games, policy, rules)
            assert not results.late.any()
            means[rules, name] = leaderboard_mean(windows, results.cost)
            if (rules, name) == ("leaderboard", "greedy"):
                sets = [round(cost, 2) for cost in by_set(windows, results.cost).values()]
                assert sets == [135.77, 62.57, 67.15, 127.23, 52.41, 47.99]
    assert means["leaderboard", "greedy"] == pytest.approx(82.186924, abs=5e-7)
    assert means["leaderboard", "any"] == pytest.approx(77.3772, abs=5e-5)
    assert leaderboard_score(means["clean", "greedy"]) == pytest.approx(65.01, abs=5e-3)
    assert means["clean", "any"] == pytest.approx(78.4632, abs=5e-5)


@real_data
def test_ending_in_the_cheapest_region_pays_on_the_leaderboard_and_not_here() -> None:
    windows = leaderboard_windows()
    games = together(windows)
    regions = (games.traces < games.up.shape[1] - 1).sum(axis=1)
    first = games.price[0][games.traces]
    cheapest = np.where(first > 0, first, np.inf).argmin(axis=1)

    def score(end: Ints | None, rules: Rules) -> float:
        results = play(games, partial(greedy, regions=regions, end=end), rules)
        return leaderboard_score(leaderboard_mean(windows, results.cost))

    assert (round(score(None, "leaderboard"), 2), round(score(cheapest, "leaderboard"), 2)) == (64.58, 66.96)
    assert score(None, "clean") == score(cheapest, "clean")


def plainly(up: Bools, price: Floats, asked: list[tuple[int, int]], times: Times, rules: Rules) -> tuple[float, int]:
    """Cost and finish of one game, implemented from the rules line by line."""
    work, deadline, restart = times
    done, pending, last, region, paid, spot, on_demand = 0.0, 0.0, "NONE", 0, 0.0, 0, 0
    for t in range(len(up)):
        if t and last != "NONE":
            worked = max(TICK_S - pending, 0)
            pending -= TICK_S - worked
            if pending < 1e-3:
                pending = 0.0
            done += min(worked, work - done)
            paid += (price[t - 1, region] if last == "SPOT" else 3.06) * TICK_S / 3600
            spot, on_demand = spot + (last == "SPOT"), on_demand + (last == "ON_DEMAND")
        where, kind = asked[t % len(asked)]
        if work - done <= 1e-8:
            return (paid, t) if rules == "clean" else ((spot * price[0, where] + on_demand * 3.06) * TICK_S / 3600, t)
        current = "NONE" if last == "SPOT" and not up[t, region] else last
        ask, to = str(NAMES[kind]), where
        if work - done > 1e-3:
            left = math.floor((deadline - t * TICK_S) / TICK_S)
            if math.ceil((work - done + restart) / TICK_S) >= left:
                instance = current if rules == "clean" else last
                ask = "SPOT" if instance == "SPOT" and pending < 1e-3 else "ON_DEMAND"
                to = region if rules == "clean" else to
        if ask == "SPOT" and not up[t, to]:
            ask = "NONE"
        if ask != "NONE" and (ask != current or (to != region and rules == "clean")):
            pending = restart
        last, region = ask, to
    raise AssertionError("the trace is too short")


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    regions=st.integers(2, 4),
    share=st.floats(0.2, 0.9),
    asked=st.lists(st.tuples(st.integers(0, 1), st.integers(0, 2)), min_size=1, max_size=20),
    restart=st.sampled_from([0, 60, 195, 360, 720]),
    work=st.integers(1, 12),
    slack=st.integers(2, 12),
    rules=st.sampled_from(["clean", "leaderboard"]),
)
def test_the_simulator_reads_the_rules_plainly(
    seed: int,
    regions: int,
    share: float,
    asked: list[tuple[int, int]],
    restart: int,
    work: int,
    slack: int,
    rules: Rules,
) -> None:
    rng = np.random.default_rng(seed)
    up, price = rng.random((60, regions)) < share, rng.uniform(0.9, 1.9, (60, regions)).round(4)
    seconds, deadline = work * TICK_S, (work + slack + 4) * TICK_S

    def policy(moment: Moment) -> tuple[Ints, Codes]:
        region, action = asked[moment.tick % len(asked)]
        return np.full(len(moment.who), region), np.full(len(moment.who), action, np.int8)

    times = (seconds, deadline, float(restart))
    results = one(up, price, policy, rules, times)
    cost, finish = plainly(up, price, asked, times, rules)
    assert (results.cost[0], results.finish[0]) == (pytest.approx(cost, rel=1e-12), finish)
    assert results.late[0] == (finish * TICK_S > deadline + 1e-6)
    assert not (rules == "clean" and results.late[0])  # the clean guard keeps every deadline


TICKS = 1000
ALWAYS, PRICES = np.ones((TICKS, 2), bool), np.tile([1.2, 1.0], (TICKS, 1))


@pytest.mark.parametrize(("rules", "launches"), [("clean", 2), ("leaderboard", 1)])
def test_a_hop_of_a_running_instance_is_a_launch_unless_on_the_leaderboard(rules: Rules, launches: int) -> None:
    for kind in (SPOT, ON_DEMAND):

        def hops(moment: Moment, kind: int = kind) -> tuple[Ints, Codes]:
            return np.full(1, int(moment.tick >= 100)), np.full(1, kind, np.int8)

        results = one(ALWAYS, PRICES, hops, rules)
        assert results.launches[0] == launches
        assert results.finish[0] == math.ceil((172800 + 720 * launches) / TICK_S)


def test_moving_without_an_instance_is_free_and_a_wish_for_spot_that_is_not_there_moves_all_the_same() -> None:
    up = ALWAYS.copy()
    up[:5, 1] = False
    results = one(up, PRICES, steady(1, SPOT))
    assert (results.launches[0], results.spot[0], results.finish[0]) == (1, 890, 895)
    assert results.cost[0] == pytest.approx(890 * 1.0 * TICK_S / 3600)


def test_each_tick_is_billed_at_its_own_price_where_it_ran() -> None:
    prices = PRICES.copy()
    prices[100:, 0] = 1.5
    assert one(ALWAYS, prices, steady(0, SPOT)).cost[0] == pytest.approx((100 * 1.2 + 790 * 1.5) * TICK_S / 3600)
    assert one(ALWAYS, prices, steady(0, SPOT), "leaderboard").cost[0] == pytest.approx(890 * 1.2 * TICK_S / 3600)
    assert one(ALWAYS, prices, steady(0, SPOT)).above_cheapest[0] == pytest.approx((100 * 0.2 + 790 * 0.5) * TICK_S / 3600)


def test_preemption_is_noticed_where_the_job_stands() -> None:
    up = ALWAYS.copy()
    up[10, 0] = False
    stays, flees = (one(up, PRICES, steady(0, SPOT)), one(up, PRICES, steady(1, SPOT)))
    assert (stays.preemptions[0], stays.launches[0], stays.spot[0], stays.idle_up[0]) == (1, 2, 894, 1)
    assert (flees.preemptions[0], flees.launches[0]) == (0, 1)


def test_the_guard_keeps_a_healthy_instance_where_it_is_and_else_takes_on_demand_where_the_job_stands() -> None:
    seen: list[tuple[int, int]] = []

    def restless(moment: Moment) -> tuple[Ints, Codes]:
        seen.append((int(moment.region[0]), int(moment.last[0])))
        return np.full(1, moment.tick % 2), np.full(1, NONE, np.int8)

    results = one(ALWAYS, PRICES, restless)
    assert (results.finish[0], results.on_demand[0], results.launches[0], results.late[0]) == (960, 890, 1, False)
    first = next(tick for tick, (_, last) in enumerate(seen) if last == ON_DEMAND)
    assert {region for region, _ in seen[first:]} == {(first - 2) % 2}

    def stays_too_long(moment: Moment) -> tuple[Ints, Codes]:
        return np.full(1, int(moment.tick > 300)), np.full(1, SPOT if moment.tick > 65 else NONE, np.int8)

    kept = one(ALWAYS, PRICES, lambda m: (np.full(1, 0), stays_too_long(m)[1]) if m.tick < 500 else stays_too_long(m))
    assert (kept.finish[0], kept.launches[0], kept.on_demand[0]) == (956, 1, 0)  # its move at tick 500 is overruled


def test_the_leaderboards_guard_overlooks_a_preemption() -> None:
    up = np.zeros((TICKS, 2), bool)
    up[66:200, 0] = True
    late, clean = one(up, PRICES, steady(0, SPOT), "leaderboard"), one(up, PRICES, steady(0, SPOT))
    assert (late.late[0], late.finish[0]) == (True, 961)
    assert (clean.late[0], clean.finish[0]) == (False, 960)


def test_a_game_that_outlasts_its_trace_is_a_bug() -> None:
    with pytest.raises(IndexError):
        one(ALWAYS[:200], PRICES[:200], steady(0, SPOT))


def test_padded_regions_are_never_available() -> None:
    games = Games(
        np.array([[True, False]] * TICKS),
        np.array([[1.0, 0.0]] * TICKS),
        np.array([[0, 1], [0, 0]]),
        np.full(2, 187200.0),
        np.full(2, 720.0),
    )

    def watch(moment: Moment) -> tuple[Ints, Codes]:
        assert not moment.up[0, 1]
        return np.zeros(2, np.int64), np.full(2, SPOT, np.int8)

    assert play(games, watch).cost == pytest.approx([890 * TICK_S / 3600] * 2)
