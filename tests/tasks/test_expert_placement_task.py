"""The expert placement task: what a player sees, the referee's verdicts, tricks, and the separation of splits."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from fake_player import FakePlayer

from adrs.catalog import load_task
from adrs.core.failure import Foul, Refusal
from adrs.core.task import SPLITS, Timing, Verdict, Workload
from adrs.tasks.expert_placement import real
from adrs.tasks.expert_placement.series import Series
from adrs.tasks.expert_placement.synthetic import LARGE, SMALL, series
from adrs.tasks.expert_placement.task import ExpertPlacement

HEAD = "import numpy as np\ndef rebalance_experts(weight, num_replicas, num_groups, num_nodes, num_gpus):\n"


@pytest.fixture(scope="module")
def task() -> ExpertPlacement:
    return made()


def made(**options: object) -> ExpertPlacement:
    task = load_task("expert_placement", options)
    assert isinstance(task, ExpertPlacement)
    return task


@pytest.fixture(scope="module")
def tiny() -> Workload[Series]:
    return Workload("tiny", series(SMALL, 7, 3), "train")


def of(task: ExpertPlacement, split: str) -> list[Workload[Series]]:
    return [workload for workload in task.workloads() if workload.split == split]


def number(verdict: Verdict, name: str) -> float:
    return float(verdict.metrics[name])


class Plain(FakePlayer):
    """A player with the task's kit."""

    def __init__(self, source: str) -> None:
        super().__init__(source, made().kit)


class Clocked(Plain):
    """A player whose calls take as many seconds as `takes` says, in turn; the reference program takes 1 ms."""

    takes: Sequence[float] = (0.001,)

    def timed(self, function: str, variants: Sequence[Sequence[Any]], expect: Any, reference: str) -> Timing:
        assert len(variants) >= 6
        assert len({arguments[0].tobytes() for arguments in variants}) == len(variants), "distinct inputs"
        answers = [self.call(function, *arguments, expect=expect) for arguments in variants]
        charged = tuple(itertools.islice(itertools.cycle(self.takes), len(answers) - 1))
        return Timing(answers, min(charged), 0.001, charged, (0.001,) * len(charged))


# what there is


def test_every_named_baseline_is_there(task: ExpertPlacement) -> None:
    assert set(task.baselines) == {
        "uniform", "deepseek_hierarchical", "deepseek_global", "zigzag_hierarchical", "zigzag_global", "hamilton",
        "lpt_swaps", "smoothed_swaps", "two_windows",
    }  # fmt: skip
    for program in (task.seed, task.offline_seed):
        assert "# EVOLVE-BLOCK-START" in program
    assert not task.packages
    assert not task.timed


def test_two_shapes_in_every_split(task: ExpertPlacement) -> None:
    for split in SPLITS:
        shapes = {(w.data.load.shape[2], w.data.cluster.slots, w.data.cluster.gpus) for w in of(task, split)}
        assert shapes == {(256, 288, 32), (128, 160, 16)}
    assert [w.data.load.shape[2] for w in of(task, "test")] == [128, 256, 256]
    assert len({w.data.digest for w in task.workloads()}) == len(task.workloads())


def test_options_change_what_they_should(task: ExpertPlacement) -> None:
    assert made().fingerprint() == task.fingerprint() != made(data_seed=1).fingerprint()
    assert {w.data.load.shape[1] for w in made(size="large").workloads()} == {24, 58}
    assert made(rules="leaderboard").timed
    assert made(timed=True).timed
    assert made(torch=True).packages == ("torch",)


@pytest.mark.parametrize(
    ("options", "says"),
    [({"data_seed": -1}, "data_seed=-1 is below 0"), ({"rules": "leaderboard", "objective": "fit"}, "leave objective=fit out")],
)
def test_bad_options_are_refused(options: dict[str, object], says: str) -> None:
    with pytest.raises(Refusal, match=says):
        made(**options)


# what a player sees


