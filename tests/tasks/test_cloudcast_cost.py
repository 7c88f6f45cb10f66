"""What a plan costs: the worked example, cases by hand, and a second reading of the rules on random plans."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adrs.tasks.cloudcast.kit import Model

Plan = dict[str, list[list[str]]]
Prices = dict[tuple[str, str], tuple[float, float]]


def problem(edges: Prices, ends: str, parts: int = 2, gigabytes: float = 100.0, **limits: dict[str, float]) -> dict[str, Any]:
    """A problem whose source is A; every region has limits of 1000 Gbit/s unless stated otherwise."""
    nodes = sorted({name for edge in edges for name in edge})
    return {
        "nodes": nodes,
        "edges": [[u, v, price, rate] for (u, v), (price, rate) in edges.items()],
        "source": "A",
        "destinations": list(ends),
        "parts": parts,
        "volume_gb": gigabytes,
        "ingress_gbit_s": {**dict.fromkeys(nodes, 1000.0), **limits.get("ingress", {})},
        "egress_gbit_s": {**dict.fromkeys(nodes, 1000.0), **limits.get("egress", {})},
        "vms": 2,
        "vm_dollars_per_hour": 0.54,
    }


THREE: Prices = {("A", "B"): (0.1, 10.0), ("A", "C"): (0.1, 10.0), ("B", "C"): (0.02, 10.0)}
DIRECT: Plan = {"B": [["A", "B"]] * 2, "C": [["A", "C"]] * 2}
OVER_B: Plan = {"B": [["A", "B"]] * 2, "C": [["A", "B", "C"]] * 2}


def test_the_example_of_the_statement() -> None:
    model = Model(problem(THREE, "BC"))
    direct, over = model.bill(DIRECT), model.bill(OVER_B)
    assert (direct.egress, over.egress) == pytest.approx((20.0, 12.0))
    assert (direct.seconds, over.seconds) == pytest.approx((80.0, 80.0))
    assert direct.instances == over.instances == pytest.approx(0.072)
    assert over.dollars == over.egress + over.instances


def test_a_part_crosses_an_edge_once_and_parts_add_up() -> None:
    bill = Model(problem(THREE, "BC")).bill({"B": [["A", "B"]] * 2, "C": [["A", "B", "C"], ["A", "C"]]})
    assert bill.parts == {("A", "B"): 2, ("B", "C"): 1, ("A", "C"): 1}
    assert bill.egress == pytest.approx(50 * (2 * 0.1 + 0.02 + 0.1))


def test_limits_cut_to_equal_shares_and_pass_nothing_on() -> None:
    edges: Prices = {("A", "B"): (0.1, 1.0), ("A", "C"): (0.1, 10.0), ("A", "D"): (0.1, 10.0)}
    plan: Plan = {end: [["A", end]] * 2 for end in "BCD"}
    bill = Model(problem(edges, "BCD", egress={"A": 6.0})).bill(plan)
    assert bill.gbit_s == {("A", "B"): 1.0, ("A", "C"): 2.0, ("A", "D"): 2.0}
    assert bill.slowest == ("A", "B")
    free = Model(problem(edges, "BCD", egress={"A": 21.0})).bill(plan)
    assert free.gbit_s == {("A", "B"): 1.0, ("A", "C"): 10.0, ("A", "D"): 10.0}, "exactly at the limit nothing is cut"


def test_regions_are_processed_in_the_order_in_which_they_appear() -> None:
    """A reduces A>C before C is processed; if C were first, it would reduce both of its edges."""
    edges: Prices = {("A", "C"): (0.1, 10.0), ("A", "B"): (0.1, 10.0), ("B", "C"): (0.1, 4.0)}
    made = problem(edges, "CB", parts=2, egress={"A": 8.0}, ingress={"C": 8.0})
    first_a = Model(made).bill({"C": [["A", "C"], ["A", "B", "C"]], "B": [["A", "B"]] * 2})
    assert first_a.gbit_s == {("A", "C"): 4.0, ("A", "B"): 4.0, ("B", "C"): 4.0}
    other = problem(edges, "CB", parts=2, egress={"A": 12.0}, ingress={"C": 8.0})
    then_c = Model(other).bill({"C": [["A", "C"], ["A", "B", "C"]], "B": [["A", "B"]] * 2})
    assert then_c.gbit_s == {("A", "C"): 4.0, ("A", "B"): 6.0, ("B", "C"): 4.0}


def test_seconds_are_rounded_for_the_instances_only() -> None:
    edges: Prices = {("A", "B"): (0.1, 7.0)}
    bill = Model(problem(edges, "B", parts=1)).bill({"B": [["A", "B"]]})
    assert bill.seconds == pytest.approx(800 / 7)
    assert bill.instances == pytest.approx(2 * 2 * 0.54 / 3600 * 114.29)


# a second reading


def second_reading(made: dict[str, Any], plan: Plan) -> tuple[float, float]:
    """(dollars, seconds), by the rules read one by one over tables of all pairs."""
    names: list[str] = []
    carried: dict[tuple[str, str], list[int]] = {}
    for end in made["destinations"]:
        for part in range(made["parts"]):
            for u, v in pairwise(plan[end][part]):
                names += [name for name in (u, v) if name not in names]
                carried[u, v] = sorted({*carried.get((u, v), []), part})
    price = {(u, v): dollars for u, v, dollars, _ in made["edges"]}
    flow = {(u, v): rate for u, v, _, rate in made["edges"] if (u, v) in carried}
    for name in names:
        inward = [edge for edge in flow if edge[1] == name]
        outward = [edge for edge in flow if edge[0] == name]
        total_in, total_out = (math.fsum(flow[edge] for edge in side) for side in (inward, outward))
        if total_in > made["ingress_gbit_s"][name]:
            flow.update({edge: min(flow[edge], made["ingress_gbit_s"][name] / len(inward)) for edge in inward})
        if total_out > made["egress_gbit_s"][name]:
            flow.update({edge: min(flow[edge], made["egress_gbit_s"][name] / len(outward)) for edge in outward})
    share = made["volume_gb"] / made["parts"]
    seconds = max(len(parts) * share * 8 / flow[edge] for edge, parts in carried.items())
    egress = math.fsum(len(parts) * share * price[edge] for edge, parts in carried.items())
    return egress + len(names) * made["vms"] * made["vm_dollars_per_hour"] / 3600 * round(seconds, 2), seconds


@st.composite
def plans(draw: st.DrawFn) -> tuple[dict[str, Any], Plan]:
    """A problem of five regions with odd numbers, and any plan for it."""
    names = "ABCDE"
    number = st.integers(1, 97)
    edges = {(u, v): (draw(number) / 500, draw(number) / 7) for u in names for v in names if u != v}
    limits = {side: {name: draw(number) / 3 for name in names} for side in ("ingress", "egress")}
    ends = draw(st.lists(st.sampled_from("BCDE"), min_size=1, max_size=4, unique=True))
    made = problem(edges, "".join(ends), draw(st.integers(1, 4)), 90.0, **limits)
    plan = {}
    for end in ends:
        between = st.lists(st.sampled_from([name for name in "BCDE" if name != end]), max_size=3, unique=True)
        plan[end] = [["A", *draw(between), end] for _ in range(made["parts"])]
    return made, plan


@settings(max_examples=150, deadline=None)
@given(plans())
def test_both_readings_agree(case: tuple[dict[str, Any], Plan]) -> None:
    made, plan = case
    bill = Model(made).bill(plan)
    assert (bill.dollars, bill.seconds) == pytest.approx(second_reading(made, plan), rel=1e-9, abs=1e-4)
