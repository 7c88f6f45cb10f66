"""The bound: the Steiner price against brute force, the programs against the prices, and random plans against the bound."""

from __future__ import annotations

from itertools import combinations, pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adrs.tasks.cloudcast.baselines import direct, mdst, steiner
from adrs.tasks.cloudcast.bound import least_seconds, references, steiner_price
from adrs.tasks.cloudcast.kit import Model
from adrs.tasks.cloudcast.network import Floats, Network, Transfer
from adrs.tasks.cloudcast.plan import check
from adrs.tasks.cloudcast.transfers import tree_price

seeds = st.integers(0, 2**32 - 1)


def prices(rng: np.random.Generator, size: int, levels: int) -> Floats:
    """Random prices; with few levels there are ties."""
    made = rng.integers(1, levels + 1, (size, size)) / levels
    np.fill_diagonal(made, 0)
    return made


def cheapest_tree(price: Floats, source: int, nodes: tuple[int, ...]) -> float:
    """The cheapest tree over exactly these nodes, by trying all parents."""
    best = float("inf")
    for parents in product((source, *nodes), repeat=len(nodes)):
        above = dict(zip(nodes, parents, strict=True))
        if all(reaches(above, node, source) for node in nodes):
            best = min(best, sum(float(price[parent, node]) for node, parent in above.items()))
    return best


def reaches(above: dict[int, int], node: int, source: int) -> bool:
    for _ in above:
        node = above.get(node, source)
    return node == source


def cheapest_with_relays(price: Floats, source: int, ends: tuple[int, ...]) -> float:
    others = [node for node in range(len(price)) if node != source and node not in ends]
    sets = [chosen for count in range(len(others) + 1) for chosen in combinations(others, count)]
    return min(cheapest_tree(price, source, (*ends, *chosen)) for chosen in sets)


@settings(max_examples=40, deadline=None)
@given(seed=seeds, size=st.integers(2, 6), levels=st.sampled_from([3, 1000]))
def test_the_steiner_price_is_the_least_of_all_trees(seed: int, size: int, levels: int) -> None:
    rng = np.random.default_rng(seed)
    price = prices(rng, size, levels)
    ends = tuple(int(end) for end in rng.permutation(range(1, size))[: int(rng.integers(1, min(size, 5)))])
    assert steiner_price(price, 0, ends) == pytest.approx(cheapest_with_relays(price, 0, ends))


@settings(max_examples=60, deadline=None)
@given(seed=seeds, size=st.integers(2, 6), levels=st.sampled_from([3, 1000]))
def test_the_tree_without_relays_is_the_least_of_those(seed: int, size: int, levels: int) -> None:
    price = prices(np.random.default_rng(seed), size, levels)
    ends = tuple(range(1, size))
    assert tree_price(price, 0, ends) == pytest.approx(cheapest_tree(price, 0, ends))


def test_a_cycle_within_a_cycle_is_resolved() -> None:
    cheap: mdst.Prices = {("b", "c"): 1.0, ("c", "b"): 1.0, ("b", "d"): 2.0, ("d", "c"): 2.5, ("d", "b"): 9.0, ("c", "d"): 1.5}
    price: mdst.Prices = {**{("a", node): 100.0 for node in "bcd"}, **cheap}
    parent = mdst.arborescence(list("abcd"), "a", price)
    assert sum(price[above, node] for node, above in parent.items()) == 102.5


def transfer(rng: np.random.Generator, size: int, ends: int) -> Transfer:
    """A transfer among regions of three clouds, with limits that may bind."""
    names = tuple(f"{('aws', 'gcp', 'azure')[at % 3]}:{at}" for at in range(size))
    ingress, egress = ({cloud: float(rng.uniform(0.5, 12)) for cloud in ("aws", "gcp", "azure")} for _ in range(2))
    network = Network(names, prices(rng, size, 50), np.array(rng.uniform(0.2, 9, (size, size))))
    order = [int(at) for at in rng.permutation(size)]
    return Transfer(network, order[0], tuple(order[1 : 1 + ends]), 300.0, int(rng.integers(1, 6)), ingress, egress)


