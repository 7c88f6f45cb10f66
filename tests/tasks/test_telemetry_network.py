"""Networks, routes and made-up traffic of Telemetry Repair: invariants, and what was fitted."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adrs.tasks.telemetry_repair.corruption import FAMILIES, KINDS, corrupted, fail
from adrs.tasks.telemetry_repair.network import anonymous, dispensable, distances, loads, network, rerouted, routes
from adrs.tasks.telemetry_repair.snapshot import RX, TX, Traffic, renamed, state
from adrs.tasks.telemetry_repair.synthetic import links, made, usual_links

SEEDS = st.integers(0, 2**32 - 1)
SIZES = st.integers(5, 20)


def traffic(routers: int, seed: int) -> Traffic:
    return made((routers, None), 1, np.random.default_rng(seed))[0]


def brute_hops(joined: list[tuple[int, int]], size: int) -> np.ndarray:
    """Hops between all pairs, by Floyd and Warshall."""
    hops = np.full((size, size), np.inf)
    np.fill_diagonal(hops, 0)
    for a, b in joined:
        hops[a, b] = hops[b, a] = 1
    for middle in range(size):
        hops = np.minimum(hops, hops[:, [middle]] + hops[[middle]])
    return hops


def test_a_small_network_by_hand() -> None:
    net = network(["A", "B", "C"], [(0, 1), (1, 2)])
    assert net.names == ("A_to_B", "B_to_A", "B_to_C", "C_to_B")
    assert net.partner.tolist() == [1, 0, 3, 2]
    assert net.own == ((0,), (1, 2), (3,))
    demands = np.zeros((3, 3))
    demands[0, 2] = 100.0
    known = routes(net, np.random.default_rng(0))
    assert known[0, 2] == (((0, 1, 2), 1.0),)
    assert loads(net, demands, known).tolist() == [100, 0, 100, 0]
    assert dispensable(net) == []


@settings(max_examples=30, deadline=None)
@given(SIZES, SEEDS)
def test_made_networks_are_connected_and_routed_on_shortest_paths(size: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = usual_links(size, rng)
    _, joined = links(size, count, rng)
    assert len(set(joined)) == len(joined) == count
    assert all(a < b for a, b in joined)
    net = network(anonymous(size), joined)
    hops = brute_hops(joined, size)
    assert np.isfinite(hops).all()
    for (source, target), ways in routes(net, rng).items():
        assert sum(share for _, share in ways) == pytest.approx(1)
        for path, _ in ways:
            assert (path[0], path[-1]) == (source, target)
            assert len(path) - 1 == hops[source, target]
            assert all(hop in net.at for hop in pairwise(path))


@settings(max_examples=30, deadline=None)
@given(SIZES, SEEDS)
def test_flow_is_conserved_where_no_counter_errs(size: int, seed: int) -> None:
    one = traffic(size, seed)
    exact = Traffic(one.network, one.demands, one.routes, np.ones_like(one.factors), np.ones_like(one.external_factors))
    true = state(exact)
    for router, own in enumerate(one.network.own):
        enters = true.external[router, 0] + sum(true.rates[at, RX] for at in own)
        leaves = true.external[router, 1] + sum(true.rates[at, TX] for at in own)
        assert enters == pytest.approx(leaves)


@settings(max_examples=30, deadline=None)
@given(SIZES, SEEDS, st.integers(1, 2))
def test_failed_links_carry_nothing_and_cut_no_router_off(size: int, seed: int, most: int) -> None:
    rng = np.random.default_rng(seed)
    after, failed = fail(traffic(size, seed), most, rng)
    down = {end for a, b in failed for end in ((a, b), (b, a))}
    true = state(after)
    assert all(true.rates[after.network.at[end]].tolist() == [0, 0] for end in down)
    assert min(distances(after.network, 0, down)) >= 0
    assert rerouted(after.network, after.routes, down, rng) == after.routes


def test_other_names_are_the_same_network() -> None:
    one = traffic(9, 4)
    (other,) = renamed([one], np.random.default_rng(1))
    a, b = state(one), state(other)
    assert sorted(a.rates.ravel()) == pytest.approx(sorted(b.rates.ravel()))
    assert sorted(a.external.ravel()) == pytest.approx(sorted(b.external.ravel()))
    assert (a.rates != b.rates).any()
    for at in range(len(other.network.ends)):
        tx, rx = b.rates[at, TX], b.rates[other.network.partner[at], RX]
        assert tx == pytest.approx(rx, rel=0.041)


def test_sizes_degrees_and_hops_are_those_of_published_networks() -> None:
    """abilene 12/15, polska 12/18, nobel-germany 17/26, geant 22/36: degree sd 0.71 to 1.66, mean hops 2.1 to 2.7."""
    for size, count in ((12, 15), (12, 18), (17, 26), (22, 36)):
        degrees, hops = [], []
        for seed in range(20):
            _, joined = links(size, count, np.random.default_rng(seed))
            degrees.append(np.bincount(np.array(joined).ravel(), minlength=size))
            hops.append(brute_hops(joined, size).sum() / size / (size - 1))
        assert 0.65 <= np.mean([degree.std() for degree in degrees]) <= 1.6
        assert 3.5 <= np.mean([degree.max() for degree in degrees]) <= 8
        assert 2.0 <= np.mean(hops) <= 3.1
    rng = np.random.default_rng(0)
    assert np.mean([usual_links(12, rng) for _ in range(200)]) == pytest.approx(16.7, abs=0.5)
    assert np.mean([usual_links(50, rng) for _ in range(200)]) == pytest.approx(88, abs=1)


def test_sound_counters_spread_as_measured() -> None:
    """Abilene: counter over predicted load sd 1.3 %, at most 3.3 %; its two ends differ by 1.2 % (median), at most 3.9 %."""
    many = [traffic(12, seed) for seed in range(60)]
    off = np.concatenate([one.factors.ravel() for one in many]) - 1
    assert off.std() == pytest.approx(0.0130, abs=0.0005)
    assert np.abs(off).max() <= 0.035
    ends = np.concatenate([one.factors[:, TX] / one.factors[one.network.partner, RX] for one in many]) - 1
    assert np.median(np.abs(ends)) == pytest.approx(0.0117, abs=0.001)
    assert np.abs(ends).max() <= 0.041


def test_loads_are_of_abilenes_size() -> None:
    """Its median is 175 Mbit/s, its 5th and 95th percentile 4.4 and 507."""
    rates = np.concatenate([state(traffic(12, seed)).rates.ravel() for seed in range(60)])
    assert 80 <= np.median(rates) <= 250
    assert 400 <= np.percentile(rates, 95) <= 900


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_does_what_it_says(family: str) -> None:
    hit, rng = [], np.random.default_rng(3)
    for number in range(12):
        now, other = made((12, None), 2, rng)
        snapshot = corrupted(family, number, now, other, rng)  # type: ignore[arg-type]
        changed = snapshot.true.rates != snapshot.reported.rates
        assert (changed == (snapshot.kinds > 0)).all()
        assert len({KINDS[kind] for kind in snapshot.kinds[changed]}) <= 1
        hit.append(changed.mean())
        wrong = (snapshot.true.demands != snapshot.reported.demands).any() or snapshot.true.routes != snapshot.reported.routes
        assert wrong == (family in ("demands", "mixed") or number % 2 == 1)
        lies = family in ("statuses", "mixed")
        assert (not snapshot.true.up.all()) == lies
        assert lies or snapshot.reported.up.all()
        assert (snapshot.true.rates[~snapshot.true.up] == 0).all()
        assert (snapshot.true.rates >= 0).all()
    assert 0.08 < np.mean(hit) < 0.4
