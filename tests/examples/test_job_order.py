"""The example: few lines, a complete check of answers, an honest bound, and a seed that the offline generator improves."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path
from typing import Any

import pytest

import adrs
from adrs import catalog

FILE = Path(__file__).parents[2] / "examples" / "job_order.py"


@pytest.fixture(scope="module")
def task() -> adrs.Task[Any]:
    return catalog.load_task(str(FILE))


@pytest.fixture(scope="module")
def module(task: adrs.Task[Any]) -> Any:
    return sys.modules[type(task).__module__]


def test_it_has_less_than_seventy_lines_and_needs_adrs_alone() -> None:
    text = FILE.read_text("utf-8")
    assert text.count("\n") < 70
    imported = [line.split()[1] for line in text.splitlines() if line.startswith(("import ", "from "))]
    assert {name.split(".")[0] for name in imported} <= {"adrs", *sys.stdlib_module_names}
    assert "adrs" in imported


def test_the_optimum_is_one(module: Any) -> None:
    for workload in list(catalog.load_task(str(FILE)).workloads())[:6]:
        few = workload.data[:6]
        assert module.cheapest(few) == min(module.cost(few, list(order)) for order in itertools.permutations(range(6)))


def test_every_workload_can_be_improved(task: adrs.Task[Any], module: Any) -> None:
    workloads = list(task.workloads())
    assert len({workload.data for workload in workloads}) == len(workloads), "splits share nothing"
    for workload in workloads:
        assert module.cost(workload.data, list(range(12))) > module.cheapest(workload.data)


@pytest.mark.parametrize(
    "answer", ["[0] * len(jobs)", "list(range(len(jobs) - 1))", "list(range(1, len(jobs) + 1))", "[]", "list(range(13))"]
)
def test_an_answer_without_every_job_once_is_a_foul(answer: str) -> None:
    document = adrs.evaluate(str(FILE), f"def order(jobs):\n    return {answer}\n", ["train"])
    assert document["foul"]["kind"] == "illegal_answer"
    assert "once" in document["foul"]["reason"]


@pytest.mark.slow
def test_the_seed_is_first_come_first_served_and_the_search_improves_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    seeds = {"data_seed": 0, "held_out_seed": 0}
    run = adrs.run(str(FILE), options=seeds, trials=40, tuned=0, width=1, quiet=True)
    summary = run.summary()
    assert summary["seed_score"] == 0.0
    assert 0 < summary["baselines"]["dearest"] < 1
    assert summary["best"]["score"] > 0.4
    assert run.champion is not None
    assert run.champion.evaluation.validation is not None
    assert run.champion.evaluation.validation > 0.4
