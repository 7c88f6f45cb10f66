"""The offline transaction task: what a player sees, what the referee checks, and tricks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from fake_player import FakePlayer, needs

from adrs.catalog import load_task
from adrs.core.failure import Foul, Refusal
from adrs.core.task import SPLITS, Verdict, Workload
from adrs.tasks.transactions.batches import Requests
from adrs.tasks.transactions.critical import chain
from adrs.tasks.transactions.kit import Batch
from adrs.tasks.transactions.requests import Request
from adrs.tasks.transactions_offline.splits import Job
from adrs.tasks.transactions_offline.task import TransactionsOffline

Workloads = Sequence[Workload[Job]]
needs_pack = needs("txn_scheduling")


@pytest.fixture(scope="module")
def task() -> TransactionsOffline:
    return made()


def made(**options: object) -> TransactionsOffline:
    task = load_task("transactions_offline", options)
    assert isinstance(task, TransactionsOffline)
    return task


def of(task: TransactionsOffline, split: str, most: int | None = None) -> Workloads:
    return [workload for workload in task.workloads() if workload.split == split][:most]


def small(*texts: str, seconds: float = 1.0) -> Workload[Job]:
    return Workload("small", Job(Requests("made", tuple(Request(text, "t") for text in texts)), seconds), "train")


def answered(task: TransactionsOffline, body: str, workload: Workload[Job]) -> Verdict:
    """The verdict on a program whose `schedule` has that body."""
    return task.judge(FakePlayer(f"import kit\ndef schedule(transactions, seconds):\n {body}", task.kit), workload)


THREE = ("w-1 * *", "r-2 w-1", "r-1")


# what there is


def test_the_catalogue_finds_programs_and_kit(task: TransactionsOffline) -> None:
    assert sorted(task.baselines) == ["annealing", "earliest_start", "fifo", "iterated_greedy", "random_order", "smf"]
    assert task.kit == Path(__file__).parents[2].joinpath("src/adrs/tasks/transactions/kit.py").read_text("utf-8")
    for program in (task.seed, task.offline_seed):
        assert program.index("# EVOLVE-BLOCK-START") < program.index("def ") < program.index("# EVOLVE-BLOCK-END")


def test_splits_share_no_batch_and_their_sizes_are_as_stated(task: TransactionsOffline) -> None:
    assert [len(of(task, split)) for split in SPLITS] == [11, 11, 27]
    assert {workload.data.requests.batch.n for workload in of(task, "train")} == {100}
    assert sum(workload.data.requests.batch.n == 400 for workload in of(task, "test")) == 8
    digests = [workload.data.requests.digest for workload in task.workloads()]
    assert len(set(digests)) == len(digests)


def test_the_budget_goes_with_the_size_and_is_short_at_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adrs.tasks.transactions_offline.splits.draw", lambda family, many, seed: (family, many, seed))
    large = made(size="large")
    jobs = [workload.data for workload in large.workloads()]
    assert sorted({round(job.seconds, 6) for job in jobs}) == [0.8, 2.4, 4.0]
    assert max(job.seconds for job in jobs) == large.seconds < large.player_seconds
    assert len({str(job.requests) for job in jobs}) == len(jobs) == 3 * 27


def test_another_data_seed_gives_other_batches(task: TransactionsOffline, monkeypatch: pytest.MonkeyPatch) -> None:
    assert made().fingerprint() == task.fingerprint()
    monkeypatch.setattr("adrs.tasks.transactions.batches.ATTEMPTS", 1)
    assert made(data_seed=1).fingerprint() != task.fingerprint()


@pytest.mark.parametrize(
    ("options", "said"), [({"data_seed": -1}, "data_seed=-1 is below 0"), ({"rules": "leaderboard"}, "give data=real too")]
)
def test_bad_options_are_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(Refusal, match=said):
        made(**options)


# what the referee says


def test_scores_of_programs_on_train(task: TransactionsOffline) -> None:
    programs = {"seed": task.seed, "offline_seed": task.offline_seed, **task.baselines}
    few = of(task, "train", 4)
    scores = {name: task.total([task.judge(FakePlayer(each, task.kit), w) for w in few]) for name, each in programs.items()}
    assert scores["fifo"] == 0
    assert scores["random_order"] < scores["smf"] < scores["annealing"] < scores["iterated_greedy"] < 1
    assert scores["seed"] < scores["iterated_greedy"]


def test_metrics_are_consistent(task: TransactionsOffline) -> None:
    (workload,) = of(task, "train", 1)
    verdict = task.judge(FakePlayer(task.baselines["smf"], task.kit), workload)
    numbers = {name: float(value) for name, value in verdict.metrics.items()}
    assert numbers["makespan"] == numbers["smf"], "the program is the reference"
    assert numbers["gap_closed"] == 0
    way = numbers["first_come"] - numbers["bound"]
    assert verdict.score == pytest.approx((numbers["first_come"] - numbers["makespan"]) / way)
    assert numbers["throughput"] == 100 / numbers["makespan"]


def test_a_summary_adds_makespans_up(task: TransactionsOffline) -> None:
    verdicts = [task.judge(FakePlayer(task.seed, task.kit), workload) for workload in of(task, "train", 3)]
    summary = task.summary(verdicts)
    for name in ("makespan", "first_come", "bound", "smf"):
        assert summary[name] == sum(float(verdict.metrics[name]) for verdict in verdicts)
    way = summary["smf"] - summary["bound"]
    assert summary["gap_closed"] == pytest.approx((summary["smf"] - summary["makespan"]) / way)


def test_an_order_at_the_bound_scores_one(task: TransactionsOffline) -> None:
    late = small("w-1", "w-1", "* * * * w-1")
    assert answered(task, "return [0, 1, 2]", late).score == 1
    assert answered(task, "return [2, 0, 1]", late).score < 0, "where first come is at the bound, worse is below 0"


def test_feedback_is_short_and_names_the_chain(task: TransactionsOffline) -> None:
    for workload in of(task, "train"):
        said = task.judge(FakePlayer(task.baselines["fifo"], task.kit), workload).feedback
        assert 100 < len(said) <= 300
        assert said.startswith(workload.data.requests.family)
        assert said.endswith("of the order.")


def test_the_chain_explains_the_last_start() -> None:
    batch = Batch(THREE)
    behind = chain(batch, [1, 0, 2], batch.starts([1, 0, 2]))
    assert (behind.members, behind.units) == ((1, 0), {"1": 2})
    alone = chain(batch, [2], [1])
    assert (alone.members, alone.worst(2)) == ((2,), "no key")


# loopholes


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return [0, 1]", "holds 2 numbers for 3"),
        ("return []", "holds 0 numbers for 3"),
        ("return [0, 1, 2, 0]", "holds 4 numbers for 3"),
        ("return [0, 1, 1]", r"order\[2\] is 1, which appears twice"),
        ("return [0, 1, 3]", r"order\[2\] is 3: transactions are numbered from 0 to 2"),
        ("return [0, 1, -1]", r"order\[2\] is -1"),
        ("return [0, True, 2]", "int"),
        ("return [0.0, 1.0, 2.0]", "int"),
        ("return (3, [0, 1, 2])", "int"),
        ("return {'makespan': 1, 'order': [0, 1, 2]}", "array"),
        ("return None", "array"),
    ],
)
def test_an_illegal_order_is_a_foul(task: TransactionsOffline, body: str, said: str) -> None:
    with pytest.raises(Foul, match=said) as caught:
        answered(task, body, small(*THREE))
    assert caught.value.kind == "illegal_answer"


def test_patching_the_kit_gains_nothing(task: TransactionsOffline) -> None:
    body = "kit.Batch.makespan = lambda *a: 1; kit.Clocks.start = lambda *a: 1; transactions.clear(); return [1, 0, 2]"
    verdict = answered(task, body, small(*THREE))
    assert verdict.metrics["makespan"] == 5


def test_more_cpu_time_than_the_budget_is_a_foul(task: TransactionsOffline, monkeypatch: pytest.MonkeyPatch) -> None:
    player = FakePlayer(task.baselines["fifo"], task.kit)
    clock = iter([0.0, 1.05, 2.0, 3.2])
    monkeypatch.setattr(FakePlayer, "cpu_seconds", property(lambda self: next(clock)))
    task.judge(player, small(*THREE))
    with pytest.raises(Foul, match=r"schedule took 1\.20 CPU seconds for 3 transactions, 1\.0 allowed") as caught:
        task.judge(player, small(*THREE))
    assert caught.value.kind == "timeout"


@pytest.mark.budget(2 * 0.25)
@pytest.mark.parametrize("name", ["annealing", "iterated_greedy"])
def test_searching_baselines_play_two_batches(task: TransactionsOffline, name: str) -> None:
    player = FakePlayer(task.baselines[name], task.kit)
    for workload in of(task, "train", 2):
        assert task.judge(player, workload).score > 0


# the leaderboard


@needs_pack
def test_the_leaderboard_s_score_is_reproduced() -> None:
    task = made(data="real", rules="leaderboard")
    test = of(task, "test")
    assert [workload.name for workload in test] == ["W1", "W2", "W3"]
    fifo = [task.judge(FakePlayer(task.baselines["fifo"], task.kit), workload) for workload in test]
    assert task.summary(fifo)["makespan"] == 537
    assert task.total(fifo) == 0
    smf = [task.judge(FakePlayer(task.baselines["smf"], task.kit), workload) for workload in test]
    total = task.summary(smf)["makespan"]
    assert total == 244 + 55 + 61
    assert 100 * task.total(smf) == pytest.approx(100 * (537 - total) / 441.9)
    assert task.summary(smf)["leaderboard_score"] == pytest.approx(100 * task.total(smf))
    assert (test[0].data.seconds, task.seconds) == (200.0, 200.0)
    assert of(task, "train", 1)[0].data.seconds == 0.8


@needs_pack
def test_real_batches_are_the_test_and_nothing_else() -> None:
    task = made(data="real")
    assert [len(of(task, split)) for split in SPLITS] == [12, 12, 3]
    assert {workload.data.requests.family for workload in task.workloads()} == {"zipf16", "alternating", "tpcc_mini"}
    greedy = [task.judge(FakePlayer(task.baselines["iterated_greedy"], task.kit), workload) for workload in of(task, "test")]
    assert task.summary(greedy)["makespan"] < 290


def test_the_leaderboard_clamps_where_worse_than_first_come() -> None:
    task = made()
    task.rules = "leaderboard"
    long = small("w-1 * *", "r-1", "* r-1", "w-1")
    worse = answered(task, "return [3, 0, 2, 1]", long)
    assert task.total([worse]) >= 0
