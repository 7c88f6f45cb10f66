"""The rules of expert placement: golden values of published programs, the generator, the bound, and illegal placements."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from fake_player import DATA, needs
from hypothesis import given, settings
from hypothesis import strategies as st

from adrs.catalog import load_task
from adrs.core.failure import Foul
from adrs.tasks.expert_placement import kit, reference
from adrs.tasks.expert_placement.bound import best_balance, least_share
from adrs.tasks.expert_placement.relabelling import CALLS, calls
from adrs.tasks.expert_placement.score import balances, leaderboard_score, slot_balances, slowness
from adrs.tasks.expert_placement.series import Cluster, Ints, Series
from adrs.tasks.expert_placement.simulator import balance, check, gpu_loads, replicas, slot_loads
from adrs.tasks.expert_placement.synthetic import LARGE, SMALL, Model, series
from adrs.testing import PlainPlayer

KNOWN = ((LARGE, 20260101, "synth_58x256_train.npz"), (SMALL, 20260201, "synth_24x128_train.npz"))


@pytest.fixture(scope="module")
def known() -> dict[int, Series]:
    """The two series that published programs were measured on, by their number of experts."""
    return {model.experts: series(model, seed) for model, seed, _ in KNOWN}


def placed(source: str, made: Series) -> list[Ints]:
    place, cluster = PlainPlayer(source, load_task("expert_placement").kit).names["rebalance_experts"], made.cluster
    assert callable(place)
    return [place(load.copy(), cluster.slots, cluster.groups, cluster.nodes, cluster.gpus) for load in made.load[:-1]]


# golden values


PUBLISHED = {
    # program here: (published program's balance over GPUs on 58 x 256, over slots, over GPUs on 24 x 128)
    "deepseek_hierarchical": (0.733804, 0.238442, 0.788459),
    "zigzag_hierarchical": (0.727687, 0.238442, 0.784555),
    "zigzag_global": (0.763330, 0.253416, 0.815552),
    "hamilton": (0.765394, 0.253463, 0.815726),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_programs_balance_like_the_published_ones(known: dict[int, Series], name: str) -> None:
    """Ties, data types and the order of equal weights may differ: half a thousandth is allowed."""
    source = load_task("expert_placement").baselines[name]
    large, small = placed(source, known[256]), placed(source, known[128])
    gpu, slot, gpu_small = PUBLISHED[name]
    assert np.mean(balances(known[256], range(1, 13), large)) == pytest.approx(gpu, abs=5e-4)
    assert np.mean(slot_balances(known[256], range(1, 13), large)) == pytest.approx(slot, abs=1e-4)
    assert np.mean(balances(known[128], range(1, 9), small)) == pytest.approx(gpu_small, abs=5e-4)


@pytest.mark.parametrize(
    ("name", "forecast"),
    [
        ("uniform", 0.413),
        ("deepseek_global", 0.7649),
        ("lpt_swaps", 0.7653),
        ("smoothed_swaps", 0.7673),
        ("two_windows", 0.744),
    ],
)
def test_other_programs_balance_as_measured_elsewhere(known: dict[int, Series], name: str, forecast: float) -> None:
    source = load_task("expert_placement").baselines[name]
    assert np.mean(balances(known[256], range(1, 13), placed(source, known[256]))) == pytest.approx(forecast, abs=1.3e-3)


def test_published_balances_pair_by_pair(known: dict[int, Series]) -> None:
    greedy = [0.6787, 0.8239, 0.827, 0.8236, 0.8211, 0.8148, 0.8145, 0.8105, 0.4124, 0.6358, 0.6669, 0.6765]
    source = load_task("expert_placement").baselines["deepseek_hierarchical"]
    assert balances(known[256], range(1, 13), placed(source, known[256])) == pytest.approx(greedy, abs=1e-3)


def test_a_program_that_knows_the_next_window_reaches_nearly_everything(known: dict[int, Series]) -> None:
    """Swaps on the next window's loads: 0.99969; the same from the past: 0.766."""
    made = known[256]
    future = Series(np.concatenate([made.load[1:], made.load[-1:]]), made.cluster)
    peeked = placed(load_task("expert_placement").baselines["lpt_swaps"], future)
    assert np.mean(balances(made, range(1, 13), peeked)) == pytest.approx(0.99969, abs=2e-5)


@pytest.mark.parametrize(
    ("gpu", "milliseconds", "points"),
    [(0.73380408, 887.893, 48.2958), (0.72768737, 3.10081, 68.7168), (0.76539377, 7.85480, 70.1585), (0.99969, 0.03, 99.9721)],
)
def test_the_leaderboards_formula(gpu: float, milliseconds: float, points: float) -> None:
    assert leaderboard_score(gpu, milliseconds / 1e3) == pytest.approx(points, abs=1e-3)


