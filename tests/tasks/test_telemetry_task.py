"""Telemetry Repair: what a player sees, what is a foul, and tricks that paid in the public evaluator."""

from __future__ import annotations

import ast
import random
from collections.abc import Sequence

import numpy as np
import pytest

from adrs.catalog import load_task
from adrs.core.failure import Foul, Refusal
from adrs.core.task import SPLITS, Verdict, Workload
from adrs.tasks.telemetry_repair import splits
from adrs.tasks.telemetry_repair.splits import Scenario
from adrs.tasks.telemetry_repair.task import TelemetryRepair
from adrs.testing import PlainPlayer

Workloads = Sequence[Workload[Scenario]]


def made(**options: object) -> TelemetryRepair:
    task = load_task("telemetry_repair", options)
    assert isinstance(task, TelemetryRepair)
    return task


@pytest.fixture(scope="module")
def task() -> TelemetryRepair:
    return made()


@pytest.fixture(scope="module")
def published() -> TelemetryRepair:
    return made(rules="leaderboard")


def of(task: TelemetryRepair, split: str) -> Workloads:
    return [workload for workload in task.workloads() if workload.split == split]


def played(task: TelemetryRepair, program: str, workload: Workload[Scenario]) -> Verdict:
    return task.judge(PlainPlayer(program), workload)


def total(task: TelemetryRepair, program: str, split: str = "train") -> float:
    return task.total([played(task, program, workload) for workload in of(task, split)])


def after(program: str, statement: str) -> str:
    """A program that changes the answer of another one."""
    old = program.replace("def run_repair(", "def honest(")
    return f"{old}\n\ndef run_repair(*given):\n    answer = honest(*given)\n    {statement}\n    return answer\n"


# what there is


def test_programs_import_what_is_offered_and_keep_their_block(task: TelemetryRepair) -> None:
    assert set(task.baselines) == {
        "pass_through",
        "half_confident",
        "symmetry_mean",
        "link_symmetry",
        "demand_only",
        "median_of_three",
        "democratic_trust",
    }
    for program in (task.seed, task.offline_seed):
        assert program.index("# EVOLVE-BLOCK-START") < program.index("# EVOLVE-BLOCK-END")
        imported = [node for node in ast.walk(ast.parse(program)) if isinstance(node, ast.Import | ast.ImportFrom)]
        names = {node.module if isinstance(node, ast.ImportFrom) else node.names[0].name for node in imported}
        assert names <= {"itertools", "typing"}


def test_the_shape_of_the_splits(task: TelemetryRepair, published: TelemetryRepair) -> None:
    assert [len(of(task, split)) for split in SPLITS] == [6, 6, 6]
    assert [len(of(published, split)) for split in SPLITS] == [4, 4, 4]
    assert [len(of(made(size="large"), split)) for split in SPLITS] == [24, 24, 24]
    sizes = [len(snapshot.true.network.routers) for snapshot in of(task, "test")[0].data.snapshots]
    assert sorted(set(sizes)) == [12, 17, 22, 50]
    assert all(len(snapshot.true.network.routers) <= 15 for w in of(task, "train") for snapshot in w.data.snapshots)


def test_no_two_snapshots_show_the_same_rates(task: TelemetryRepair) -> None:
    shown = [s.true.rates.tobytes() for split in ("train", "validation") for w in of(task, split) for s in w.data.snapshots]
    assert len(set(shown)) == len(shown) == 144


def test_data_seed_and_its_range(task: TelemetryRepair) -> None:
    assert made().fingerprint() == task.fingerprint() != made(data_seed=1).fingerprint()
    other = of(made(data_seed=1), "train")[0].data.snapshots[0]
    assert other.reported.rates.tobytes() != of(task, "train")[0].data.snapshots[0].reported.rates.tobytes()
    with pytest.raises(Refusal, match="data_seed=-1 is below 0"):
        made(data_seed=-1)


def test_scores_of_trivial_and_best_known(task: TelemetryRepair, published: TelemetryRepair) -> None:
    for each in (task, published):
        assert total(each, each.baselines["pass_through"]) == pytest.approx(0, abs=1e-12)
        verdict = played(each, each.baselines[each.state_of_the_art], of(each, "train")[0])
        assert verdict.metrics["gap_closed"] == pytest.approx(0, abs=1e-12)
        assert verdict.score < float(verdict.metrics["ideal"]) < 1
    verdicts = [played(task, task.baselines["symmetry_mean"], workload) for workload in of(task, "train")]
    means = task.summary(verdicts)
    ranked = ["pass_through", "combined", "link_symmetry", "democratic_trust", "ideal"]
    assert sorted(ranked, key=means.__getitem__) == ranked


