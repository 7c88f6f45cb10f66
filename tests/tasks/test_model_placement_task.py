"""The model placement task: what a player sees, what the referee says, how splits keep apart, and what tricks bring."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any, get_args

import numpy as np
import pytest
from fake_player import FakePlayer
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import RandomState

from adrs.catalog import load_task
from adrs.core.failure import Foul, Refusal
from adrs.core.task import SPLITS, Verdict, Workload
from adrs.tasks.model_placement import splits
from adrs.tasks.model_placement.feedback import feedback
from adrs.tasks.model_placement.instance import FULL, Instance, Model
from adrs.tasks.model_placement.score import bound, points
from adrs.tasks.model_placement.splits import Batch
from adrs.tasks.model_placement.synthetic import EPOCHS, FAMILIES, KINDS_GB, PRICES
from adrs.tasks.model_placement.task import ModelPlacement, Variant

Workloads = Sequence[Workload[Batch]]
SIGNATURE = "def place(memory_gb, models, move_cost):"


@pytest.fixture(scope="module")
def task() -> ModelPlacement:
    return made()


@pytest.fixture(scope="module")
def board() -> ModelPlacement:
    return made(rules="leaderboard")


def made(**options: object) -> ModelPlacement:
    task = load_task("model_placement", options)
    assert isinstance(task, ModelPlacement)
    return task


def of(task: ModelPlacement, split: str, most: int | None = None) -> Workloads:
    return [workload for workload in task.workloads() if workload.split == split][:most]


def played(task: ModelPlacement, program: str, workloads: Workloads) -> list[Verdict]:
    return [task.judge(FakePlayer(program), workload) for workload in workloads]


def answering(expression: str, before: str = "pass") -> str:
    """A program that answers one expression over its arguments."""
    return f"{SIGNATURE}\n    {before}\n    return {expression}"


def foul(task: ModelPlacement, program: str, workload: Workload[Batch] | None = None) -> str:
    """What the referee says of a program that breaks a rule."""
    with pytest.raises(Foul) as caught:
        task.judge(FakePlayer(program), workload or of(task, "train")[0])
    assert caught.value.kind == "illegal_answer"
    return caught.value.reason


# what there is


def test_the_catalogue_finds_seed_and_baselines(task: ModelPlacement, board: ModelPlacement) -> None:
    names = ["bisect_best_fit", "first_fit", "kvpr_greedy", "local_search", "round_robin", "stay"]
    assert sorted(task.baselines) == names
    assert (task.state_of_the_art, board.state_of_the_art) == ("local_search", "kvpr_greedy")
    for program in (task.seed, task.offline_seed):
        assert program.index("# EVOLVE-BLOCK-START") < program.index("return") < program.index("# EVOLVE-BLOCK-END")


def test_programs_import_the_standard_library_only(task: ModelPlacement) -> None:
    for program in (task.seed, task.offline_seed, *task.baselines.values()):
        imported = [node for node in ast.walk(ast.parse(program)) if isinstance(node, ast.Import | ast.ImportFrom)]
        names = {node.module if isinstance(node, ast.ImportFrom) else node.names[0].name for node in imported}
        assert names <= {"random", "typing"}


def test_the_default_suite_mixes_all_families_in_all_splits(task: ModelPlacement) -> None:
    for split, most in (("train", 10), ("validation", 10), ("test", 20)):
        workloads = of(task, split)
        assert [workload.data.family for workload in workloads] == [*FAMILIES, *FAMILIES]
        assert {len(workload.data.instances) for workload in workloads} == {most}


def test_no_instance_is_there_twice(task: ModelPlacement) -> None:
    every = [instance for workload in task.workloads() for instance in workload.data.instances]
    assert len({instance.digest for instance in every}) == len(every) == 400


@pytest.mark.parametrize("variant", FAMILIES)
def test_one_family_alone_has_three_times_as_many_workloads(variant: str, task: ModelPlacement) -> None:
    alone = made(variant=variant)
    assert {workload.data.family for workload in alone.workloads()} == {variant}
    assert [len(of(alone, split)) for split in SPLITS] == [6, 6, 6]
    mixed = [workload.data.digest for workload in of(task, "train") if workload.data.family == variant]
    assert [workload.data.digest for workload in of(alone, "train", 2)] == mixed


def test_the_option_offers_what_there_is() -> None:
    assert set(get_args(Variant)) == {"all", *FAMILIES}


def test_another_data_seed_gives_other_instances_and_the_same_one_the_same(task: ModelPlacement) -> None:
    assert made().fingerprint() == task.fingerprint() != made(data_seed=1).fingerprint()
    assert made(size="large").fingerprint() != task.fingerprint()


def test_the_default_instances_stay_what_they_are(task: ModelPlacement) -> None:
    """Published results name a data_seed; a change here makes them void."""
    known = {w.name: w.data.digest[:12] for w in of(task, "test", 5)}
    assert known == DEFAULT_TEST


DEFAULT_TEST = {
    "test-two_per_gpu-0": "0cafdfd74089",
    "test-three_per_gpu-0": "4244beee6f0d",
    "test-mixed_memory-0": "a6529a837778",
    "test-migration-0": "4aecab2a49c0",
    "test-drift-0": "a0f6e9af6dd2",
}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"data_seed": -1}, "data_seed=-1 is below 0"),
        ({"rules": "leaderboard", "variant": "drift"}, "rules=leaderboard knows two_per_gpu"),
        ({"rules": "leaderboard", "size": "large"}, "leave variant and size out"),
        ({"variant": "four_per_gpu"}, "four_per_gpu"),
        ({"rules": "cleaner"}, "cleaner"),
        ({"size": "huge"}, "huge"),
    ],
)
def test_options_that_cannot_be_are_refused(options: dict[str, Any], says: str) -> None:
    with pytest.raises(Refusal, match=says):
        made(**options)


# generators


def test_every_instance_can_be_placed_and_is(task: ModelPlacement) -> None:
    for workload in task.workloads():
        for instance in workload.data.instances:
            assert instance.cost(instance.stay) < FULL
            assert 8 <= len(instance.models) <= 20
            assert (instance.move_cost > 0) == (workload.data.family in ("migration", "drift"))
            assert all({len(m.history)} == {EPOCHS - 1 if workload.data.family == "drift" else 0} for m in instance.models)


def test_memory_is_mixed_where_it_should_be() -> None:
    drawn = [FAMILIES["mixed_memory"](RandomState(seed), 1) for seed in range(40)]
    assert {memory for instance in drawn for memory in instance.memory_gb} == set(KINDS_GB)
    filled = [sum(instance.sizes) / sum(instance.memory_gb) for instance in drawn]
    assert 0.55 < min(filled) <= max(filled) < 0.8
    assert all(len(set(instance.memory_gb)) > 1 for instance in drawn)


def test_moving_has_the_price_that_is_said() -> None:
    for seed in range(20):
        instance = FAMILIES["migration"](RandomState(seed), 1)
        times = instance.move_cost * sum(instance.sizes) / instance.pooled()
        assert min(abs(times / price - 1) for price in PRICES) < 0.01


def test_placed_well_once_is_stale_now() -> None:
    stale = [FAMILIES["migration"](RandomState(seed), 1) for seed in range(30)]
    assert np.mean([max(each.pressures(each.stay)) / each.pooled() for each in stale]) > 1.2
    drifted = [FAMILIES["drift"](RandomState(seed), 1) for seed in range(30)]
    assert np.mean([max(each.pressures(each.stay)) / each.pooled() for each in drifted]) > 1.2


def test_drifting_rates_move_and_remember() -> None:
    models = [m for seed in range(60) for m in FAMILIES["drift"](RandomState(seed), 1).models]
    series = np.array([(*m.history, m.req_rate, m.scored_rate) for m in models], float)
    assert series.shape == (len(models), EPOCHS + 1)
    assert series.min() >= 1
    changed = np.mean(series[:, -1] != series[:, -2])
    assert 0.5 < changed < 0.95
    logs = np.log(series)
    near, far = (np.corrcoef(logs[:, -1], logs[:, -1 - lag])[0, 1] for lag in (1, 4))
    assert near > 0.6
    assert near > far


def test_large_fleets_are_twice_as_large() -> None:
    small, large = (made(variant="three_per_gpu", size=size) for size in ("small", "large"))
    gpus = [{len(i.memory_gb) for w in t.workloads() for i in w.data.instances} for t in (small, large)]
    assert gpus == [{4, 5, 6}, {8, 10, 12}]


# what a player sees


def test_a_player_sees_what_the_interface_says_and_nothing_else(task: ModelPlacement) -> None:
    spy = "seen = []\n" + answering("[m['gpu'] for m in models]", "seen.append((memory_gb, models, move_cost))")
    for workload in of(task, "train", 5):
        player = FakePlayer(spy)
        task.judge(player, workload)
        seen = player.names["seen"]
        assert len(seen) == 10
        for (memory, models, move_cost), instance in zip(seen, workload.data.instances, strict=True):
            assert memory == list(instance.memory_gb)
            assert type(move_cost) is float
            for told, model in zip(models, instance.models, strict=True):
                assert list(told) == ["size_gb", "req_rate", "slo", "gpu", "history"]
                assert [type(told[key]) for key in ("size_gb", "req_rate", "slo", "gpu")] == [int] * 4
                assert told["history"] == list(model.history)


def test_the_rate_that_is_scored_is_never_sent() -> None:
    models = tuple(Model(10, 3, 5, 0, (2, 4), scored) for scored in (7777, 8888))
    assert "7777" not in repr(Instance((80,), models).shown)
    assert Instance((80, 80), models).shown == Instance((80, 80), tuple(Model(10, 3, 5, 0, (2, 4), 3) for _ in models)).shown


# what the referee says


def test_the_example_of_the_statement() -> None:
    models = (Model(20, 6, 6, 0, (), 6), Model(30, 2, 5, 1, (), 2), Model(10, 9, 9, 0, (), 9))
    instance = Instance((80, 80), models, 0.0005)
    assert max(instance.pressures((0, 1, 1))) == pytest.approx(0.035)
    assert max(instance.pressures((0, 1, 0))) == pytest.approx(0.04)
    assert instance.cost((0, 1, 1)) == pytest.approx(0.04)
    assert instance.moved_gb((0, 1, 1)) == 10


@pytest.mark.slow
def test_baselines_on_synthetic_train(task: ModelPlacement) -> None:
    scores = {}
    for name in ("stay", "kvpr_greedy", "bisect_best_fit", "local_search"):
        verdicts = played(task, task.baselines[name], of(task, "train"))
        scores[name] = task.total(verdicts)
        gap = task.summary(verdicts)["gap_closed"]
        assert (gap == 0) == (name == "local_search")
    assert scores["stay"] == 0
    assert scores["kvpr_greedy"] < 0 < 0.5 < scores["bisect_best_fit"] < scores["local_search"] < 0.95


def test_seeds_are_greedy(task: ModelPlacement) -> None:
    greedy = played(task, task.baselines["kvpr_greedy"], of(task, "train"))
    assert played(task, task.seed, of(task, "train")) == greedy
    assert played(task, task.offline_seed, of(task, "train")) == greedy


def test_round_robin_is_staying_where_all_gpus_are_alike(task: ModelPlacement) -> None:
    for workload in of(task, "train", 2):
        assert task.judge(FakePlayer(task.baselines["round_robin"]), workload).score == 0


def test_a_gpu_that_is_full_to_the_brim_is_legal_and_ruinous(task: ModelPlacement) -> None:
    verdicts = played(task, task.baselines["first_fit"], of(task, "train"))
    assert min(verdict.score for verdict in verdicts) < -100_000


def test_the_best_placement_of_each_instance_scores_one(task: ModelPlacement) -> None:
    for workload in of(task, "train", 2):
        best = [_best(instance) for instance in workload.data.instances]
        player = FakePlayer("answers = iter([])\n" + answering("next(answers)"))
        player.names["answers"] = iter(best)
        verdict = task.judge(player, workload)
        assert verdict.score == 1 == task.bound
        assert verdict.metrics["optimal_share"] == 1
        assert verdict.feedback == "10 of 10 optimal."


def _best(instance: Instance) -> list[int]:
    from adrs.tasks.model_placement.packing import least_pressure

    return list(least_pressure(instance.weights, instance.sizes, instance.memory_gb, instance.stay).placement)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(sorted(FAMILIES)))
def test_no_placement_is_below_the_bound(seed: int, family: str) -> None:
    rng = RandomState(seed)
    instance = FAMILIES[family](rng, 1)  # type: ignore[index]
    least = bound(instance)
    for _ in range(20):
        placement = rng.randint(len(instance.memory_gb), size=len(instance.models)).tolist()
        if all(used <= memory for used, memory in zip(instance.used(placement), instance.memory_gb, strict=True)):
            assert instance.cost(placement) >= least
    assert instance.cost(instance.stay) >= least


def test_where_staying_is_best_staying_scores_one_and_all_else_less(task: ModelPlacement) -> None:
    model = Model(20, 5, 5, 0, (), 5)
    batch = Batch("two_per_gpu", (Instance((80, 80), (model, Model(20, 5, 5, 1, (), 5))),))
    workload = Workload("calm", batch, "train")
    assert task.judge(FakePlayer(task.baselines["stay"]), workload).score == 1
    assert task.judge(FakePlayer(answering("[0, 0]")), workload).score < 0


def test_feedback_names_the_gpu_and_is_short(task: ModelPlacement) -> None:
    for program in (task.seed, task.baselines["first_fit"], task.baselines["local_search"]):
        for verdict in played(task, program, of(task, "train", 5)):
            assert len(verdict.feedback) <= 300
            assert verdict.metrics["optimal_share"] == 1 or " % of the pressure" in verdict.feedback


def test_feedback_counts_what_moved_and_what_grew() -> None:
    models = (Model(20, 5, 5, 0, (5,), 9), Model(20, 5, 5, 1, (5,), 5), Model(10, 1, 5, 1, (5,), 1))
    instance = Instance((80, 80), models, 0.001)
    text = feedback([instance], [(0, 0, 1)], [0.03])
    assert text == (
        "0 of 1 optimal. Most lost: instance 0 (2 GPUs, 3 models) costs 0.0900, bound 0.0300. GPU 0 carries 96 % of the "
        "pressure (0.0700; lowest 0.0029): models 0, 1, 40 of 80 GB. 20 of 50 GB moved for 0.0200. "
        "Model 0 went from 5 to 9 req/s."
    )


# the public evaluator


def test_the_leaderboards_numbers_through_the_referee(board: ModelPlacement) -> None:
    workloads = of(board, "test")
    assert sum(len(workload.data.instances) for workload in workloads) == 50
    greedy = board.summary(played(board, board.baselines["kvpr_greedy"], workloads))
    assert greedy["leaderboard_score"] == pytest.approx(60.817400988, abs=1e-9)
    assert greedy["cost"] == pytest.approx(0.0478660773665175, abs=1e-12)
    assert greedy["skydiscover_score"] == pytest.approx(21.892, abs=5e-4)
    assert greedy["leaderboard_optimum"] == pytest.approx(87.40961879545537, abs=1e-9)
    assert greedy["cost_bound"] == pytest.approx(0.03959459607878291, abs=1e-12)
    trivial = board.summary(played(board, board.baselines["round_robin"], workloads))
    assert trivial["leaderboard_score"] == 0
    assert trivial["gap_closed"] == pytest.approx(-1.6891, abs=1e-3)
    assert trivial["cost"] == pytest.approx(0.061838, abs=5e-7)


def test_first_fit_is_skydiscovers_naive_start(board: ModelPlacement) -> None:
    summary = board.summary(played(board, board.baselines["first_fit"], of(board, "test")))
    assert summary["skydiscover_score"] == pytest.approx(1.000003, abs=5e-7)


def test_a_score_under_leaderboard_rules_is_a_share_of_the_optimums_points(board: ModelPlacement) -> None:
    (verdict,) = played(board, board.seed, of(board, "test", 1))
    assert verdict.score == pytest.approx(
        float(verdict.metrics["leaderboard_score"]) / float(verdict.metrics["leaderboard_optimum"])
    )
    assert 0.5 < verdict.score < 1


def test_leaderboard_train_and_validation_are_not_the_published_instances(board: ModelPlacement) -> None:
    digests = {split: {i.digest for w in of(board, split) for i in w.data.instances} for split in SPLITS}
    assert [len(digests[split]) for split in SPLITS] == [60, 60, 50]
    assert len(set().union(*digests.values())) == 170


def test_points_are_those_of_the_public_formula() -> None:
    instance = Instance((80, 80), (Model(20, 5, 5, 0, (), 5), Model(10, 5, 5, 0, (), 5)))
    assert points(instance, max(instance.pressures((0, 0)))) == 0
    assert points(instance, instance.pooled()) == 100
    assert points(instance, 1.0) == 0
    middle = (max(instance.pressures((0, 0))) + instance.pooled()) / 2
    assert points(instance, middle) == pytest.approx(100 * 0.5**0.5)


# tricks of the public evaluators


def test_gpus_that_do_not_exist_are_a_foul(task: ModelPlacement) -> None:
    assert "there are GPUs 0 to" in foul(task, answering("list(range(len(models)))"))
    assert "model 0 goes on GPU -1" in foul(task, answering("[-1] * len(models)"))


@pytest.mark.parametrize("extra", ["[:-1]", " + [0]"])
def test_every_model_is_placed_once(task: ModelPlacement, extra: str) -> None:
    assert "give one for each" in foul(task, answering(f"[m['gpu'] for m in models]{extra}"))


@pytest.mark.parametrize("answer", ["None", "'0'", "{}", "[0.0] * len(models)", "[False] * len(models)", "[None]"])
def test_answers_of_another_type_are_a_foul(task: ModelPlacement, answer: str) -> None:
    assert foul(task, answering(answer))


@pytest.mark.parametrize("number", ["float('nan')", "float('inf')", "2**70"])
def test_numbers_that_are_no_gpus_are_a_foul(task: ModelPlacement, number: str) -> None:
    with pytest.raises((Foul, OverflowError)):
        task.judge(FakePlayer(answering(f"[{number}] * len(models)")), of(task, "train")[0])


def test_more_than_the_memory_is_a_foul_that_names_gpu_and_instance(task: ModelPlacement) -> None:
    assert "instance 0: the models on GPU 0 need" in foul(task, answering("[0] * len(models)"))


def test_changing_what_was_passed_in_changes_nothing(task: ModelPlacement) -> None:
    zeroing = "[m.update(req_rate=0, size_gb=0, gpu=0, history=[]) for m in models]; memory_gb[:] = [10**9] * len(memory_gb)"
    workload = of(task, "train")[0]
    tricky = task.judge(FakePlayer(answering("stay", f"stay = [m['gpu'] for m in models]; {zeroing}")), workload)
    assert tricky == task.judge(FakePlayer(task.baselines["stay"]), workload)


def test_failing_on_purpose_ends_the_workload(task: ModelPlacement) -> None:
    picky = answering("[m['gpu'] for m in models]", "assert len(models) > 12, 'too hard'")
    with pytest.raises(AssertionError):
        played(task, picky, of(task, "train"))


def test_only_the_seed_decides_what_is_drawn() -> None:
    first, again = (next(iter(splits.synthetic(["drift"], lambda _: 7, 1))) for _ in range(2))
    assert first.data == again.data
