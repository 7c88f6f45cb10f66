"""The task cloudcast: what a player sees, the referee's verdicts, and the scores of its programs."""

from __future__ import annotations

import ast
from collections.abc import Sequence

import pytest
from fake_player import FakePlayer

from adrs.catalog import load_task
from adrs.core.task import Verdict, Workload
from adrs.tasks.cloudcast.network import Transfer
from adrs.tasks.cloudcast.task import Cloudcast


@pytest.fixture(scope="module")
def task() -> Cloudcast:
    task = load_task("cloudcast", {})
    assert isinstance(task, Cloudcast)
    return task


def of(task: Cloudcast, split: str, most: int | None = None) -> Sequence[Workload[Transfer]]:
    return [workload for workload in task.workloads() if workload.split == split][:most]


def played(task: Cloudcast, program: str, workloads: Sequence[Workload[Transfer]]) -> list[Verdict]:
    return [task.judge(FakePlayer(program, task.kit), workload) for workload in workloads]


def test_the_catalogue_finds_seed_and_baselines(task: Cloudcast) -> None:
    assert sorted(task.baselines) == ["dijkstra", "direct", "mdst", "steiner"]
    for program in (task.seed, task.offline_seed):
        assert program.index("# EVOLVE-BLOCK-START") < program.index("def ") < program.index("# EVOLVE-BLOCK-END")


def test_programs_import_the_standard_library_and_the_kit_only(task: Cloudcast) -> None:
    for program in (task.seed, task.offline_seed, task.kit, *task.baselines.values()):
        imported = [node for node in ast.walk(ast.parse(program)) if isinstance(node, ast.Import | ast.ImportFrom)]
        names = {node.module if isinstance(node, ast.ImportFrom) else node.names[0].name for node in imported}
        assert names <= {"heapq", "typing", "random", "collections.abc", "itertools", "kit"}


def test_a_player_gets_plain_values_and_nothing_about_the_split(task: Cloudcast) -> None:
    program = task.baselines["direct"].replace("    source, parts =", "    seen.append(problem)\n    source, parts =")
    player = FakePlayer(f"{program}\nseen = []")
    workload = of(task, "train")[0]
    task.judge(player, workload)
    (problem,) = player.names["seen"]
    assert set(problem) == {
        "nodes",
        "edges",
        "source",
        "destinations",
        "parts",
        "volume_gb",
        "ingress_gbit_s",
        "egress_gbit_s",
        "vms",
        "vm_dollars_per_hour",
    }
    assert len(problem["edges"]) == 24 * 23
    assert [type(value) for value in problem["edges"][0]] == [str, str, float, float]
    assert problem["source"] in problem["nodes"]
    assert workload.name not in repr(problem)


def test_bandwidths_and_limits_are_those_of_all_vms(task: Cloudcast) -> None:
    transfer = of(task, "train")[0].data
    problem = transfer.problem()
    assert problem["edges"][0][3] == 2 * transfer.network.gbit_s[0, 1]
    assert {problem["egress_gbit_s"][name] for name in problem["nodes"]} == {10.0, 14.0, 32.0}
    assert {problem["ingress_gbit_s"][name] for name in problem["nodes"]} == {20.0, 32.0}
    tight = of(task, "train")[1].data.problem()
    assert (set(tight["egress_gbit_s"].values()), set(tight["ingress_gbit_s"].values())) == ({2.0}, {4.0})


def test_scores_of_the_baselines_on_train(task: Cloudcast) -> None:
    scores = {name: task.total(played(task, program, of(task, "train"))) for name, program in task.baselines.items()}
    assert scores["direct"] == pytest.approx(0, abs=1e-12)
    assert 0 <= scores["dijkstra"] < 0.1
    assert 0.6 < scores["mdst"] < scores["steiner"] < 1


def test_the_seed_is_dijkstra_and_the_start_of_small_edits_pays_the_same_egress(task: Cloudcast) -> None:
    workloads = of(task, "train", 4)
    dijkstra = played(task, task.baselines["dijkstra"], workloads)
    assert played(task, task.seed, workloads) == dijkstra
    start = played(task, task.offline_seed, workloads)
    for one, other in zip(start, dijkstra, strict=True):
        assert one.metrics["egress"] == pytest.approx(other.metrics["egress"])
    assert task.total(start) == pytest.approx(task.total(dijkstra), abs=0.02)


def test_one_edit_of_the_start_program_does_not_reach_the_answer(task: Cloudcast) -> None:
    shared = task.offline_seed.replace("    return price\n", "    return price * fresh\n")
    assert shared != task.offline_seed
    workloads = of(task, "train")
    human = task.total(played(task, task.baselines["steiner"], workloads))
    assert task.total(played(task, shared, workloads)) < human - 0.05


def test_the_metrics_of_a_transfer_are_consistent(task: Cloudcast) -> None:
    for verdict in played(task, task.baselines["mdst"], of(task, "validation", 4)):
        cost, direct, steiner, bound = (float(verdict.metrics[f"cost{name}"]) for name in ("", "_direct", "_steiner", "_bound"))
        assert bound < cost < direct
        assert verdict.score == pytest.approx((direct - cost) / (direct - bound))
        assert verdict.metrics["gap_closed"] == pytest.approx((steiner - cost) / (steiner - bound))
        assert cost == pytest.approx(float(verdict.metrics["egress"]) + float(verdict.metrics["instances"]))


def test_the_program_steiner_closes_nothing_of_the_gap(task: Cloudcast) -> None:
    verdicts = played(task, task.baselines["steiner"], of(task, "validation", 3))
    assert [verdict.metrics["gap_closed"] for verdict in verdicts] == [0, 0, 0]
    assert task.summary(verdicts)["gap_closed"] == 0


def test_a_summary_adds_dollars(task: Cloudcast) -> None:
    verdicts = played(task, task.seed, of(task, "train", 3))
    summary = task.summary(verdicts)
    assert summary["total_cost"] == pytest.approx(sum(float(verdict.metrics["cost"]) for verdict in verdicts))
    gap = summary["cost_steiner"] - summary["cost_bound"]
    assert summary["gap_closed"] == pytest.approx((summary["cost_steiner"] - summary["cost"]) / gap)
    assert "leaderboard_score" not in summary


@pytest.mark.parametrize("name", ["direct", "dijkstra", "mdst", "steiner"])
def test_feedback_is_short_and_about_its_own_transfer(task: Cloudcast, name: str) -> None:
    workloads = of(task, "train")
    for workload, verdict in zip(workloads, played(task, task.baselines[name], workloads), strict=True):
        assert 80 < len(verdict.feedback) <= 300
        assert f"${float(verdict.metrics['cost']):.2f}, bound ${float(verdict.metrics['cost_bound']):.2f}" in verdict.feedback
        assert any(region in verdict.feedback for region in workload.data.network.names)
        assert verdict.feedback.endswith((".", " Gbit/s."))


def test_a_program_that_spreads_parts_beats_the_tree(task: Cloudcast) -> None:
    """The state of the art can be beaten: less time for little more egress."""
    spread = task.offline_seed.replace("    return price\n", "    return (price + 0.435 * seconds) * price * fresh\n")
    spread = spread.replace("    return paid\n", "    return noise\n")
    tight = [workload for workload in of(task, "train") if workload.name.endswith("tight")]
    pairs = zip(played(task, spread, tight), played(task, task.baselines["steiner"], tight), strict=True)
    assert any(ours.score > tree.score + 0.01 for ours, tree in pairs)