WATCHER = f"""
seen = []
{HEAD}
    seen.append((weight.copy(), num_replicas, num_groups, num_nodes, num_gpus))
    return np.tile(np.arange(num_replicas) % weight.shape[1], (len(weight), 1))
"""


def test_windows_come_one_by_one_and_the_last_never_comes(task: ExpertPlacement, tiny: Workload[Series]) -> None:
    player = Plain(WATCHER)
    task.judge(player, tiny)
    seen = player.names["seen"]
    assert len(seen) == tiny.data.pairs == len(tiny.data.load) - 1
    for window, (weight, *rest) in enumerate(seen):
        assert weight.dtype == np.int64
        assert np.array_equal(weight, tiny.data.load[window])
        assert rest == [160, 4, 2, 16]


def test_the_clocked_game_shows_new_numbers(tiny: Workload[Series]) -> None:
    player = Clocked(WATCHER)
    made(timed=True).judge(player, tiny)
    for window, (weight, *_) in enumerate(player.names["seen"]):
        assert not np.array_equal(weight, tiny.data.load[window])
        assert np.array_equal(np.sort(weight, axis=1), np.sort(tiny.data.load[window], axis=1))


# what the referee says


def test_the_scale_runs_from_blind_to_the_bound(task: ExpertPlacement, tiny: Workload[Series]) -> None:
    assert task.judge(Plain(task.baselines["uniform"]), tiny).score == 0
    verdict = task.judge(Plain(task.baselines["deepseek_global"]), tiny)
    assert verdict.metrics["gap_closed"] == 0
    blind, forecast, bound = (number(verdict, name) for name in ("blind", "forecast", "bound"))
    assert verdict.score == pytest.approx((forecast - blind) / (bound - blind))
    assert 0.4 < verdict.score < bound <= 1
    assert number(verdict, "fit") > forecast > number(verdict, "slot_forecast")


def test_the_order_of_the_baselines(task: ExpertPlacement) -> None:
    workloads = of(task, "train")
    names = ("uniform", "zigzag_hierarchical", "deepseek_hierarchical", "zigzag_global", "deepseek_global", "hamilton")
    scores = {name: task.total([task.judge(Plain(task.baselines[name]), w) for w in workloads]) for name in names}
    assert scores["uniform"] == 0
    assert max(scores["zigzag_hierarchical"], scores["deepseek_hierarchical"]) < scores["zigzag_global"] < 0.8
    assert scores["deepseek_global"] == pytest.approx(scores["hamilton"], abs=0.01)


def test_the_seed_is_deepseeks_hierarchical_greedy_and_the_offline_seed_its_global_one(
    task: ExpertPlacement, tiny: Workload[Series]
) -> None:
    for program, name in ((task.seed, "deepseek_hierarchical"), (task.offline_seed, "deepseek_global")):
        ours, theirs = (task.judge(Plain(each), tiny) for each in (program, task.baselines[name]))
        assert ours.score == pytest.approx(theirs.score, abs=1e-3)


def test_fit_can_be_what_counts(tiny: Workload[Series]) -> None:
    task = made(objective="fit")
    swaps, greedy = (task.judge(Plain(task.baselines[name]), tiny) for name in ("lpt_swaps", "deepseek_global"))
    assert 1 > swaps.score > greedy.score > 0.98
    assert 0 < number(swaps, "gap_closed") < 1
    assert "whose load became" not in swaps.feedback


def test_summary_follows_from_means(task: ExpertPlacement) -> None:
    verdicts = [task.judge(Plain(task.baselines["zigzag_global"]), w) for w in of(task, "train")]
    summary = task.summary(verdicts)
    way = summary["bound"] - summary["deepseek_global"]
    assert summary["gap_closed"] == pytest.approx((summary["forecast"] - summary["deepseek_global"]) / way)


