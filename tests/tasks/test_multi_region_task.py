"""The spot task over several regions: what a player sees, what the referee says, loopholes, and how windows keep apart."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Hashable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fake_player import needs

from adrs.catalog import load_task
from adrs.core.failure import Foul, Refusal
from adrs.core.task import SPLITS, Crew, Verdict, Workload
from adrs.mutation.reading import rules_of
from adrs.tasks.spot.rules import Floats
from adrs.tasks.spot.windows import pack
from adrs.tasks.spot_multi_region import splits, synthetic
from adrs.tasks.spot_multi_region.task import SpotMultiRegion
from adrs.tasks.spot_multi_region.windows import LEADERBOARD_SETS, SETS, ZONES, Window
from adrs.testing import PlainPlayer

Workloads = Sequence[Workload[Window]]
real_data = needs("cant_be_late_multi")


@pytest.fixture(scope="module")
def task() -> SpotMultiRegion:
    return made()


def made(**options: object) -> SpotMultiRegion:
    task = load_task("spot_multi_region", options)
    assert isinstance(task, SpotMultiRegion)
    return task


def of(task: SpotMultiRegion, split: str, most: int | None = None) -> Workloads:
    return [workload for workload in task.workloads() if workload.split == split][:most]


def played(task: SpotMultiRegion, program: str, workloads: Workloads) -> list[Verdict]:
    return task.judge_together(PlainPlayer(program), workloads)


def stubborn(expression: str) -> str:
    """A program that answers one expression over `obs` and `self.job`."""
    return f"class Policy:\n def __init__(self, job): self.job = job\n def decide(self, obs): return {expression}"


class Watched(PlainPlayer):
    """A player that remembers what its crew was made of."""

    settings: Sequence[Mapping[str, Any]] = ()
    labels: Sequence[Hashable] = ()

    def crew(self, cls: str, settings: Sequence[Mapping[str, Any]], apart: Sequence[Hashable] | None = None) -> Crew:
        self.settings, self.labels = settings, apart or ()
        return super().crew(cls, settings, apart)


# what there is


def test_the_catalogue_finds_seed_and_baselines(task: SpotMultiRegion) -> None:
    names = ["greedy", "greedy_any_region", "never_wait", "on_demand", "uniform_progress", "uniform_progress_any_region"]
    assert sorted(task.baselines) == names
    for program in (task.seed, task.offline_seed):
        assert program.index("# EVOLVE-BLOCK-START") < program.index("__init__") < program.index("# EVOLVE-BLOCK-END")
    for program in (task.seed, task.offline_seed, *task.baselines.values()):
        imported = [node for node in ast.walk(ast.parse(program)) if isinstance(node, ast.Import | ast.ImportFrom)]
        assert {node.module if isinstance(node, ast.ImportFrom) else node.names[0].name for node in imported} <= {
            "math",
            "typing",
        }


def test_synthetic_splits_have_their_windows_and_no_window_twice(task: SpotMultiRegion) -> None:
    assert [len(of(task, split)) for split in SPLITS] == [6, 6, 16]
    assert [len(workload.data.games) for workload in of(task, "train")] == [len(SETS)] * 6
    assert all(workload.data.sets == tuple(LEADERBOARD_SETS) for workload in of(task, "test"))
    assert {(w.data.deadline_h, w.data.restart_h) for w in of(task, "train")} == {(52, 0.2), (56, 0.2), (52, 0.1)}
    assert len({workload.data.up.tobytes() for workload in task.workloads()}) == 28
    large = made(size="large")
    assert [len(of(large, split)) for split in SPLITS] == [24, 16, 40]
    assert [w.data.digest for w in of(large, "train", 6)] == [w.data.digest for w in of(task, "train")]


def test_options(task: SpotMultiRegion) -> None:
    assert made().fingerprint() == task.fingerprint() != made(data_seed=1).fingerprint()
    with pytest.raises(Refusal, match="data_seed=-1 is below 0"):
        made(data_seed=-1)
    for wrong in ({"size": "huge"}, {"rules": "dirty"}, {"data": "mine"}):
        with pytest.raises(Refusal):
            made(**wrong)


def test_real_data_that_is_not_there_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADRS_DATA", str(tmp_path))
    monkeypatch.setattr("adrs.tasks.downloads.user_data_dir", lambda name: str(tmp_path / "user" / name))
    with pytest.raises(Refusal, match=r"adrs data fetch spot_multi_region.*ADRS_DATA"):
        made(data="real").workloads()


# what a player sees

WATCHER = """
class Policy:
    seen = []
    def __init__(self, job):
        self.job = job
        self.n = 0
    def decide(self, obs):
        assert obs["tick"] == self.n and obs["elapsed_s"] == 195.0 * self.n
        self.n += 1
        Policy.seen.append((self.job, obs))
        return self.n % self.job["n_regions"], "NONE" if self.n % 9 else "SPOT"
