"""Illegal plans, and tricks that the public evaluator rewards: each is a foul here, or gains nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from fake_player import FakePlayer
from hypothesis import given, settings
from hypothesis import strategies as st

from adrs.core.failure import Foul
from adrs.core.task import Verdict, Workload
from adrs.tasks.cloudcast.kit import Model
from adrs.tasks.cloudcast.network import Network, Transfer
from adrs.tasks.cloudcast.plan import Rules, check
from adrs.tasks.cloudcast.task import Cloudcast

PRICES = np.array([[0, 0.2, 0.2, 0.1], [0.1, 0, 0.02, 0.1], [0.1, 0.03, 0, 0.1], [0.1, 0.01, 0.01, 0]])
NAMES = ("aws:a", "gcp:b", "gcp:c", "azure:d")
TRANSFER = Transfer(Network(NAMES, PRICES, np.where(PRICES > 0, 4.0, 0.0)), 0, (1, 2), 100.0, 2)
"""From aws:a to gcp:b and gcp:c; azure:d is a relay that pays."""

A, B, C, D = NAMES
TREE = {B: [[A, D, B]] * 2, C: [[A, D, C]] * 2}
BEST = 100 * (0.1 + 0.01 + 0.01)


def played(program: str, rules: Rules = "clean") -> Verdict:
    return Cloudcast(rules=rules).judge(FakePlayer(program), Workload("train-00", TRANSFER, "train"))


def answering(expression: str) -> str:
    """A program whose answer is an expression over `problem` and the tree that is right."""
    return f"TREE = {TREE!r}\nA, B, C, D = {NAMES!r}\ndef broadcast(problem):\n    return {expression}"


def fouled(program: str, rules: Rules = "clean") -> str:
    with pytest.raises(Foul) as caught:
        played(program, rules)
    assert caught.value.kind == "illegal_answer"
    return caught.value.reason


@pytest.mark.parametrize("rules", ["clean", "leaderboard"])
def test_a_plan_is_a_plan(rules: Rules) -> None:
    assert played(answering("TREE"), rules).metrics["egress"] == pytest.approx(BEST)


FOULS = {
    "{}": "nothing is sent to gcp:b: the answer needs a list of 2 paths for each destination",
    "{B: TREE[B]}": "nothing is sent to gcp:c",
    "{**TREE, C: TREE[C][:1]}": "gcp:c has 1 paths, not one for each of the 2 parts",
    "{**TREE, C: TREE[C] * 2}": "gcp:c has 4 paths",
    "{**TREE, C: []}": "gcp:c has 0 paths",
    "{**TREE, D: TREE[C]}": "'azure:d' has paths but is not a destination",
    "{**TREE, 'nowhere': []}": "'nowhere' has paths but is not a destination",
    "{**TREE, C: [TREE[C][0], []]}": "the path of part 1 to gcp:c is empty",
    "{**TREE, C: [TREE[C][0], [C]]}": "the path of part 1 to gcp:c begins at gcp:c, not at the source aws:a",
    "{**TREE, C: [[B, C], TREE[C][0]]}": "the path of part 0 to gcp:c begins at gcp:b, not at the source aws:a",
    "{**TREE, C: [[A, D], TREE[C][0]]}": "the path of part 0 to gcp:c ends at azure:d",
    "{**TREE, C: [[A], TREE[C][0]]}": "the path of part 0 to gcp:c ends at aws:a",
    "{**TREE, C: [[A, D, A, C], TREE[C][0]]}": "the path of part 0 to gcp:c visits aws:a twice",
    "{**TREE, C: [[A, C, D, C], TREE[C][0]]}": "the path of part 0 to gcp:c visits gcp:c twice",
    "{**TREE, C: [[A, A, C], TREE[C][0]]}": "goes from aws:a to aws:a, and there is no such edge",
    "{**TREE, C: [[A, 'gcp:free', C], TREE[C][0]]}": "goes through 'gcp:free', which is not a region",
    "{**TREE, C: [[A, 'x\\ny' * 99, C], TREE[C][0]]}": "goes through 'x\\nyx",
}


@pytest.mark.parametrize(("answer", "reason"), FOULS.items())
def test_fouls_say_what_and_where(answer: str, reason: str) -> None:
    said = fouled(answering(answer))
    assert reason in said
    assert "\n" not in said
    assert len(said) < 200


@pytest.mark.parametrize(
    "answer",
    [
        "None",
        "[]",
        "'all'",
        "{B: TREE[B], C: 3}",
        "{B: TREE[B], C: [3, 4]}",
        "{B: TREE[B], C: [[A, 3, C]] * 2}",
    ],
)
def test_answers_of_another_type_are_fouls(answer: str) -> None:
    assert "expected" in fouled(answering(answer))


# tricks


@pytest.mark.parametrize("edge", ["[A, end, FREE]", "A, end, FREE"])
def test_prices_in_the_answer_are_not_read(edge: str) -> None:
    """The public evaluator reads prices from the edges that the program returns; here a path is names."""
    forged = f"{{end: [[{edge}]] * 2 for end in (B, C)}}".replace("FREE", "{'cost': 0, 'throughput': 1e9}")
    assert "expected str, got" in fouled(answering(forged))


def test_missing_destinations_are_a_foul() -> None:
    program = "def broadcast(problem):\n    problem['destinations'] = problem['destinations'][:1]\n"
    program += f"    return {{{B!r}: [[{A!r}, {B!r}]] * 2}}"
    assert "nothing is sent to gcp:c" in fouled(program)


def test_a_program_cannot_change_the_referees_problem() -> None:
    program = "def broadcast(problem):\n    for edge in problem['edges']:\n        edge[2], edge[3] = 0.0, 1e9\n"
    program += "    problem['parts'], problem['volume_gb'], problem['vms'] = 1, 0.0, 0\n"
    changed = played(program + f"    return {TREE!r}")
    assert changed == played(answering("TREE"))


def test_a_path_to_another_destination_is_not_charged_to_it() -> None:
    """The public evaluator takes the destination from the last edge of a list."""
    assert "the path of part 0 to gcp:b ends at gcp:c" in fouled(answering("{B: TREE[C], C: TREE[B]}"))


def test_parts_cannot_be_left_out_by_sending_the_same_twice() -> None:
    """All parts are sent: two parts on one tree cost twice as much as one."""
    one = Model(TRANSFER.problem()).bill({end: paths[:1] for end, paths in TREE.items()})
    assert played(answering("TREE")).metrics["egress"] == pytest.approx(2 * one.egress)


def test_a_more_expensive_detour_only_costs_more() -> None:
    detour = played(answering("{**TREE, C: [[A, D, B, C]] * 2}"))
    assert float(detour.metrics["cost"]) > float(played(answering("TREE")).metrics["cost"])


def test_the_order_of_the_answer_changes_nothing() -> None:
    assert played(answering("{C: TREE[C], B: TREE[B]}")) == played(answering("TREE"))


@pytest.mark.parametrize("claim", ["{**TREE, 'cost': 0.0}", "{**TREE, 'total': [[A]]}"])
def test_an_answer_cannot_claim_a_cost(claim: str) -> None:
    fouled(answering(claim))


# pieces, as the leaderboard allows them


PIECES = "{B: [[A, D, B]] * 2, C: [[D, C]] * 2}"


def test_pieces_are_a_plan_for_the_leaderboard_only() -> None:
    assert "begins at azure:d" in fouled(answering(PIECES))
    pieces, whole = played(answering(PIECES), "leaderboard"), played(answering("TREE"), "leaderboard")
    assert pieces.metrics == whole.metrics, "the same edges cost the same"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("{B: [[]] * 2, C: [[]] * 2}", "part 0 never reaches gcp:b"),
        ("{B: [[A, D, B]] * 2, C: [[], [D, C]]}", "part 0 never reaches gcp:c"),
        ("{B: [[A, D, B], []], C: [[D, C]] * 2}", "part 1 never reaches gcp:b"),
        ("{B: [[D, B]] * 2, C: [[D, C]] * 2}", "part 0 never reaches gcp:b"),
        ("{B: [[B, C]] * 2, C: [[C, B]] * 2}", "part 0 never reaches gcp:b"),
        ("{B: [[B, D, A]] * 2, C: [[C, D, A]] * 2}", "part 0 never reaches gcp:b"),
        ("{B: [[A, B]] * 2}", "nothing is sent to gcp:c"),
        ("{B: [[A, B]] * 2, C: [[B, 'x', C]] * 2}", "goes through 'x', which is not a region"),
        ("{B: [[A, A, B]] * 2, C: [[B, C]] * 2}", "there is no such edge"),
    ],
)
def test_the_leaderboard_rules_see_that_everything_arrives(answer: str, reason: str) -> None:
    """The public evaluator gives a full score to programs that never send to some destinations."""
    assert reason in fouled(answering(answer), "leaderboard")


paths = st.lists(st.sampled_from(NAMES), max_size=3) | st.sampled_from([[A, D, B], [A, D, C], [A, B], [A, C], [A, B, C]])


@settings(max_examples=200, deadline=None)
@given(
    st.fixed_dictionaries(dict.fromkeys((B, C), st.lists(paths, min_size=2, max_size=2))),
    st.sampled_from(["clean", "leaderboard"]),
)
def test_every_accepted_plan_delivers_everything(answer: dict[str, list[list[str]]], rules: Any) -> None:
    problem = TRANSFER.problem()
    try:
        check(answer, problem, rules)
    except Foul:
        return
    known = Cloudcast()._references(TRANSFER)
    assert Model(problem).bill(answer).dollars >= known.bound - 1e-9
