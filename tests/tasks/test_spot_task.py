"""The single-region spot task: what a player sees, the referee's verdicts, and the separation of splits."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from fake_player import FakePlayer, needs_data

from adrs.catalog import load_task
from adrs.core.failure import Foul, Refusal
from adrs.core.task import SPLITS, Verdict, Workload
from adrs.tasks.scale import share
from adrs.tasks.spot.score import leaderboard_score
from adrs.tasks.spot.windows import pack
from adrs.tasks.spot_single_region import real, splits
from adrs.tasks.spot_single_region.task import SpotSingleRegion
from adrs.tasks.spot_single_region.windows import Window

Workloads = Sequence[Workload[Window]]


@pytest.fixture(scope="module")
def task() -> SpotSingleRegion:
    return made()


def made(**options: object) -> SpotSingleRegion:
    task = load_task("spot_single_region", options)
    assert isinstance(task, SpotSingleRegion)
    return task


def of(task: SpotSingleRegion, split: str, most: int | None = None) -> Workloads:
    return [workload for workload in task.workloads() if workload.split == split][:most]


def played(task: SpotSingleRegion, program: str, workloads: Workloads) -> list[Verdict]:
    return task.judge_together(FakePlayer(program), workloads)


def stubborn(expression: str) -> str:
    """A program that answers one expression over `obs`."""
    return f"class Policy:\n def __init__(self, job): pass\n def decide(self, obs): return {expression}"


# what there is


def test_the_catalogue_finds_seed_and_baselines(task: SpotSingleRegion) -> None:
    assert sorted(task.baselines) == ["greedy", "never_wait", "on_demand", "uniform_progress"]
    for program in (task.seed, task.offline_seed):
        assert program.index("# EVOLVE-BLOCK-START") < program.index("__init__") < program.index("# EVOLVE-BLOCK-END")
    assert not task.terms
    assert not task.results


def test_programs_import_the_standard_library_only(task: SpotSingleRegion) -> None:
    for program in (task.seed, task.offline_seed, *task.baselines.values()):
        imported = [node for node in ast.walk(ast.parse(program)) if isinstance(node, ast.Import | ast.ImportFrom)]
        names = {node.module if isinstance(node, ast.ImportFrom) else node.names[0].name for node in imported}
        assert names <= {"math", "typing"}


def test_synthetic_splits_have_their_windows_and_no_window_twice(task: SpotSingleRegion) -> None:
    assert [len(of(task, split)) for split in SPLITS] == [10, 10, 30]
    assert all(len(workload.data.games) == 36 for workload in task.workloads())
    assert len({workload.name for workload in task.workloads()}) == 50
    assert len({pool.tobytes() for workload in task.workloads() for pool in workload.data.up if pool.any()}) > 270


def test_another_data_seed_gives_other_windows_and_the_same_one_the_same(task: SpotSingleRegion) -> None:
    assert made().fingerprint() == task.fingerprint() != made(data_seed=1).fingerprint()


def test_a_negative_data_seed_is_refused() -> None:
    with pytest.raises(Refusal, match="data_seed=-1 is below 0"):
        made(data_seed=-1)


# what a player sees


WATCHER = """
class Policy:
    seen = []
    def __init__(self, job):
        self.job = job
        self.n = 0
    def decide(self, obs):
        assert obs["tick"] == self.n and obs["elapsed_s"] == 600.0 * self.n
        self.n += 1
        Policy.seen.append((self.job, dict(obs)))
        return "SPOT" if obs["spot_available"] else "NONE"