"""


def test_a_player_sees_its_job_and_the_present_and_nothing_else(task: SpotMultiRegion) -> None:
    player = Watched(WATCHER)
    task.judge(player, of(task, "train")[0])
    jobs = {"seed", "work_s", "deadline_s", "restart_s", "tick_s", "price_od", "n_regions"}
    assert all(setting.keys() == jobs for setting in player.settings)
    assert sorted(setting["n_regions"] for setting in player.settings) == [2, 2, 2, 3, 3, 4, 5, 9]
    assert len(set(player.labels)) == 1
    keys = "tick elapsed_s done_s pending_s region last current spot_available spot_price".split()
    for job, obs in player.names["Policy"].seen:
        assert sorted(obs) == sorted(keys)
        assert [type(obs[key]) for key in ("tick", "done_s", "last", "region")] == [int, float, str, int]
        assert len(obs["spot_available"]) == len(obs["spot_price"]) == job["n_regions"]
        assert {type(up) for up in obs["spot_available"]} == {bool}
        assert all(0.9 < price < 2 for price in obs["spot_price"])
        assert obs["region"] == obs["tick"] % job["n_regions"] or obs["current"] == "ON_DEMAND"
        assert 0 <= obs["done_s"] < job["work_s"]


def test_windows_share_a_process_only_if_they_do_not_overlap() -> None:
    task = made()
    dark = (np.zeros((9, 1000), bool), np.full((9, 1000), 9180, np.int32))
    length = 962 * 195
    starts = [0, 3600, length, length - 1, 0]
    windows = [Window("s", start, ("2_zones_scarce",), *dark) for start in starts]
    player = Watched(task.seed)
    task.judge_together(player, [Workload(f"w{i}", window, "train") for i, window in enumerate(windows)])
    assert list(player.labels) == [0, 0, 0, 1, 2]
    assert pack(windows) == [0, 1, 0, 2, 0]


@real_data
def test_leaderboard_windows_need_few_processes_and_never_overlap_in_one() -> None:
    for split in SPLITS:
        windows = [workload.data for workload in of(made(data="real"), split)]
        labels = pack(windows)
        assert split != "test" or len(set(labels)) <= 3
        for (a, label_a), (b, label_b) in itertools.combinations(zip(windows, labels, strict=True), 2):
            if label_a == label_b and a.start != b.start:
                assert a.end <= b.start or b.end <= a.start


# what the referee says


@pytest.mark.slow
def test_scores_of_the_baselines_on_synthetic_train(task: SpotMultiRegion) -> None:
    scores = {name: task.total(played(task, program, of(task, "train"))) for name, program in task.baselines.items()}
    assert scores["on_demand"] == pytest.approx(0, abs=1e-12)
    assert 0 < scores["uniform_progress"] < scores["greedy"] < scores["uniform_progress_any_region"] < scores["never_wait"] < 1


def test_the_seed_is_greedy_and_the_short_one_greedy_with_any_region(task: SpotMultiRegion) -> None:
    workloads = of(task, "train", 4)
    assert task.total(played(task, task.seed, workloads)) == task.total(played(task, task.baselines["greedy"], workloads))
    short, long = (task.total(played(task, p, workloads)) for p in (task.offline_seed, task.baselines["greedy_any_region"]))
    assert short == pytest.approx(long, abs=0.02)


@pytest.mark.parametrize("rules", ["clean", "leaderboard"])
def test_together_and_one_by_one_are_the_same(rules: str) -> None:
    task = made(rules=rules)
    workloads = [*of(task, "validation", 2), *of(task, "train", 2)]
    program = task.baselines["never_wait"]
    assert played(task, program, workloads) == [task.judge(PlainPlayer(program), workload) for workload in workloads]


@pytest.mark.parametrize("rules", ["clean", "leaderboard"])
def test_the_program_uniform_progress_any_region_is_the_reference(rules: str) -> None:
    task = made(rules=rules)
    for verdict in played(task, task.baselines["uniform_progress_any_region"], of(task, "train", 4)):
        assert verdict.metrics["cost"] == verdict.metrics["cost_uniform_progress_any_region"]
        assert verdict.metrics["gap_closed"] == 0


def test_the_metrics_of_a_window_are_consistent(task: SpotMultiRegion) -> None:
    (verdict,) = played(task, task.seed, of(task, "train", 1))
    names = ("", "_optimum", "_uniform_progress_any_region")
    cost, best, uniform = (float(verdict.metrics[f"cost{name}"]) for name in names)
    trivial = 890 * 3.06 * 195 / 3600
    assert best < cost < trivial
    assert verdict.score == pytest.approx((trivial - cost) / (trivial - best))
    assert verdict.metrics["gap_closed"] == pytest.approx((uniform - cost) / (uniform - best))
    assert verdict.metrics["leaderboard_score"] == pytest.approx(100 * (146.88 - cost) / 100.1712)
    assert (verdict.metrics["games"], verdict.metrics["late"]) == (8, 0)
    assert float(verdict.metrics["launches"]) >= float(verdict.metrics["preemptions"])


def test_games_count_by_their_weights(task: SpotMultiRegion) -> None:
    window = of(task, "train", 1)[0].data
    sets = window.sets[:2]
    heavy = Window("s", 0, sets, window.up, window.price, weights=(3.0, 1.0))
    alone = [Window("s", 0, (name,), window.up, window.price) for name in sets]
    both, one, two = (played(task, task.seed, [Workload("w", each, "train")])[0].metrics["cost"] for each in (heavy, *alone))
    assert both == pytest.approx((3 * float(one) + float(two)) / 4)
    verdicts = played(task, task.seed, [Workload("a", heavy, "train"), Workload("b", alone[1], "train")])
    assert task.summary(verdicts)["cost"] == pytest.approx((3 * float(one) + 2 * float(two)) / 5)


@real_data
@pytest.mark.parametrize(
    ("rules", "program", "cost"),
    [
        ("leaderboard", "greedy", 82.186924),
        ("leaderboard", "uniform_progress_any_region", 77.377186),
        ("clean", "uniform_progress_any_region", 78.463196),
    ],
)
def test_published_numbers_through_the_referee(rules: str, program: str, cost: float) -> None:
    task = made(data="real", rules=rules)
    summary = task.summary(played(task, task.baselines[program], of(task, "test")))
    assert (summary["games"], summary["late"]) == (34, 0)
    assert summary["cost"] == pytest.approx(cost, abs=5e-7)
    assert summary["cost_optimum"] == pytest.approx(67.9275 if rules == "clean" else 66.3126, abs=5e-5)


def test_feedback_is_short_and_about_its_own_window(task: SpotMultiRegion) -> None:
    for verdict in played(task, task.seed, of(task, "train")):
        assert 80 < len(verdict.feedback) <= 300
        assert verdict.feedback.endswith("spot.")
        assert any(name in verdict.feedback for name in SETS)
        assert not any(other.name in verdict.feedback for other in task.workloads())


# fouls and loopholes


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("(9, 'SPOT')", "region 9 is not one of 0 to"),
        ("(-1, 'NONE')", "region -1 is not one of 0 to"),
        ("(self.job['n_regions'], 'NONE')", "is not one of 0 to"),
        ("'SPOT'", "answer"),
        ("(0, 'spot')", "spot"),
        ("(0.0, 'SPOT')", "answer"),
        ("(True, 'SPOT')", "answer"),
        ("(0, 'SPOT', 1)", "answer"),
        ("None", "answer"),
    ],
)
def test_an_answer_that_is_no_region_and_kind_is_a_foul(task: SpotMultiRegion, answer: str, said: str) -> None:
    with pytest.raises(Foul, match=said) as caught:
        played(task, stubborn(answer), of(task, "train", 1))
    assert caught.value.kind == "illegal_answer"


def test_a_crash_in_dear_games_ends_the_workload(task: SpotMultiRegion) -> None:
    """Nothing is averaged over the games that were left."""
    program = stubborn("1 / 0 if min(obs['spot_price']) > 1.1 else (0, 'SPOT')")
    with pytest.raises(ZeroDivisionError):
        played(task, program, of(task, "train", 1))


def test_lateness_is_a_foul_that_names_the_game() -> None:
    task = made()
    with pytest.MonkeyPatch.context() as patch:  # the clean guard lets nobody be late: take it away
        patch.setattr("adrs.tasks.spot.simulator.guard", lambda ask, *rest: ask)
        sleeper = stubborn("(0, 'ON_DEMAND' if obs['tick'] > 71 else 'NONE')")
        with pytest.raises(Foul, match=r"deadline of 52 h and a restart overhead of 0\.2 h was done after 52\.11 h") as caught:
            played(task, sleeper, of(task, "train", 1))
    assert (caught.value.kind, caught.value.who) == ("illegal_answer", (0,))


def test_what_was_free_on_the_leaderboard_costs_a_launch_here() -> None:
    """Hops of a running on-demand instance, and of a running spot instance."""
    looks_round = stubborn("((obs['tick'] // 4) % self.job['n_regions'], 'ON_DEMAND')")
    clean, free = made(), made(rules="leaderboard")
    workloads = of(clean, "train", 1)
    here, there = (played(task, looks_round, workloads)[0].metrics for task in (clean, free))
    assert there["launches"] == 1
    assert there["cost"] == pytest.approx(147.5175)
    assert float(here["launches"]) > 10
    assert float(here["cost"]) > float(there["cost"])


def test_a_window_without_spot_is_won_by_on_demand(task: SpotMultiRegion) -> None:
    dark = Window("s", 0, ("2_zones_scarce",), np.zeros((9, 1000), bool), np.full((9, 1000), 9180, np.int32))
    (same,) = played(task, task.baselines["on_demand"], [Workload("dark", dark, "train")])
    assert same.score == 1 == task.bound
    (less,) = played(task, stubborn("(0, 'NONE' if obs['tick'] % 50 == 8 else 'ON_DEMAND')"), [Workload("dark", dark, "train")])
    assert -1 < less.score < 0


# vocabulary


def test_terms_are_what_generators_take(task: SpotMultiRegion) -> None:
    assert not task.terms
    assert not task.results
    spoken = made(vocabulary=True)
    assert len(spoken.terms) == 16
    for program in (spoken.offline_seed, spoken.seed):
        rules_of(spoken, program)  # refuses terms that contradict the program
    obs = {"region": 1, "spot_available": [False, False, True], "spot_price": [1.2, 0.9, 1.1]}
    assert [eval(result, {"obs": obs}) for result in spoken.results] == [
        (1, "SPOT"),
        (1, "ON_DEMAND"),
        (1, "NONE"),
        (2, "SPOT"),
    ]


def test_terms_say_what_they_say() -> None:
    task = made(vocabulary=True)
    lines: list[str] = []
    for term in task.terms:
        lines += [f"        {text}" for text in (term.update, f"{term.name} = {term.code}") if text]
    initial = [f"        {term.initial}" for term in task.terms if term.initial]
    head = ["class Policy:", "    def __init__(self, job):", "        self.job = job", *initial, "    def decide(self, obs):"]
    program = "\n".join([*head, *lines, "        return {k: v for k, v in locals().items() if k not in ('self', 'obs')}"])
    space: dict[str, Any] = {}
    exec(program, space)
    job = {"work_s": 172800.0, "deadline_s": 187200.0, "restart_s": 720.0, "tick_s": 195.0, "n_regions": 2}
    policy, rows = space["Policy"](job), []
    for tick, up in enumerate([(True, False), (True, True), (False, True), (False, False), (False, False)]):
        obs = {"tick": tick, "elapsed_s": tick * 195.0, "done_s": 195.0, "pending_s": 390.0, "region": 0, "last": "SPOT"}
        more = {"spot_available": list(up), "spot_price": [1.3, 0.95], "current": "SPOT" if up[0] else "NONE"}
        rows.append(policy.decide({**obs, **more}))
    assert [row["run_length"] for row in rows] == [0, 1, 0, 1, 2]
    assert [row["open_share"] for row in rows] == [0.5, 1, 0.5, 0, 0]
    assert [row["somewhere"] for row in rows] == [True, True, True, False, False]
    assert [row["recent_spot"] for row in rows[:4]] == pytest.approx([0.515, 0.52955, 0.5436635, 0.527353595])
    last = rows[-1]
    assert (last["spot"], last["on_spot"], last["on_demand"]) == (False, False, False)
    assert last["slack"] == pytest.approx(960 - 4 - 172605 / 195)
    assert (last["pending"], last["restart"], last["price_here"], last["price_least"]) == (2, 720 / 195, 1.3, 0.95)
    assert (last["work_share"], last["time_share"]) == pytest.approx((195 / 172800, 780 / 187200))


def test_the_short_greedy_uses_terms_as_they_are_defined() -> None:
    task = made(vocabulary=True)
    codes = {term.name: ast.unparse(ast.parse(term.code, mode="eval")) for term in task.terms}
    assigned = {
        node.targets[0].id: ast.unparse(node.value)
        for node in ast.walk(ast.parse(task.offline_seed))
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    assert {"work_left", "time_left", "slack"} <= assigned.keys()
    assert all(codes[name] == code for name, code in assigned.items() if name in codes)


# synthetic zones


def test_a_synthetic_window_depends_on_its_own_seed_only() -> None:
    up, price = synthetic.windows([(0, 0, 0), (0, 0, 1), (0, 1, 0)], 200)
    alone, priced = synthetic.windows([(0, 0, 1)], 200)
    assert (alone[0] == up[1]).all()
    assert (priced[0] == price[1]).all()
    assert len({window.tobytes() for window in up}) == 3


def test_synthetic_windows_are_the_same_for_ever() -> None:
    """Scores are only comparable while this holds; a change of the model must change it on purpose."""
    up, price = synthetic.windows([(0, 0, 0), (5, 2, 9)], splits.LENGTH)
    assert sha256(np.packbits(up).tobytes() + price.astype("<i4").tobytes()).hexdigest()[:16] == "b15e421dfa93caa0"


def test_synthetic_zones_are_like_the_real_ones() -> None:
    up, price = synthetic.windows([(3, window) for window in range(200)], 962)
    real = [0.07, 0.33, 0.29, 0.49, 0.57, 0.55, 0.90, 0.89, 0.87]  # what train and validation show
    assert np.abs(up.mean(axis=(0, 2)) - real).max() < 0.1
    dollars = [1.746, 1.212, 1.162, 1.192, 0.918, 0.940, 0.918, 0.918, 0.918]
    assert np.abs(price.mean(axis=(0, 2)) / 1e4 - dollars).max() < 0.02
    assert price.min() >= synthetic.FLOOR * 1e4
    alike: Floats = np.asarray(np.corrcoef(up.transpose(1, 0, 2).reshape(9, -1)))
    regions = [zone[:-1] for zone in ZONES]
    near = [alike[a, b] for a, b in itertools.combinations(range(9), 2) if regions[a] == regions[b]]
    far = [alike[a, b] for a, b in itertools.combinations(range(9), 2) if regions[a] != regions[b]]
    assert min(near) > 0.15
    assert np.abs(far).max() < 0.15
    changes = np.flatnonzero(np.abs(np.diff(up.astype(int), axis=2)).sum(axis=(0, 1))) + 1
    assert ((changes * 195) % 600 < 195).all()  # at the first tick of a step of 600 s