def test_the_leaderboards_formula_at_its_borders() -> None:
    assert leaderboard_score(1.0, 1e-3) == leaderboard_score(1.0, 1e-6) == 100
    assert leaderboard_score(0.0, 0.010) == pytest.approx(1.0)
    assert leaderboard_score(0.0, 0.011) == pytest.approx(10 / 11 - 0.22)
    assert leaderboard_score(0.0, 5.0) == pytest.approx(0.002 - 20)


def test_slowness_has_no_price_up_to_twice_the_reference() -> None:
    assert slowness(0.002, 0.001) == 0 == slowness(0.0001, 0.001)
    assert slowness(0.004, 0.001) == 0.5


# the generator


@needs("eplb")
@pytest.mark.parametrize(("model", "seed", "file"), KNOWN)
def test_the_generator_makes_the_known_series_to_the_last_token(model: Model, seed: int, file: str) -> None:
    with np.load(Path(DATA) / "eplb" / file, allow_pickle=False) as held:
        assert np.array_equal(series(model, seed).load, held["load"])


def test_what_a_series_looks_like(known: dict[int, Series]) -> None:
    made = known[256]
    tokens = made.load.sum(axis=2)
    assert made.load.shape == (13, 58, 256)
    assert (tokens == tokens[:, :1]).all(), "every layer sees every token"
    assert 0.8 * LARGE.tokens <= tokens.min() <= tokens.max() <= 1.2 * LARGE.tokens
    logs = np.log(made.load + 0.5)
    steps = (logs[1:] - logs[:-1]).std(axis=2).mean(axis=1)
    assert int(steps.argmax()) == 8, "traffic changes after window 8"
    assert steps[1:8].max() < 0.25 < steps[0]
    assert 0.4 < logs[0].std(axis=1).min() < 0.62 < logs[0].std(axis=1).max() < 0.9


def test_fewer_layers_are_a_series_of_their_own() -> None:
    assert series(SMALL, 1, 3).load.shape == (9, 3, 128)
    assert np.array_equal(series(SMALL, 1, 3).load, series(SMALL, 1, 3).load)
    assert series(SMALL, 1, 3).digest != series(SMALL, 2, 3).digest


# the simulator, against a plain reading of the rules


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_loads_are_what_the_published_loops_say(data: st.DataObject) -> None:
    experts, gpus, places, layers = (data.draw(st.integers(1, 4)) for _ in range(4))
    slots = gpus * places
    experts = min(experts, slots)
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    load = rng.integers(0, 50, (layers, experts))
    rest = rng.integers(0, experts, (layers, slots - experts))
    placement = rng.permuted(np.concatenate([np.tile(np.arange(experts), (layers, 1)), rest], axis=1), axis=1)
    check(placement, experts)
    held = np.zeros((layers, slots))
    for layer in range(layers):
        for expert in range(experts):
            where = [slot for slot in range(slots) if placement[layer, slot] == expert]
            assert replicas(placement, experts)[layer, expert] == len(where)
            for slot in where:
                held[layer, slot] += load[layer, expert] / len(where)
    assert slot_loads(load, placement) == pytest.approx(held)
    loads = held.reshape(layers, gpus, places).sum(axis=2)
    assert gpu_loads(load, placement, gpus) == pytest.approx(loads)
    if load.any():
        assert balance(loads) == pytest.approx(loads.mean(axis=1).sum() / loads.max(axis=1).sum())


def test_the_example_of_the_statement() -> None:
    shown, following = np.array([[60, 30, 10]]), np.array([[40, 50, 10]])
    for placement, forecast in (([[0, 1, 0, 2]], 50 / 70), ([[0, 0, 1, 2]], 50 / 60)):
        answer = np.array(placement)
        assert balance(gpu_loads(shown, answer, 2)) == pytest.approx(50 / 60)
        assert balance(gpu_loads(following, answer, 2)) == pytest.approx(forecast)


def test_without_load_everything_is_balanced() -> None:
    nothing = np.zeros((2, 3), np.int64)
    assert balance(gpu_loads(nothing, np.array([[0, 1, 2, 0], [0, 1, 2, 2]]), 2)) == 1
    assert best_balance(nothing, Cluster(4, 1, 1, 2)) == 1


@pytest.mark.parametrize(
    ("placement", "says"),
    [
        ([[0, 1, 2, 0], [0, 1, 3, 0]], "layer 1, slot 2 holds expert 3; experts are 0 to 2"),
        ([[0, -1, 2, 1], [0, 1, 2, 0]], "layer 0, slot 1 holds expert -1"),
        ([[0, 1, 2, 0], [0, 1, 1, 0]], "layer 1 has no replica of expert 2"),
    ],
)
def test_illegal_placements_are_named(placement: list[list[int]], says: str) -> None:
    with pytest.raises(Foul, match=says) as caught:
        check(np.array(placement), 3)
    assert caught.value.kind == "illegal_answer"