# what a player sees


WATCHER = """
seen = []
def run_repair(telemetry, topology, external=None, demands=None, paths=None):
    seen.append((telemetry, topology, external, demands, paths))
    return {n: {k: (t[k], t[k], 1.0) for k in ("rx_rate", "tx_rate", "interface_status")} for n, t in telemetry.items()}
"""


def test_a_player_sees_reports_and_no_truth(task: TelemetryRepair) -> None:
    player, workload = PlainPlayer(WATCHER), of(task, "train")[0]
    task.judge(player, workload)
    for (telemetry, topology, external, demands, paths), snapshot in zip(
        player.names["seen"], workload.data.snapshots, strict=True
    ):
        fields = {"interface_status", "rx_rate", "tx_rate", "connected_to", "local_router", "remote_router"}
        assert all(set(reported) == fields for reported in telemetry.values())
        assert sorted(name for names in topology.values() for name in names) == sorted(telemetry)
        assert set(external) == set(topology) == set(demands) == set(paths)
        rates = [[reported["rx_rate"], reported["tx_rate"]] for reported in telemetry.values()]
        assert np.array_equal(rates, np.round(snapshot.reported.rates, 3)), "a number's length must not tell who has been at it"
        reported = [
            *(each for pair in external.values() for each in pair.values()),
            *(each for row in demands.values() for each in row.values()),
        ]
        assert all(each == round(each, 3) for each in reported)
        hidden = snapshot.true.rates[(snapshot.kinds > 0) & (snapshot.true.rates > 0)]
        shown = {rate for row in rates for rate in row}
        assert not shown & set(hidden.tolist()) or "swap" in snapshot.bugs[0]


def test_the_published_interface_gives_counters_and_topology_only(published: TelemetryRepair) -> None:
    player, workload = PlainPlayer(WATCHER), of(published, "train")[0]
    published.judge(player, workload)
    assert all(external is None and demands is None and paths is None for *_, external, demands, paths in player.names["seen"])
    assert "external" not in published.interface
    assert all("_ground_truth" not in field for reported in player.names["seen"][0][0].values() for field in reported)


def test_the_order_of_calls_does_not_reveal_what_is_wrong(task: TelemetryRepair) -> None:
    """Rates and wrong demands go by numbers, and the numbers of a workload's snapshots are in another order in each."""
    orders = [tuple(number for number, _ in splits._numbered((0, 0, 0, place), 12)) for place in range(6)]
    assert len(set(orders)) == 6
    assert all(sorted(order) == list(range(12)) for order in orders)
    assert len({tuple(s.bugs[0] for s in w.data.snapshots) for w in of(task, "train")}) == 6


def test_no_call_reveals_the_answer_to_another_call(task: TelemetryRepair) -> None:
    for workload in of(task, "train"):
        reported = [set(snapshot.reported.rates.ravel().tolist()) - {0.0} for snapshot in workload.data.snapshots]
        true = [set(snapshot.true.rates.ravel().tolist()) - {0.0} for snapshot in workload.data.snapshots]
        assert not any(reported[a] & true[b] for a in range(len(reported)) for b in range(len(true)) if a != b)


# fouls

BREAKS = {
    "answer.pop(next(iter(answer)))": r"lacks R\d\d_to_R\d\d: repair all \d+ interfaces",
    "answer['R99_to_R98'] = next(iter(answer.values()))": r"repairs 'R99_to_R98', which is not an interface",
    "next(iter(answer.values())).pop('tx_rate')": "tx_rate",
    "next(iter(answer.values()))['rx_rate'] = 12.5": "rx_rate",
    "next(iter(answer.values()))['rx_rate'] = (12.5, 12.5)": "rx_rate",
    "next(iter(answer.values()))['rx_rate'] = (1.0, -0.5, 0.5)": "rx_rate",
    "next(iter(answer.values()))['rx_rate'] = (1.0, float('nan'), 0.5)": "nan|rx_rate",
    "next(iter(answer.values()))['rx_rate'] = (1.0, float('inf'), 0.5)": "inf",
    "next(iter(answer.values()))['rx_rate'] = (1.0, 1.0, 1.5)": "rx_rate",
    "next(iter(answer.values()))['interface_status'] = ('up', 'UP', 0.5)": "interface_status",
    "next(iter(answer.values()))['interface_status'] = 'up'": "interface_status",
    "answer = list(answer.values())": "object",
}


