"""Drawn transfers: relays that pay, limits that bind, splits that share nothing, networks like a real one."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256

import numpy as np
import pytest

from adrs.catalog import load_task
from adrs.core.failure import Refusal
from adrs.core.task import SPLITS, Workload
from adrs.tasks.cloudcast import synthetic
from adrs.tasks.cloudcast.bound import references, steiner_price
from adrs.tasks.cloudcast.network import EGRESS, INGRESS, LOW_EGRESS, LOW_INGRESS, Floats, Network, Transfer
from adrs.tasks.cloudcast.task import Cloudcast
from adrs.tasks.cloudcast.transfers import FEWEST, MOST, PARTS, RELAYS_PAY, VOLUMES_GB, draw, tree_price


def made(**options: object) -> Cloudcast:
    task = load_task("cloudcast", options)
    assert isinstance(task, Cloudcast)
    return task


@pytest.fixture(scope="module")
def workloads() -> list[Workload[Transfer]]:
    return list(made().workloads())


def relay_gain(transfer: Transfer) -> float:
    net = transfer.network
    without, least = (price(net.dollars, transfer.source, transfer.destinations) for price in (tree_price, steiner_price))
    return without / least - 1


def test_every_other_transfer_is_tight(workloads: list[Workload[Transfer]]) -> None:
    assert Counter(workload.split for workload in workloads) == {"train": 8, "validation": 8, "test": 16}
    for number, workload in enumerate(workloads):
        tight = number % 2 == 1
        assert workload.name.endswith("tight" if tight else "relay")
        limits = (LOW_INGRESS, LOW_EGRESS) if tight else (INGRESS, EGRESS)
        assert (workload.data.ingress, workload.data.egress) == limits


def test_transfers_are_within_what_the_statement_says(workloads: list[Workload[Transfer]]) -> None:
    for workload in workloads:
        transfer = workload.data
        ends = transfer.destinations
        assert FEWEST <= len(ends) == len(set(ends)) <= MOST
        assert transfer.source not in ends
        assert transfer.volume_gb in VOLUMES_GB
        assert transfer.parts in PARTS
        assert len(transfer.network.names) == len(set(transfer.network.names)) == 24
        assert Counter(transfer.network.clouds) == {"aws": 8, "gcp": 8, "azure": 8}


def test_relays_pay_where_they_should(workloads: list[Workload[Transfer]]) -> None:
    gains = [relay_gain(workload.data) for workload in workloads if workload.name.endswith("relay")]
    assert min(gains) >= RELAYS_PAY - 1e-9
    assert np.median(gains) > 0.08


def test_limits_bind_where_they_should(workloads: list[Workload[Transfer]]) -> None:
    """Instances are some 5 to 10 % of the cheapest tree's cost, and a fraction of a per cent to a few per cent elsewhere."""
    shares: dict[str, list[float]] = {"relay": [], "tight": []}
    for workload in workloads:
        known = references(workload.data)
        shares[workload.name[-5:]].append(1 - known.egress / known.steiner)
    assert 0.05 < np.median(shares["tight"]) < 0.11
    assert np.median(shares["relay"]) < 0.02


def test_a_network_without_a_transfer_that_fits_gives_none() -> None:
    rng = np.random.default_rng(0)
    net = synthetic.network(rng, 3)
    flat = Network(net.names, np.where(net.dollars > 0, 0.1, 0.0), net.gbit_s)
    assert draw(rng, flat, "relay", range(9)) is None


def test_no_two_workloads_share_a_network_or_a_seed(workloads: list[Workload[Transfer]]) -> None:
    other = list(made(data_seed=1).workloads())
    assert len({workload.data.network.dollars.tobytes() for workload in [*workloads, *other]}) == 2 * len(workloads)
    assert len({workload.data.digest for workload in [*workloads, *other]}) == 2 * len(workloads)


def test_transfers_are_the_same_for_ever(workloads: list[Workload[Transfer]]) -> None:
    """Scores are only comparable while this holds; a change of the generator must change it on purpose."""
    whole = sha256("".join(workload.data.digest for workload in workloads).encode()).hexdigest()
    assert whole[:16] == "5e8490bc3c51c8bc"


def test_large_is_three_times_as_many_on_71_regions() -> None:
    large = made(size="large")
    counts = Counter(workload.split for workload in large.workloads())
    assert counts == {"train": 24, "validation": 24, "test": 48}
    assert {len(workload.data.network.names) for workload in large.workloads()} == {71}


def test_bad_options_are_refused_in_one_sentence() -> None:
    with pytest.raises(Refusal, match="data_seed=-1 is below 0: give a whole number from 0 on"):
        made(data_seed=-1)
    for options in ({"size": "huge"}, {"rules": "none"}, {"data": "fake"}):
        with pytest.raises(Refusal, match=next(iter(options))):
            made(**options)


# networks


@pytest.fixture(scope="module")
def networks() -> list[Network]:
    return [synthetic.network(np.random.default_rng(seed)) for seed in range(5)]


def block(net: Network, table: Floats, here: str, there: str) -> Floats:
    """The numbers of all edges from one cloud to another."""
    clouds = np.array(net.clouds)
    found: Floats = table[np.ix_(clouds == here, clouds == there)]
    return found[found > 0]


def test_a_whole_network_has_the_regions_of_the_real_one(networks: list[Network]) -> None:
    for net in networks:
        assert Counter(net.clouds) == {"aws": 25, "gcp": 24, "azure": 22}
        off = ~np.eye(71, dtype=bool)
        assert net.dollars[off].min() > 0
        assert net.gbit_s[off].min() > 0
        assert not net.dollars[~off].any()


def test_price_lists_are_like_the_real_one(networks: list[Network]) -> None:
    """The real one: 0.01 to 0.19 $/GB, 0.0586 in the mean within aws, 0.134 from gcp to aws, and ties everywhere."""
    for (here, there), real in {("aws", "aws"): 0.0586, ("gcp", "aws"): 0.1339, ("azure", "gcp"): 0.1021}.items():
        assert np.mean([block(net, net.dollars, here, there).mean() for net in networks]) == pytest.approx(real, rel=0.07)
    for net in networks:
        held = np.unique(net.dollars[net.dollars > 0])
        assert len(held) < 40
        assert 0.007 < held[0] < 0.014
        assert 0.15 < held[-1] < 0.24


def test_bandwidths_are_like_the_real_ones(networks: list[Network]) -> None:
    medians = {
        ("aws", "aws"): 4.99,
        ("gcp", "aws"): 6.58,
        ("gcp", "gcp"): 22.95,
        ("azure", "aws"): 3.64,
        ("azure", "azure"): 14.67,
    }
    for (here, there), real in medians.items():
        found = []
        for net in networks:
            found.append(float(np.median(block(net, net.gbit_s, here, there))))
        assert np.mean(found) == pytest.approx(real, rel=0.12), (here, there)


def test_splits_come_in_their_order(workloads: list[Workload[Transfer]]) -> None:
    assert list(dict.fromkeys(workload.split for workload in workloads)) == list(SPLITS)
