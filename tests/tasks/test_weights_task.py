"""The weight compression task: what a player sees, the referee's verdicts, and tricks that gain nothing."""

from __future__ import annotations

import ast
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from adrs.catalog import load_task
from adrs.core.failure import Foul, Refusal
from adrs.core.task import SPLITS, Verdict, Workload
from adrs.tasks.weight_compression import training
from adrs.tasks.weight_compression.score import Outcome, by_hessian, marks, utility
from adrs.tasks.weight_compression.subject import Subject, bench
from adrs.tasks.weight_compression.task import Answer, WeightCompression, as_answer, checked
from adrs.testing import PlainPlayer

pytestmark = pytest.mark.xdist_group("weights")


@pytest.fixture(scope="module")
def task() -> WeightCompression:
    return made()


def made(**options: object) -> WeightCompression:
    task = load_task("weight_compression", options)
    assert isinstance(task, WeightCompression)
    return task


def of(task: WeightCompression, split: str) -> list[Workload[Subject]]:
    return [workload for workload in task.workloads() if workload.split == split]


def played(task: WeightCompression, program: str, number: int = 0) -> Verdict:
    return task.judge(PlainPlayer(program, task.kit), of(task, "train")[number])


def changed(expression: str) -> str:
    """A program that answers 2 bits everywhere, with one expression applied to the list of answers."""
    return (
        "def allocate(layers, rules):\n"
        " a = [{'order': list(range(x['columns'])), 'bits': [2] * (x['columns'] // rules['segment'])} for x in layers]\n"
        f" {expression}\n return a"
    )


# what there is


def test_every_split_has_its_own_network(task: WeightCompression) -> None:
    assert [len(of(task, split)) for split in SPLITS] == [2, 2, 4]
    languages = [{workload.data.language for workload in of(task, split)} for split in SPLITS]
    assert languages == [{(0, 0)}, {(0, 1)}, {(0, 2)}]
    assert made(data_seed=7).fingerprint() != task.fingerprint() != made(track="entropy").fingerprint()


def test_workloads_are_listed_without_training(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "train", lambda *_: pytest.fail("nothing is trained before it is played"))
    assert len(made(size="large", data_seed=99).workloads()) == 8


@pytest.mark.parametrize("options", [{"size": "huge"}, {"track": "both"}, {"data_seed": -1}])
def test_bad_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(Refusal):
        WeightCompression(**options)


def test_a_player_sees_calibration_and_nothing_held_out(task: WeightCompression) -> None:
    subject = bench(of(task, "train")[0].data)
    shown = subject.layers(0)[0].shown()
    stub = ast.get_docstring(ast.parse(task.interface).body[0])  # type: ignore[arg-type]
    assert stub
    assert all(f'"{name}"' in stub for name in shown)
    assert not np.array_equal(subject.layers(0)[0].hessian, subject.layers(1)[0].hessian), "every draw is a draw"
    assert subject.layers(0)[0].kurtosis > 10, "there are outliers"


# the score


def test_round_to_nearest_is_zero_and_the_order_of_baselines_is_the_known_one(task: WeightCompression) -> None:
    score = {name: played(task, program).score for name, program in task.baselines.items()}
    assert score["round_to_nearest"] == pytest.approx(0.0, abs=1e-12)
    assert score["hessian_order"] > score["gptq_4"] > score["round_to_nearest_4"] > 0
    assert score["greedy_sensitivity"] > score["hessian_order"] > task_seed(task) > score["magnitude_order"]


def test_the_search_without_a_model_starts_from_hessian_order(task: WeightCompression) -> None:
    assert played(task, task.offline_seed).score == played(task, task.baselines["hessian_order"]).score
    greedy = task.offline_seed.replace("return 0.05 - place", "return saved - 0.04 * bits")
    assert played(task, greedy).score > played(task, task.baselines["hessian_order"]).score, "there is something to be found"


def task_seed(task: WeightCompression) -> float:
    return played(task, task.seed).score


def test_the_state_of_the_art_is_the_one_that_gaps_are_measured_from(task: WeightCompression) -> None:
    verdict = played(task, task.baselines[task.state_of_the_art])
    assert verdict.metrics["gap_closed"] == pytest.approx(0.0, abs=1e-12)
    assert played(task, task.baselines["greedy_sensitivity"]).metrics["gap_closed"] > 0  # type: ignore[operator]