@pytest.mark.parametrize("rules", ["clean", "leaderboard"])
@pytest.mark.parametrize("trick", BREAKS)
def test_an_answer_that_is_not_whole_is_a_foul(trick: str, rules: str) -> None:
    task = made(rules=rules)
    with pytest.raises(Foul, match=BREAKS[trick]) as caught:
        played(task, after(task.baselines["pass_through"], trick), of(task, "train")[0])
    assert caught.value.kind == "illegal_answer"


# what paid in the public evaluator and does not here


def test_leaving_out_links_whose_ends_differ_is_a_foul(published: TelemetryRepair) -> None:
    trick = "answer = {n: a for n, a in answer.items() if a['rx_rate'][1] == a['rx_rate'][0]}"
    with pytest.raises(Foul, match="lacks"):
        total(published, after(published.baselines["symmetry_mean"], trick))


def test_burning_random_numbers_changes_nothing(published: TelemetryRepair) -> None:
    program = published.baselines["link_symmetry"]
    burner = after(program, "import random, numpy; random.random(); random.seed(7); numpy.random.seed(7)")
    kept = random.getstate(), np.random.get_state()
    try:
        fresh = made(rules="leaderboard")  # nothing of it is made yet
        assert total(fresh, burner) == total(published, program)
    finally:
        random.setstate(kept[0])
        np.random.set_state(kept[1])


def test_a_constant_confidence_gains_nothing(task: TelemetryRepair) -> None:
    program = task.baselines["link_symmetry"]
    for sure in (0.71, 0.9, 1.0):
        fields = f"{{k: (v[0], v[1], {sure}) for k, v in a.items()}}"
        assert total(task, after(program, f"answer = {{n: {fields} for n, a in answer.items()}}")) < total(task, program)


@pytest.mark.parametrize("status", ["'up'", "'down'", "'up' if v[0] == 'down' else 'down'"])
def test_statuses_are_not_free(task: TelemetryRepair, status: str) -> None:
    """Always up, always down, and always the contrary get at most half of the status part where statuses are wrong."""
    change = f"[a.update(interface_status=(v[0], {status}, 1.0)) for a in answer.values() for v in [a['interface_status']]]"
    workload = next(workload for workload in of(task, "train") if "statuses" in workload.name)
    verdict = played(task, after(task.baselines["pass_through"], change), workload)
    assert float(verdict.metrics["status"]) <= 0.5 + 1e-9


def test_claiming_that_all_is_well_scores_as_believing_it(task: TelemetryRepair) -> None:
    """The reported values in an answer are never read."""
    lie = "[a.update(rx_rate=(1e9, *a['rx_rate'][1:])) for a in answer.values()]"
    program = task.baselines["link_symmetry"]
    assert total(task, after(program, lie)) == total(task, program)


def test_zeros_everywhere_score_far_below_zero(task: TelemetryRepair) -> None:
    zero = "[a.update(rx_rate=(0, 0, 1), tx_rate=(0, 0, 1)) for a in answer.values()]"
    assert total(task, after(task.baselines["pass_through"], zero)) < -2


# feedback and metrics


def test_feedback_is_short_and_names_the_worst_counter(task: TelemetryRepair) -> None:
    for workload in of(task, "train"):
        said = played(task, task.seed, workload).feedback
        assert len(said) <= 300
        assert "Most lost on" in said
        assert "reported" in said
        assert not any(other.name in said for other in task.workloads())


def test_summary_follows_from_means(published: TelemetryRepair) -> None:
    verdicts = [played(published, published.seed, workload) for workload in of(published, "train")]
    means = published.summary(verdicts)
    combined = [float(verdict.metrics["combined"]) for verdict in verdicts]
    assert means["combined"] == pytest.approx(np.mean(combined))
    assert means["points"] == pytest.approx(50 + 50 * (means["combined"] - 0.82) / 0.18)
    assert "legacy_combined" not in means


@pytest.mark.budget(1.0)
def test_more_calls_of_one_network_size_stay_within_the_limit(task: TelemetryRepair) -> None:
    """The slowest baseline on fifty routers."""
    snapshot = max(of(task, "test")[0].data.snapshots, key=lambda each: len(each.true.network.routers))
    player = PlainPlayer(task.baselines["democratic_trust"])
    assert player.names["run_repair"](*snapshot.message)