def test_feedback_is_short_and_concrete(task: ExpertPlacement) -> None:
    for workload in of(task, "train"):
        said = task.judge(Plain(task.baselines["zigzag_global"]), workload).feedback
        assert 100 < len(said) <= 300
        assert said.endswith("shown.")
        assert "Most lost there in layer" in said


# run time


def test_time_costs_at_most_a_tenth_of_the_scale(tiny: Workload[Series]) -> None:
    task, program = made(timed=True), made().baselines["deepseek_global"]
    with patch.object(Clocked, "takes", (0.002,)):
        quick = task.judge(Clocked(program), tiny)
    with patch.object(Clocked, "takes", (0.004,)):
        slow = task.judge(Clocked(program), tiny)
    assert quick.score - slow.score == pytest.approx(0.05)
    assert number(quick, "milliseconds") == pytest.approx(2)
    plain = made().judge(Plain(program), tiny)
    assert quick.score == pytest.approx(plain.score, abs=3e-3), "new numbers change ties and nothing else"


def test_the_leaderboards_score_is_the_score_under_its_rules(tiny: Workload[Series]) -> None:
    task = made(rules="leaderboard")
    verdict = task.judge(Clocked(task.baselines["zigzag_global"]), tiny)
    points, blind, bound = (number(verdict, name) for name in ("leaderboard_score", "blind", "bound"))
    assert points == pytest.approx(90 * number(verdict, "forecast") + 10)
    assert verdict.score == pytest.approx((points - 90 * blind - 10) / (90 * (bound - blind)))


LAZY = """
calls = 0
{source}
careful = rebalance_experts
def rebalance_experts(weight, num_replicas, num_groups, num_nodes, num_gpus):
    global calls
    calls += 1
    if calls == 4:
        return np.tile(np.arange(num_replicas) % weight.shape[1], (len(weight), 1))
    return careful(weight, num_replicas, num_groups, num_nodes, num_gpus)
"""


def test_being_fast_in_one_call_gains_nothing(tiny: Workload[Series]) -> None:
    """The mean over all calls counts: one free call of seven saves a seventh of the time and costs more in balance."""
    task = made(rules="leaderboard")
    program = task.baselines["zigzag_global"]
    with patch.object(Clocked, "takes", (0.003,)):
        honest = task.judge(Clocked(program), tiny)
    with patch.object(Clocked, "takes", (0.003, 0.003, 1e-6, 0.003, 0.003, 0.003, 0.003)):
        lazy = task.judge(Clocked(LAZY.format(source=program)), tiny)
    assert number(lazy, "milliseconds") == pytest.approx(3 * 6 / 7, rel=1e-3)
    assert lazy.score < honest.score


# tricks


def test_an_answer_is_the_map_alone(task: ExpertPlacement, tiny: Workload[Series]) -> None:
    """Counts and inverse maps, which allowed tricks, are not part of the answer; three arrays are not a map."""
    three = f"{HEAD}    m = np.zeros((len(weight), num_replicas), np.int64)\n    return m, m, m"
    with pytest.raises(Foul) as caught:
        task.judge(Plain(three), tiny)
    assert caught.value.kind == "illegal_answer"


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("np.zeros((len(weight), num_replicas), np.int64)", "layer 0 has no replica of expert 1"),
        ("np.tile(np.arange(num_replicas) % weight.shape[1], (len(weight), 1)) - 1", "layer 0, slot 0 holds expert -1"),
        ("np.tile(np.arange(num_replicas), (len(weight), 1))", "layer 0, slot 128 holds expert 128"),
        ("np.tile(np.arange(num_replicas) % weight.shape[1], (len(weight), 1))[:, :-1]", "shape"),
        ("np.tile(np.arange(num_replicas) % weight.shape[1], (len(weight) + 1, 1))", "shape"),
        ("np.tile(np.arange(num_replicas) % weight.shape[1], (len(weight), 1)).astype(np.int32)", "int32"),
        ("(np.arange(len(weight) * num_replicas) % weight.shape[1]).reshape(len(weight), -1) * 1.0", "float64"),
        ("[[0]]", "illegal|read|array|expected"),
        ("None", "illegal|read|array|expected"),
    ],
)
@pytest.mark.parametrize("timed", [False, True])
def test_an_illegal_placement_is_a_foul(tiny: Workload[Series], answer: str, says: str, timed: bool) -> None:
    with pytest.raises(Foul, match=says) as caught:
        made(timed=timed).judge(Clocked(f"{HEAD}    return {answer}"), tiny)
    assert caught.value.kind == "illegal_answer"