def test_nothing_is_better_than_full_precision_at_the_smallest_size() -> None:
    best = Outcome(home=1.0, away=1.0, stored=0.0, code=0.0, damages=[])
    assert utility(best, 2.0, 3.0, 3.0) == 1.0
    falls = [utility(Outcome(2.0 * 2**k, 3.0, 3.0, 2.0, []), 2.0, 3.0, 3.0) for k in range(8)]
    assert falls[0] == 1.0
    assert falls[1:3] == pytest.approx([0.5, 0.0])
    assert all(worse < better for better, worse in pairwise(falls)), "it falls without an end"


def test_feedback_names_layers_and_is_short(task: WeightCompression) -> None:
    said = played(task, task.seed).feedback
    assert "qkv" in said or "out" in said
    assert len(said) <= 300


def test_entropy_coding_makes_uniform_widths_smaller() -> None:
    task = made(track="entropy")
    uniform = played(task, task.baselines["entropy_uniform"])
    assert float(uniform.metrics["stored_bits"]) < float(uniform.metrics["code_bits"]) + 1.08  # scales, and the order
    assert uniform.score > 0
    dropped = played(task, changed("[x.update(bits=[0] * len(x['bits'])) for x in a]"))
    assert float(dropped.metrics["stored_bits"]) < 0.1
    assert dropped.score <= 0.0, "storing nothing is no way to win"
    assert played(task, task.baselines["hessian_order"]).score > dropped.score + 0.3


# loopholes


@pytest.mark.parametrize(
    ("trick", "says"),
    [
        ("a.pop()", "7 layers"),
        ("a[0]['order'][0] = 1", "not a permutation"),
        ("a[3]['order'].append(0)", "0.down is not a permutation"),
        ("a[1]['order'] = a[1]['order'][:-1]", "0.out is not a permutation"),
        ("a[2]['bits'][1] = 1", "1 bits"),
        ("a[2]['bits'][1] = 8", "8 bits"),
        ("a[2]['bits'] = a[2]['bits'][:-1]", "segments"),
        ("a[0]['bits'][0] = 2.5", "answer"),
        ("del a[0]['order']", "answer"),
        ("a = 0.3", "answer"),
    ],
)
def test_an_illegal_answer_is_a_foul(task: WeightCompression, trick: str, says: str) -> None:
    with pytest.raises(Foul, match=says) as caught:
        played(task, changed(trick))
    assert caught.value.kind == "illegal_answer"


def test_claimed_sizes_and_a_patched_kit_change_nothing(task: WeightCompression) -> None:
    honest = played(task, changed("pass"))
    patched = "import kit\nkit.stored_bits = lambda *_: 0.0\nkit.quantise = None\n" + changed("pass")
    assert played(task, patched) == honest


def test_stored_bits_count_scales_and_orders(task: WeightCompression) -> None:
    verdict = played(task, task.baselines["hessian_order"])
    assert float(verdict.metrics["stored_bits"]) > float(verdict.metrics["code_bits"]) + 1.0


def test_a_table_of_columns_learnt_on_one_workload_fails_on_another(task: WeightCompression) -> None:
    subject = bench(of(task, "train")[0].data)
    learnt = [as_answer(by_hessian(layer, subject.subject.segment)) for layer in subject.layers(0)]
    program = f"TABLE = {learnt!r}\ndef allocate(layers, rules):\n return TABLE"
    honest = task.baselines["hessian_order"]
    assert played(task, program).score == pytest.approx(played(task, honest).score, abs=0.05)
    assert played(task, program, 1).score < played(task, honest, 1).score - 0.3


def test_checked_answers_are_choices(task: WeightCompression) -> None:
    subject = bench(of(task, "train")[0].data)
    layers = subject.layers(0)
    choices = [by_hessian(layer, subject.subject.segment) for layer in layers]
    answers = [Answer(order=choice.order, bits=choice.bits) for choice in choices]
    assert checked(answers, layers, subject.subject.segment, (2, 4)) == choices
    assert marks(subject, "columns") == marks(subject, "columns")
