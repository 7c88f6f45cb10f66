"""The clairvoyant optimum: against brute force on tiny games, against every policy, and against the known means."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from fake_player import needs_data
from hypothesis import given, settings
from hypothesis import strategies as st

from adrs.tasks.spot.rules import PRICE_OD, Codes, Floats
from adrs.tasks.spot.simulator import Moment
from adrs.tasks.spot_single_region import real
from adrs.tasks.spot_single_region.optimum import optimal_costs
from adrs.tasks.spot_single_region.simulator import PRICE_SPOT, TICK_S, Games, play

HOURS = (52 * 3600.0, 70 * 3600.0)
RESTARTS = (72.0, 180.0, 360.0)


def brute_force(up: tuple[bool, ...], work: float, restart: float) -> float:
    """Least dollars within the trace, over all sequences of actions, by the rules of the simulator."""

    @cache
    def least(tick: int, last: str, pending: float, done: float) -> float:
        if done >= work:
            return 0.0
        if tick == len(up):
            return float("inf")
        current = "NONE" if last == "SPOT" and not up[tick] else last
        best = least(tick + 1, "NONE", pending, done)
        for action, price in (("SPOT", PRICE_SPOT), ("ON_DEMAND", PRICE_OD)):
            if action == "SPOT" and not up[tick]:
                continue
            overhead = pending if action == current else restart
            worked = max(TICK_S - overhead, 0)
            rest = overhead - (TICK_S - worked)
            best = min(best, price * TICK_S / 3600 + least(tick + 1, action, rest, min(done + worked, work)))
        return best

    return least(0, "NONE", 0.0, 0.0)


@settings(max_examples=150, deadline=None)
@given(
    up=st.lists(st.booleans(), min_size=3, max_size=12),
    work=st.integers(1, 6),
    odd=st.sampled_from([0, 100, 599]),
    restart=st.sampled_from([0, 72, 180, 360, 600, 720]),
    cut=st.integers(0, 3),
)
def test_it_is_the_cheapest_of_all_schedules(up: list[bool], work: int, odd: int, restart: int, cut: int) -> None:
    seconds = work * TICK_S - odd
    ends = [len(up), max(1, len(up) - cut)]
    found = optimal_costs(np.array(up), [end * TICK_S for end in ends], [float(restart)], seconds)
    for end, cost in zip(ends, found[:, 0], strict=True):
        assert cost == pytest.approx(brute_force(tuple(up[:end]), seconds, float(restart)), rel=1e-12)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), share=st.floats(0.05, 0.95), stay=st.floats(0.3, 0.95))
def test_no_policy_beats_it_even_if_lateness_is_forgiven(seed: int, share: float, stay: float) -> None:
    rng = np.random.default_rng(seed)
    up = np.empty((80, 8), bool)
    up[0] = rng.random(8) < share
    for tick in range(1, 80):
        up[tick] = np.where(rng.random(8) < stay, up[tick - 1], rng.random(8) < share)
    work, deadline = 40 * TICK_S, 52 * TICK_S
    restarts = np.repeat(RESTARTS, 8)
    games = Games(up, np.tile(np.arange(8), 3), np.full(24, deadline), restarts, work)
    habits = rng.random((24, 2, 3)) ** 3

    def erratic(moment: Moment) -> Codes:
        weights = habits[moment.who, moment.up.astype(int)]
        weights = weights / weights.sum(axis=1, keepdims=True)
        drawn = (rng.random((len(moment.who), 1)) > weights.cumsum(axis=1)).sum(axis=1).clip(0, 2)
        return np.asarray(drawn, np.int8)

    least = np.array([optimal_costs(up[:, trace], [deadline], RESTARTS, work)[0] for trace in range(8)]).T.ravel()
    assert (play(games, erratic, "leaderboard").cost >= least - 1e-9).all()


def test_a_job_that_cannot_be_done_in_time_costs_infinitely_much() -> None:
    up = np.ones(20, bool)
    assert optimal_costs(up, [10 * TICK_S], [180.0], 10 * TICK_S)[0, 0] == np.inf
    assert np.isfinite(optimal_costs(up, [11 * TICK_S], [180.0], 10 * TICK_S)[0, 0])


def test_always_and_never_spot() -> None:
    always, never = (np.full(420, up) for up in (True, False))
    assert optimal_costs(always, HOURS, RESTARTS) == pytest.approx(np.full((2, 3), 289 * PRICE_SPOT / 6))
    assert optimal_costs(never, HOURS, RESTARTS) == pytest.approx(np.full((2, 3), 289 * PRICE_OD / 6))


def means(windows: list[np.ndarray]) -> Floats:
    """(deadlines,) mean dollars."""
    costs: Floats = np.array([optimal_costs(up, HOURS, RESTARTS) for window in windows for up in window]).mean(axis=(0, 2))
    return costs


@needs_data
def test_it_reaches_the_known_mean_on_the_leaderboards_windows() -> None:
    found = means([window[:, :420] for window in real.leaderboard(real.series()).values()])
    assert found.round(2).tolist() == [100.55, 83.78]
    assert found.mean() == pytest.approx(92.1617, abs=5e-5)


@needs_data
def test_it_reaches_the_known_mean_on_the_later_windows() -> None:
    series = real.series()
    starts = (1767, 1824, 1880, 1937, 1994, 2050, 2107, 2164, 2220, 2277)
    assert means([series[:, start : start + 420] for start in starts]).mean() == pytest.approx(98.0469, abs=5e-5)