@settings(max_examples=40, deadline=None)
@given(seed=seeds, size=st.integers(3, 9))
def test_the_program_steiner_pays_the_steiner_price(seed: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    made = transfer(rng, size, int(rng.integers(1, min(size, 6))))
    problem = made.problem()
    plan = steiner.broadcast(problem)
    check(plan, problem, "clean")
    price = steiner_price(made.network.dollars, made.source, made.destinations)
    assert Model(problem).bill(plan).egress == pytest.approx(price * made.volume_gb)


@settings(max_examples=150, deadline=None)
@given(seed=seeds, size=st.integers(3, 7), habit=st.sampled_from(["tree", "wild"]))
def test_no_plan_is_below_the_bound(seed: int, size: int, habit: str) -> None:
    rng = np.random.default_rng(seed)
    made = transfer(rng, size, int(rng.integers(1, min(size, 5))))
    problem = made.problem()
    if habit == "tree":
        plan = steiner.broadcast(problem)
        for part in range(made.parts):  # parts on trees of slightly other prices
            shaken = [[u, v, price * float(rng.uniform(0.9, 1.1)), rate] for u, v, price, rate in problem["edges"]]
            other = steiner.broadcast({**problem, "edges": shaken})
            plan = {end: [*paths[:part], other[end][part], *paths[part + 1 :]] for end, paths in plan.items()}
    else:
        plan = {end: [wild(rng, problem["nodes"], problem["source"], end) for _ in range(made.parts)] for end in ends(problem)}
    check(plan, problem, "clean")
    bill, known = Model(problem).bill(plan), references(made)
    assert bill.egress >= known.egress - 1e-9
    assert bill.seconds >= known.seconds - 1e-9
    assert bill.dollars >= known.bound - 1e-9
    pieces = {end: [path[-2:] if rng.random() < 0.5 else path for path in paths] for end, paths in plan.items()}
    if all(delivered(pieces, problem, part) for part in range(made.parts)):
        assert Model(problem).bill(pieces).dollars >= known.bound - 1e-9


def ends(problem: dict[str, object]) -> list[str]:
    found = problem["destinations"]
    assert isinstance(found, list)
    return found


def wild(rng: np.random.Generator, nodes: list[str], source: str, end: str) -> list[str]:
    between = [node for node in nodes if node not in (source, end)]
    return [source, *(between[at] for at in rng.permutation(len(between))[: int(rng.integers(0, 3))]), end]


def delivered(plan: dict[str, list[list[str]]], problem: dict[str, object], part: int) -> bool:
    hops = {hop for paths in plan.values() for hop in pairwise(paths[part])}
    reached = {str(problem["source"])}
    for _ in hops:
        reached |= {there for here, there in hops if here in reached}
    return reached >= set(ends(problem))


def test_the_least_time_is_that_of_the_narrowest_side() -> None:
    rates = np.full((3, 3), 4.0)
    np.fill_diagonal(rates, 0)
    network = Network(("aws:a", "gcp:b", "azure:c"), np.ones((3, 3)), rates)
    wide = dict.fromkeys(("aws", "gcp", "azure"), 100.0)
    assert least_seconds(Transfer(network, 0, (1, 2), 100.0, 1, wide, wide)) == pytest.approx(800 / 16)  # links, two VMs
    assert least_seconds(Transfer(network, 0, (1, 2), 100.0, 1, wide, {**wide, "aws": 3.0})) == pytest.approx(800 / 6)
    assert least_seconds(Transfer(network, 0, (1, 2), 100.0, 1, {**wide, "gcp": 2.0}, wide)) == pytest.approx(800 / 4)
    assert least_seconds(Transfer(network, 0, (2,), 100.0, 1, {**wide, "gcp": 2.0}, wide)) == pytest.approx(800 / 16)


def test_references_are_what_the_programs_pay() -> None:
    made = transfer(np.random.default_rng(3), 8, 4)
    problem, known = made.problem(), references(made)
    assert Model(problem).bill(steiner.broadcast(problem)).dollars == known.steiner
    assert Model(problem).bill(direct.broadcast(problem)).dollars == known.direct >= known.bound
    assert references(made) == known, "the second time from the cache"