"""


def test_a_player_sees_its_job_and_the_present_and_nothing_else(task: SpotSingleRegion) -> None:
    player = FakePlayer(WATCHER)
    task.judge(player, of(task, "train")[0])
    jobs = {"seed", "work_s", "deadline_s", "restart_s", "tick_s", "price_od", "price_spot"}
    assert all(setting.keys() == jobs for setting in player.settings)
    assert {(s["deadline_s"], s["restart_s"]) for s in player.settings} == set(
        itertools.product((187200.0, 252000.0), (72.0, 180.0, 360.0))
    )
    keys = {"tick", "elapsed_s", "done_s", "pending_s", "last", "current", "spot_available"}
    for job, obs in player.names["Policy"].seen:
        assert obs.keys() == keys
        assert [type(obs[key]) for key in ("tick", "done_s", "last", "spot_available")] == [int, float, str, bool]
        assert 0 <= obs["done_s"] < job["work_s"]
        assert obs["elapsed_s"] < job["deadline_s"]


def test_ended_games_are_not_asked_any_more(task: SpotSingleRegion) -> None:
    player = FakePlayer(task.baselines["on_demand"])
    task.judge(player, of(task, "train")[0])
    (crew,) = player.crews
    assert (crew.messages, crew.decisions) == (289, 36 * 289)


def test_windows_of_one_series_share_a_process_only_if_they_do_not_overlap() -> None:
    task = made()
    player = FakePlayer(task.seed)
    starts = [0, 100, 421, 521, 0, 842, 420]
    windows = [Window("s", start, ("p",), np.ones((1, 421), bool)) for start in starts]
    workloads = [Workload(f"w{i}", window, "train") for i, window in enumerate(windows)]
    task.judge_together(player, workloads)
    labels = player.crews[0].apart
    games = [label for label in dict.fromkeys(labels) for _ in range(labels.count(label))]
    assert labels == games  # the games of a process lie side by side
    assert len(set(labels)) == 3


# what the referee says


@pytest.mark.slow
def test_scores_of_the_baselines_on_synthetic_train(task: SpotSingleRegion) -> None:
    scores = {name: task.total(played(task, program, of(task, "train"))) for name, program in task.baselines.items()}
    assert scores["on_demand"] == pytest.approx(0, abs=1e-12)
    assert 0.3 < scores["greedy"] < scores["never_wait"] < scores["uniform_progress"] < 0.95


def test_the_seed_is_greedy_and_the_short_one_nearly(task: SpotSingleRegion) -> None:
    workloads = of(task, "train", 3)
    greedy = played(task, task.baselines["greedy"], workloads)
    assert played(task, task.seed, workloads) == greedy
    short = played(task, task.offline_seed, workloads)
    assert task.total(short) == pytest.approx(task.total(greedy), abs=0.02)


@pytest.mark.parametrize("rules", ["clean", "leaderboard"])
def test_together_and_one_by_one_are_the_same(rules: str) -> None:
    task = made(rules=rules)
    workloads = [*of(task, "validation", 3), *of(task, "train", 2)]
    program = task.baselines["never_wait"]
    assert played(task, program, workloads) == [task.judge(FakePlayer(program), workload) for workload in workloads]


def test_the_program_uniform_progress_is_the_reference(task: SpotSingleRegion) -> None:
    for verdict in played(task, task.baselines["uniform_progress"], of(task, "train", 4)):
        assert verdict.metrics["cost"] == verdict.metrics["cost_uniform_progress"]
        assert verdict.metrics["gap_closed"] == 0


def test_the_metrics_of_a_window_are_consistent(task: SpotSingleRegion) -> None:
    (verdict,) = played(task, task.seed, of(task, "train", 1))
    cost, best, uniform = (float(verdict.metrics[f"cost{name}"]) for name in ("", "_optimum", "_uniform_progress"))
    assert best < cost < 147.39
    assert verdict.score == pytest.approx((147.39 - cost) / (147.39 - best))
    assert verdict.metrics["gap_closed"] == pytest.approx((uniform - cost) / (uniform - best))
    assert verdict.metrics["leaderboard_score"] == pytest.approx(100 * (146.88 - cost) / 100.1712)
    assert verdict.metrics["games"] == 36
    assert verdict.metrics["late"] == 0
    assert 0 < float(verdict.metrics["spot_share"]) < 1
    assert float(verdict.metrics["preemptions"]) > 1


def test_a_summary_weighs_games_not_windows(task: SpotSingleRegion) -> None:
    window = of(task, "train", 1)[0].data
    short = Window("s", 0, window.pools, window.up, (52,))
    workloads = [Workload("long", window, "train"), Workload("short", short, "train")]
    verdicts = played(task, task.seed, workloads)
    summary = task.summary(verdicts)
    costs = [float(verdict.metrics["cost"]) for verdict in verdicts]
    assert summary["games"] == 54
    assert summary["cost"] == pytest.approx((36 * costs[0] + 18 * costs[1]) / 54)
    assert summary["leaderboard_score"] == pytest.approx(leaderboard_score(summary["cost"]))
    gap = summary["cost_uniform_progress"] - summary["cost_optimum"]
    assert summary["gap_closed"] == pytest.approx((summary["cost_uniform_progress"] - summary["cost"]) / gap)


def test_feedback_is_short_and_about_its_own_window(task: SpotSingleRegion) -> None:
    workloads = of(task, "train")
    verdicts = played(task, task.seed, workloads)
    for workload, verdict in zip(workloads, verdicts, strict=True):
        assert 80 < len(verdict.feedback) <= 300
        assert verdict.feedback.endswith("used.")
        assert f"${float(verdict.metrics['cost']):.2f} a game" in verdict.feedback
        assert any(pool in verdict.feedback for pool in workload.data.pools)
        assert not any(other.name in verdict.feedback for other in task.workloads())


def test_an_answer_outside_the_three_words_is_a_foul(task: SpotSingleRegion) -> None:
    program = task.baselines["on_demand"].replace('"ON_DEMAND"', '"on demand"')
    with pytest.raises(Foul) as caught:
        played(task, program, of(task, "train", 1))
    assert caught.value.kind == "illegal_answer"


def test_lateness_is_a_foul_that_names_the_game_and_nothing_of_its_window() -> None:
    task = made(rules="leaderboard")
    verdicts = played(task, task.baselines["never_wait"], of(task, "train"))
    assert sum(float(verdict.metrics["late"]) for verdict in verdicts) > 0
    task.rules = "clean"
    with pytest.MonkeyPatch.context() as patch:  # the clean guard lets no game be late: take it away
        patch.setattr("adrs.tasks.spot.simulator.guard", lambda ask, margin, *rest: ask)
        sleeper = stubborn("'ON_DEMAND' if obs['tick'] > 30 else 'NONE'")
        with pytest.raises(Foul, match=r"deadline of 52 h .* 0\.02 h was done after 53\.33 h") as caught:
            played(task, sleeper, of(task, "train", 1))
    assert (caught.value.kind, caught.value.who) == ("illegal_answer", (0,))


def test_nothing_scores_above_the_bound(task: SpotSingleRegion) -> None:
    assert task.bound == pytest.approx(1, abs=1e-8)
    assert share(147.39, 92.0, 92.0) == 1 <= task.bound


def test_a_window_without_spot_is_won_by_on_demand(task: SpotSingleRegion) -> None:
    dark = Workload("dark", Window("s", 0, ("p",), np.zeros((1, 421), bool)), "train")
    (same,) = played(task, task.baselines["on_demand"], [dark])
    assert same.score == 1
    worse = stubborn("'NONE' if obs['tick'] % 9 == 8 else 'ON_DEMAND'")
    (less,) = played(task, worse, [dark])
    assert -1 < less.score < 0


# vocabulary


def test_terms_are_known_expressions_over_job_observation_and_one_another() -> None:
    task = made(vocabulary=True)
    assert len(task.terms) == 12
    assert [ast.literal_eval(result) for result in task.results] == ["SPOT", "ON_DEMAND", "NONE"]
    names: set[str] = set()
    for term in task.terms:
        used = {node.id for node in ast.walk(ast.parse(term.code, mode="eval")) if isinstance(node, ast.Name)}
        assert used <= names | {"self", "obs", "abs"}, term.name
        names.add(term.name)


def test_terms_say_what_they_say() -> None:
    task = made(vocabulary=True)
    lines = [f"        {term.update}" for term in task.terms if term.update]
    lines += [f"        {term.name} = {term.code}" for term in task.terms]
    lines.insert(0, "        spot = obs['spot_available']")
    initial = [f"        {term.initial}" for term in task.terms if term.initial]
    head = ["class Policy:", "    def __init__(self, job):", "        self.job = job", *initial, "    def decide(self, obs):"]
    program = "\n".join([*head, *lines, "        return {k: v for k, v in locals().items() if k not in ('self', 'obs')}"])
    space: dict[str, type] = {}
    exec(program, space)
    policy = space["Policy"]({"work_s": 172800.0, "deadline_s": 252000.0, "restart_s": 180.0, "tick_s": 600.0})
    rows = []
    for tick, up in enumerate([True, True, False, False, False, True]):
        obs = {"tick": tick, "elapsed_s": tick * 600.0, "done_s": 600.0, "pending_s": 0.0, "spot_available": up}
        rows.append(policy.decide({**obs, "last": "SPOT", "current": "SPOT" if up else "NONE"}))
    assert [row["run_length"] for row in rows] == [0, 1, 0, 1, 2, 0]
    assert [row["spot_share"] for row in rows] == pytest.approx([1, 1, 2 / 3, 1 / 2, 2 / 5, 1 / 2])
    assert [row["recent_spot"] for row in rows[:3]] == pytest.approx([0.55, 0.595, 0.5355])
    last = rows[-1]
    assert (last["work_left"], last["time_left"], last["slack"], last["restart"]) == (287, 415, 128, 0.3)
    assert (last["on_spot"], last["on_demand"]) == (True, False)
    assert last["work_share"] == pytest.approx(1 / 288)
    assert last["time_share"] == pytest.approx(5 / 420)


def test_the_short_greedy_uses_terms_as_they_are_defined() -> None:
    task = made(vocabulary=True)
    codes = {term.name: term.code for term in task.terms}
    assigned = {
        node.targets[0].id: ast.unparse(node.value)
        for node in ast.walk(ast.parse(task.offline_seed))
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    assert assigned == {name: ast.unparse(ast.parse(codes[name], mode="eval")) for name in assigned}
    assert set(assigned) == {"spot", "work_left", "time_left", "slack"}


# real data


def test_real_data_that_is_not_there_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADRS_DATA", str(tmp_path))
    monkeypatch.setattr("adrs.tasks.downloads.user_data_dir", lambda name: str(tmp_path / "user" / name))
    with pytest.raises(Refusal, match=r"us-west-2a_k80_8\.json.*adrs data fetch spot_single_region.*ADRS_DATA"):
        made(data="real").workloads()


def test_real_splits_never_overlap() -> None:
    """No tick that a train game may see is one that a validation game may see; the leaderboard's come before both."""
    train = [(start, start + 421) for start in splits.TRAIN_STARTS]
    validation = [(start, start + max(hours) * 6 + 1) for start, hours in splits.VALIDATION_STARTS.items()]
    assert min(start for start, _ in train) == 1767
    assert max(end for _, end in train) <= min(start for start, _ in validation)
    assert max(end for _, end in validation) == 2831