def test_an_expert_without_load_needs_a_slot_too(task: ExpertPlacement, tiny: Workload[Series]) -> None:
    load = tiny.data.load.copy()
    load[:, :, 5] = 0
    drop = "np.tile(np.where(np.arange(num_replicas) % weight.shape[1] == 5, 0, np.arange(num_replicas) % weight.shape[1]), "
    program = f"{HEAD}    return {drop}(len(weight), 1))"
    with pytest.raises(Foul, match="layer 0 has no replica of expert 5"):
        task.judge(Plain(program), Workload("idle", Series(load, tiny.data.cluster), "train"))


def test_arrays_that_change_after_the_answer_change_nothing(task: ExpertPlacement, tiny: Workload[Series]) -> None:
    """Changing a returned array later, or the argument, has no effect: the referee has its own bytes."""
    late = f"""
kept = []
{HEAD}
    for old in kept:
        old[:] = 0
    answer = np.tile(np.arange(num_replicas) % weight.shape[1], (len(weight), 1))
    kept.append(answer)
    weight[:] = 0
    return answer
"""
    before = tiny.data.digest
    scribbled, honest = (task.judge(Plain(each), tiny) for each in (late, WATCHER))
    assert scribbled == honest
    assert tiny.data.digest == before


def test_a_tensor_that_computes_late_cannot_be_sent(task: ExpertPlacement, tiny: Workload[Series]) -> None:
    lazy = f"class Lazy(list):\n    def __iter__(self): raise RuntimeError\n{HEAD}    return Lazy([1])"
    with pytest.raises(Foul):
        task.judge(Plain(lazy), tiny)


def test_memory_of_earlier_windows_is_fair_and_gains_nothing_when_clocked(tiny: Workload[Series]) -> None:
    remembers = f"""
first = []
{made().baselines["deepseek_global"]}
careful = rebalance_experts
def rebalance_experts(*arguments):
    if not first:
        first.append(careful(*arguments))
    return first[0]
"""
    plain = made().judge(Plain(remembers), tiny)
    clocked = made(timed=True).judge(Clocked(remembers), tiny)
    assert number(plain, "forecast") > number(plain, "blind") + 0.1
    assert number(clocked, "forecast") < number(plain, "forecast") - 0.05


# splits of the measured series


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> Series:
    whole = series(LARGE, 11, 2)
    monkeypatch.setattr(real, "series", lambda: whole)
    return whole


def test_measured_windows_are_in_one_split_only(measured: Series) -> None:
    task = made(data="real")
    windows = {w.split: w.data.load for w in task.workloads()}
    assert np.array_equal(np.concatenate([windows[split] for split in SPLITS]), measured.load)
    assert [len(windows[split]) for split in SPLITS] == [5, 3, 5]


def test_the_leaderboards_test_is_the_whole_series_and_train_is_synthetic(measured: Series) -> None:
    task = made(data="real", rules="leaderboard")
    (test,) = of(task, "test")
    assert test.data is measured
    assert [w.name for w in of(task, "train")] == [w.name for w in of(made(), "train")]


def test_short_measured_splits_can_be_clocked(measured: Series) -> None:
    task = made(data="real", timed=True)
    (validation,) = of(task, "validation")
    verdict = task.judge(Clocked(task.baselines["zigzag_global"]), validation)
    assert 0 < verdict.score < 1