# the bound


@settings(max_examples=40, deadline=None)
@given(
    loads=st.lists(st.integers(0, 30), min_size=1, max_size=4),
    gpus=st.integers(1, 3),
    places=st.integers(1, 2),
)
def test_no_placement_beats_the_bound(loads: list[int], gpus: int, places: int) -> None:
    slots = gpus * places
    loads = loads[:slots]
    load = np.array([loads])
    every = [p for p in itertools.product(range(len(loads)), repeat=slots) if set(p) == set(range(len(loads)))]
    best = max(balance(gpu_loads(load, np.array([p]), gpus)) for p in every)
    assert best <= best_balance(load, Cluster(slots, 1, 1, gpus)) + 1e-12
    least = min(slot_loads(load, np.array([p])).max() for p in every)
    assert least_share(load, slots) == pytest.approx([least]), "the greedy choice of replicas is the best"


def test_the_bound_sees_an_expert_too_hot_for_its_replicas() -> None:
    load = np.array([[90, 1, 1, 1]])
    assert best_balance(load, Cluster(6, 1, 1, 3)) == pytest.approx(31 / 31)
    assert best_balance(load, Cluster(5, 1, 1, 5)) == pytest.approx(93 / 5 / 45)


# the kit, against a plain reading of the published rules


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_the_kit_places_as_plain_loops_do(data: st.DataObject) -> None:
    gpus, places, layers = (data.draw(st.integers(1, 4)) for _ in range(3))
    slots = gpus * places
    experts = data.draw(st.integers(1, slots))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    load = rng.integers(0, 50, (layers, experts))
    for row, placed_here in zip(load.tolist(), kit.place(load, slots, gpus).tolist(), strict=True):
        counts, held = [1] * experts, list(range(experts))
        while len(held) < slots:
            hottest = max(range(experts), key=lambda expert: row[expert] / counts[expert])
            counts[hottest] += 1
            held.append(hottest)
        inside: list[list[int]] = [[] for _ in range(gpus)]
        filled = [0.0] * gpus
        for expert in sorted(held, key=lambda expert: -row[expert] / counts[expert]):
            chosen = min((gpu for gpu in range(gpus) if len(inside[gpu]) < places), key=lambda gpu: filled[gpu])
            inside[chosen].append(expert)
            filled[chosen] += row[expert] / counts[expert]
        assert placed_here == [expert for gpu in inside for expert in gpu]


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32), gpus=st.integers(1, 4), places=st.integers(1, 3))
def test_exchanging_keeps_the_slots_and_never_raises_the_fullest_gpu(seed: int, gpus: int, places: int) -> None:
    share = np.random.default_rng(seed).integers(1, 50, (3, gpus * places)).astype(np.float64)
    before = share.copy()
    order = np.tile(np.arange(gpus * places), (3, 1))
    after = kit.exchange(order, share, gpus)
    assert after is order
    assert np.array_equal(np.sort(order, axis=1), np.tile(np.arange(gpus * places), (3, 1)))
    assert np.array_equal(np.take_along_axis(before, order, axis=1), share)
    peaks = [each.reshape(3, gpus, places).sum(axis=2).max(axis=1) for each in (before, share)]
    assert (peaks[1] <= peaks[0]).all()


# reference placements and relabelling


def test_references_are_the_programs(known: dict[int, Series]) -> None:
    task = load_task("expert_placement")
    for made in (known[128], Series(known[256].load[:3, :9], known[256].cluster)):
        for rule in (reference.uniform, reference.deepseek_global):
            ours = [rule(load, made.cluster) for load in made.load[:-1]]
            assert all(map(np.array_equal, ours, placed(task.baselines[rule.__name__], made)))


def test_relabelled_calls_are_new_and_exactly_as_hard(known: dict[int, Series]) -> None:
    made = known[128]
    asked = list(calls(made))
    assert [call.window for call in asked] == list(range(8))
    source = load_task("expert_placement").baselines["deepseek_hierarchical"]
    for call, plain in zip(asked, placed(source, made), strict=True):
        assert not np.array_equal(call.load, made.load[call.window])
        (answer,) = placed(source, Series(np.stack([call.load, call.load]), made.cluster))
        back = call.translated(answer)
        check(back, 128)
        pair = balances(made, [call.window] * 2, [back, plain])
        assert pair[0] == pytest.approx(pair[1], abs=2e-3)


def test_short_series_are_called_often_enough(known: dict[int, Series]) -> None:
    short = Series(known[128].load[:3], known[128].cluster)
    asked = list(calls(short))
    assert len(asked) >= CALLS
    assert [call.window for call in asked] == [0, 1] * 3
    assert len({call.load.tobytes() for call in asked}) == len(asked)
    again = list(calls(short))
    assert all(np.array_equal(a.load, b.load) for a, b in zip(asked, again, strict=True))