@needs_data
def test_real_windows_hold_the_ticks_that_they_should() -> None:
    task = made(data="real")
    assert [len(of(task, split)) for split in SPLITS] == [10, 3, 30]
    assert sum(len(workload.data.games) for workload in of(task, "test")) == 1080
    assert max(workload.data.start + 421 for workload in of(task, "test")) <= 1767
    assert all(workload.data.up.shape[1] >= workload.data.ticks for workload in task.workloads())


@needs_data
def test_leaderboard_windows_need_few_processes_and_never_overlap_in_one() -> None:
    for split in SPLITS:
        windows = [workload.data for workload in of(made(data="real"), split)]
        labels = pack(windows)
        assert split != "test" or len(set(labels)) <= 17
        for (a, label_a), (b, label_b) in itertools.combinations(zip(windows, labels, strict=True), 2):
            if label_a == label_b and a.start != b.start:
                assert set(range(a.start, a.start + a.ticks)).isdisjoint(range(b.start, b.start + b.ticks))


@needs_data
@pytest.mark.parametrize("rules", ["leaderboard", "clean"])
@pytest.mark.parametrize(("program", "cost", "late"), [("greedy", 119.034539, 0), ("never_wait", 104.649787, 27)])
def test_published_numbers_through_the_referee(program: str, cost: float, late: int, rules: str) -> None:
    task = made(data="real", rules=rules)
    summary = task.summary(played(task, task.baselines[program], of(task, "test")))
    assert summary["games"] == 1080
    assert summary["cost"] == pytest.approx(cost, abs=5e-7 if program == "greedy" else 1e-6)
    assert summary["cost_uniform_progress"] == pytest.approx(101.682711, abs=5e-7)
    assert summary["cost_optimum"] == pytest.approx(92.1617, abs=5e-5)
    assert summary["late"] == (late if rules == "leaderboard" else 0)


def test_the_picture_shows_what_its_legend_names(task: SpotSingleRegion) -> None:
    drawn = ElementTree.fromstring(task.picture())
    blocks = [each for each in drawn.iter("{http://www.w3.org/2000/svg}rect") if each.get("x") not in {None, "0"}]
    legend = [each.get("fill") for each in blocks if each.get("height") == "14"]
    assert len(legend) == 3
    assert set(legend) <= {each.get("fill") for each in blocks if each.get("height") == "22"}


@needs_data
def test_known_means_of_the_later_windows() -> None:
    task = made(data="real")
    whole = task.workloads()[0].data
    series = real.series()
    starts = (1767, 1824, 1880, 1937, 1994, 2050, 2107, 2164, 2220, 2277)
    windows = [Window("s", start, whole.pools, series[:, start : start + 421]) for start in starts]
    workloads = [Workload(str(window.start), window, "train") for window in windows]
    summary = task.summary(played(task, task.baselines["greedy"], workloads))
    assert summary["cost"] == pytest.approx(120.3311, abs=5e-5)
    assert summary["cost_uniform_progress"] == pytest.approx(104.6940, abs=5e-5)
    assert summary["cost_optimum"] == pytest.approx(98.0469, abs=5e-5)
