"""The clairvoyant optimum over several regions: against brute force, against every policy, and against the Lagrangian bound."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from fake_player import needs
from hypothesis import given, settings
from hypothesis import strategies as st
from multi_region_games import by_set, leaderboard_mean, leaderboard_windows

from adrs.tasks.spot.rules import Bools, Codes, Ints, Rules
from adrs.tasks.spot_multi_region.optimum import NEVER, Market, market, optimal_cost
from adrs.tasks.spot_multi_region.simulator import TICK_S, Games, Moment, play
from adrs.tasks.spot_multi_region.windows import Prices

real_data = needs("cant_be_late_multi")


def brute_force(up: Bools, price: Prices, work: float, restart: float, rules: Rules) -> float:
    """Least dollars within the trace, over all sequences of regions and actions, by the rules of the simulator."""
    ticks, regions = up.shape
    flat = int(price[0].min())  # the leaderboard bills all spot ticks at the first price of the region where the run ends

    @cache
    def least(tick: int, region: int, last: str, pending: float, done: float) -> float:
        if done >= work:
            return 0.0
        if tick == ticks:
            return float("inf")
        current = "NONE" if last == "SPOT" and not up[tick, region] else last
        best = float("inf")
        for to in range(regions):
            best = min(best, least(tick + 1, to, "NONE", pending, done))
            for action in ("SPOT", "ON_DEMAND"):
                if action == "SPOT" and not up[tick, to]:
                    continue
                keeps = action == current and (to == region or rules == "leaderboard")
                overhead = pending if keeps else restart
                worked = max(TICK_S - overhead, 0)
                rate = 30600 if action == "ON_DEMAND" else flat if rules == "leaderboard" else int(price[tick, to])
                rest = overhead - (TICK_S - worked)
                ahead = least(tick + 1, to, action, rest, min(done + worked, work))
                best = min(best, rate / 1e4 * TICK_S / 3600 + ahead)
        return best

    return least(0, 0, "NONE", 0.0, 0.0)


def traces(seed: int, ticks: int, regions: int, share: float, stay: float = 0.6) -> tuple[Bools, Prices]:
    rng = np.random.default_rng(seed)
    up = np.empty((ticks, regions), bool)
    up[0] = rng.random(regions) < share
    for tick in range(1, ticks):
        up[tick] = np.where(rng.random(regions) < stay, up[tick - 1], rng.random(regions) < share)
    return up, rng.integers(9000, 19000, (ticks, regions), dtype=np.int32)


@settings(max_examples=120, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    ticks=st.integers(4, 9),
    regions=st.integers(1, 2),
    share=st.floats(0.2, 0.95),
    work=st.integers(1, 5),
    odd=st.sampled_from([0, 15, 180]),
    restart=st.sampled_from([60, 195, 240, 360, 720]),
    rules=st.sampled_from(["clean", "leaderboard"]),
)
def test_it_is_the_cheapest_of_all_schedules(
    seed: int, ticks: int, regions: int, share: float, work: int, odd: int, restart: int, rules: Rules
) -> None:
    up, price = traces(seed, ticks, regions, share)
    seconds = work * TICK_S - odd
    found = optimal_cost(market(up, price, rules), ticks * TICK_S, float(restart), seconds)
    assert found == pytest.approx(brute_force(up, price, seconds, float(restart), rules), rel=1e-12)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    share=st.floats(0.05, 0.95),
    stay=st.floats(0.5, 0.97),
    restart=st.sampled_from([360.0, 720.0]),
    rules=st.sampled_from(["clean", "leaderboard"]),
)
def test_no_policy_beats_it_even_if_lateness_is_forgiven(
    seed: int, share: float, stay: float, restart: float, rules: Rules
) -> None:
    up, price = traces(seed, 100, 3, share, stay)
    rng, many, work, deadline = np.random.default_rng(seed), 12, 50 * TICK_S, 70 * TICK_S
    shown = np.concatenate([up, np.zeros((100, 1), bool)], axis=1)
    dollars = np.concatenate([price / 1e4, np.zeros((100, 1))], axis=1)
    same = np.full(many, 1.0)
    games = Games(shown, dollars, np.tile(np.arange(3), (many, 1)), deadline * same, restart * same, work)
    restless, lazy = rng.random(many) ** 2, rng.random(many) ** 3

    def erratic(moment: Moment) -> tuple[Ints, Codes]:
        here, rows = moment.region, np.arange(len(moment.who))
        away = rng.random(len(rows)) < np.where(moment.up[rows, here], restless[moment.who] / 4, restless[moment.who])
        region = np.where(away, rng.integers(0, 3, len(rows)), here)
        other = np.where(rng.random(len(rows)) < lazy[moment.who], 0, 2)
        return region, np.where(moment.up[rows, region], 1, other).astype(np.int8)

    least = optimal_cost(market(up, price, rules), deadline, restart, work)
    assert (play(games, erratic, rules).cost >= least - 1e-9).all()


def test_what_cannot_be_done_costs_infinitely_much_and_what_just_can_costs_on_demand() -> None:
    up, price = np.zeros((962, 2), bool), np.full((962, 2), 9180, np.int32)
    offers = market(up, price, "clean")
    assert optimal_cost(offers, 889 * TICK_S, 720.0) == np.inf
    assert optimal_cost(offers, 890 * TICK_S, 720.0) == pytest.approx(890 * 3.06 * TICK_S / 3600)
    assert optimal_cost(offers, 10 * TICK_S, 720.0) == np.inf


@pytest.mark.parametrize(("later", "dollars"), [(1.19, 334 * 1.2 + 560 * 1.19), (1.195, 890 * 1.2)])
def test_it_hops_only_where_that_pays(later: float, dollars: float) -> None:
    """Waiting is free until tick 66 or 70; a second launch takes four ticks more."""
    up, price = np.ones((962, 2), bool), np.full((962, 2), 12000, np.int32)
    price[:400, 1], price[400:, 1] = 13000, round(later * 1e4)
    assert optimal_cost(market(up, price, "clean"), 52 * 3600.0, 720.0) == pytest.approx(dollars * TICK_S / 3600)


def dual(offers: Market, horizon: int, restart: float, work: float) -> float:
    """The Lagrangian bound: dollars of the cheapest schedule if work is sold at a price, plus that price for all work to do.

    For every price it is a lower bound (a schedule that does the work sells no less than it); the best price is looked for.
    The inner schedule is found with the ticks since a launch as its state, and knows nothing of counts.
    """
    ages = int(np.ceil(restart / TICK_S)) + 1
    worked = np.array([max(0.0, min(TICK_S, (age + 1) * TICK_S - restart)) for age in range(ages)])
    dollars, none = offers.price / 1e4 * TICK_S / 3600, offers.price == NEVER
    prices, best = np.linspace(0, 3 * 3.06 / 3600, 12), 0.0
    for _ in range(5):
        waiting, runs = np.zeros(len(prices)), np.full((len(prices), offers.price.shape[1], ages), np.inf)
        for tick in range(horizon):
            free = np.minimum(waiting, runs.min(axis=(1, 2)))
            runs[:, offers.broken[tick]] = np.inf
            after = np.concatenate([np.broadcast_to(free[:, None, None], (*runs.shape[:2], 1)), runs[:, :, :-1]], axis=2)
            after[:, :, -1] = np.minimum(after[:, :, -1], runs[:, :, -1])
            runs = after + dollars[tick][None, :, None] - prices[:, None, None] * worked
            runs[:, none[tick]] = np.inf
            waiting = free
        values = np.minimum(waiting, runs.min(axis=(1, 2))) + prices * work
        at, best = int(values.argmax()), max(best, float(values.max()))
        prices = np.linspace(prices[max(at - 1, 0)], prices[min(at + 1, len(prices) - 1)], len(prices))
    return best


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), share=st.floats(0.1, 0.9), rules=st.sampled_from(["clean", "leaderboard"]))
def test_the_lagrangian_bound_stays_below(seed: int, share: float, rules: Rules) -> None:
    offers = market(*traces(seed, 60, 3, share, 0.9), rules)
    assert dual(offers, 60, 720.0, 40 * TICK_S) <= optimal_cost(offers, 60 * TICK_S, 720.0, 40 * TICK_S) + 1e-9


KNOWN = {  # the Lagrangian bound of old, the optimum, and what schedules from the same programme cost
    "clean": (67.77, 67.9275, 69.35),
    "leaderboard": (66.15, 66.3126, 68.88),
}


@real_data
@pytest.mark.parametrize("rules", ["clean", "leaderboard"])
def test_the_leaderboards_optimum_lies_between_the_bounds_that_were_known(rules: Rules) -> None:
    windows = leaderboard_windows()
    costs: list[float] = []
    bounds: list[float] = []
    for window in windows:
        for game in window.games:
            rows = window.traces(game.zones)
            offers = market(window.up[rows].T, window.price[rows].T, rules)
            costs.append(optimal_cost(offers, 52 * 3600.0, 720.0))
            if window is windows[7]:
                bounds.append(dual(offers, 960, 720.0, 48 * 3600.0))
    known, optimum, schedules = KNOWN[rules]
    mean = leaderboard_mean(windows, np.array(costs))
    assert mean == pytest.approx(optimum, abs=5e-5)
    assert known < mean < schedules
    assert all(0 <= cost - bound < 0.01 * cost for cost, bound in zip(costs[-2:], bounds, strict=True))
    if rules == "clean":
        assert [round(cost, 2) for cost in by_set(windows, np.array(costs)).values()] == SETS


SETS = [113.25, 49.50, 49.20, 102.44, 45.99, 47.18]


@real_data
def test_the_bound_is_nearly_reached_by_schedules_that_the_guard_leaves_alone() -> None:
    """Who is done ceil(restart / tick) + 1 ticks before the deadline has need < left in every tick, and is never overruled."""
    windows, early = leaderboard_windows(), (960 - 5) * TICK_S
    costs: list[float] = []
    for window in windows:
        for rows in (window.traces(game.zones) for game in window.games):
            costs.append(optimal_cost(market(window.up[rows].T, window.price[rows].T, "clean"), early, 720.0))
    assert leaderboard_mean(windows, np.array(costs)) == pytest.approx(68.0682, abs=5e-5)
