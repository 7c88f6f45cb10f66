"""The families: their shares, skews and shapes, and their draws."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from random import Random
from statistics import mean, median

import pytest
from fake_player import DATA, needs

from adrs.tasks.transactions.batches import FAMILIES, ROOM, draw
from adrs.tasks.transactions.bound import single_key
from adrs.tasks.transactions.draws import distinct, nurand, ranked, weighted, zipf
from adrs.tasks.transactions.kit import Batch
from adrs.tasks.transactions.requests import Request


def made(family: str, count: int = 1000) -> list[Request]:
    return FAMILIES[family](Random(7), count)


def shares(family: str, count: int = 4000) -> dict[str, float]:
    return {name: many / count for name, many in Counter(request.template for request in made(family, count)).items()}


def test_sixteen_keys_as_skewed_as_the_published_ones() -> None:
    requests = made("zipf16")
    keys = [[int(token[2:]) for token in request.text.split()] for request in requests]
    assert all(len(set(each)) == 16 for each in keys)
    held = Counter(key for each in keys for key in each)
    assert all(held[key] == 1000 for key in (1, 2, 3))
    for key, share in {5: 0.92, 6: 0.86, 7: 0.84, 8: 0.77, 9: 0.70, 10: 0.63}.items():
        assert held[key] / 1000 == pytest.approx(share, abs=0.08)
    assert sum(many for key, many in held.items() if key > 20) / 16000 == pytest.approx(0.25, abs=0.03)
    assert sum(request.text.count("w-") for request in requests) / 16000 == pytest.approx(0.55, abs=0.02)
    places = [each.index(3) for each in keys]
    assert max(places) - min(places) < 16
    assert Counter(places).most_common(3)[0][1] > 200, "hot keys lie at nearly the same place"


def test_the_small_kinds_have_their_shapes() -> None:
    mini, turns = made("tpcc_mini", 100), made("alternating", 100)
    assert [request.length for request in mini] == [21] * 50 + [5] * 50
    assert mini[0].text.count("*") == 18
    assert mini[99].text.split()[4] == "*"
    assert all(request.length == 9 for request in turns)
    assert {int(request.text.split()[0][2:]) for request in turns[:50]} <= {1, 2, 3, 4, 5}
    assert {int(request.text.split()[-1][2:]) for request in turns[50:]} <= {1, 2, 3, 4, 5}


def test_benchmarks_keep_their_mixes() -> None:
    assert shares("smallbank")["SendPayment"] == pytest.approx(0.25, abs=0.03)
    assert shares("tpcc")["NewOrder"] == pytest.approx(0.44, abs=0.03)
    assert shares("tpcc")["StockLevel"] == pytest.approx(0.04, abs=0.015)
    assert shares("taobench")["PointRead"] == pytest.approx(0.30, abs=0.03)
    assert shares("ycsb")["Read"] == pytest.approx(0.50, abs=0.03)
    assert all(share == pytest.approx(0.1, abs=0.02) for share in shares("epinions").values())


def test_benchmarks_have_their_templates() -> None:
    order = next(request for request in made("tpcc") if request.template == "NewOrder")
    kinds = [token if token == "*" else token[:3] for token in order.text.split()]
    assert kinds[:7] == ["r-1", "r-2", "w-2", "r-3", "*", "w-6", "*"]
    assert kinds[7:11] == ["*", "r-4", "w-4", "*"]
    assert 27 <= order.length <= 67
    lengths = {
        name: {r.length for r in made("tpcc", 4000) if r.template == name} for name in ("Payment", "StockLevel", "Delivery")
    }
    assert (lengths["Payment"], lengths["StockLevel"]) == ({7}, {31})
    assert lengths["Delivery"] == set(range(10, 21))
    ycsb = [request.text.split() for request in made("ycsb") if request.template != "Read"]
    assert all(min(int(token[2:]) for token in each[:5]) == int(each[5][2:]) for each in ycsb)
    writes = [request.text.split() for request in made("taobench") if request.template == "ReadThenWrite"]
    assert all(each[0][2:] == each[-1][2:] and 3 <= len(each) <= 11 for each in writes)


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_every_family_names_hot_keys_and_makes_legal_tokens(family: str) -> None:
    requests = made(family, 300)
    assert len({request.hot_class for request in requests}) > 3
    for request in requests:
        assert all(token == "*" or (token[:2] in ("r-", "w-") and token[2:].isdigit()) for token in request.text.split(" "))
        assert request.length == len(request.text.split(" "))


def test_equal_seeds_give_equal_draws_and_others_others() -> None:
    assert draw("ycsb", 50, "a").texts == draw("ycsb", 50, "a").texts != draw("ycsb", 50, "b").texts


@pytest.mark.parametrize("family", ["smallbank", "epinions", "ycsb"])
def test_a_draw_has_room_for_a_better_order(family: str) -> None:
    for number in range(3):
        drawn = draw(family, 100, str(number))
        assert drawn.first_come >= ROOM * single_key(drawn.batch)


def test_without_room_anywhere_the_roomiest_draw_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adrs.tasks.transactions.batches.ATTEMPTS", 3)
    assert draw("ycsb", 40, "none", 99.0).first_come > 0


def test_draws_are_as_skewed_as_they_say() -> None:
    rng = Random(3)
    counts = Counter(zipf(rng) for _ in range(20000))
    assert counts[1] / 20000 == pytest.approx(0.608, abs=0.015)
    assert counts[2] / counts[1] == pytest.approx(0.25, abs=0.02)
    ranks = Counter(ranked(rng, 1.95, 1000) for _ in range(20000))
    assert ranks[1] / ranks[0] == pytest.approx(2**-1.95, abs=0.02)
    assert Counter(weighted(rng, (1, 3)) for _ in range(4000))[1] / 4000 == pytest.approx(0.75, abs=0.03)
    assert {nurand(rng, 255, 7, 30) for _ in range(2000)} == set(range(30))
    assert sorted(distinct(3, lambda: rng.randint(0, 2))) == [0, 1, 2]


@needs("txn_scheduling")
@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_families_behave_like_the_instances_of_the_pack(family: str) -> None:
    """Median makespan of first come first served, and median bound, over seeds, beside four instances of the pack."""
    held = json.loads(gzip.decompress((Path(DATA) / "txn_scheduling" / "offline_train.json.gz").read_bytes()))
    theirs = [Batch(list(held[f"{family}_{number}"].values())) for number in range(1, 5)]
    ours = [Batch([request.text for request in FAMILIES[family](Random(seed), 100)]) for seed in range(12)]
    for measure, tolerance in ((lambda b: b.makespan(range(b.n)), 0.55), (single_key, 0.55), (lambda b: mean(b.lengths), 0.35)):
        assert median(map(measure, ours)) == pytest.approx(median(map(measure, theirs)), rel=tolerance)
