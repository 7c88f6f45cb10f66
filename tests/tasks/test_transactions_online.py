"""The online transaction task: the window, what is visible in it, and the referee's verdicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from fake_player import FakePlayer

from adrs.catalog import load_task
from adrs.core.failure import Foul, Refusal
from adrs.core.task import SPLITS, Verdict, Workload
from adrs.tasks.transactions.batches import Requests, draw
from adrs.tasks.transactions.reference import window_smf
from adrs.tasks.transactions_online.play import Stream, play
from adrs.tasks.transactions_online.sight import HOTTEST, Sight, revealed, seen
from adrs.tasks.transactions_online.task import WINDOW, TransactionsOnline, in_time
from adrs.testing import PlainPlayer

Workloads = Sequence[Workload[Requests]]


@pytest.fixture(scope="module")
def task() -> TransactionsOnline:
    return made()


def made(**options: object) -> TransactionsOnline:
    task = load_task("transactions_online", options)
    assert isinstance(task, TransactionsOnline)
    return task


def of(task: TransactionsOnline, split: str, most: int | None = None) -> Workloads:
    return [workload for workload in task.workloads() if workload.split == split][:most]


def played(task: TransactionsOnline, program: str, workloads: Workloads) -> list[Verdict]:
    return task.judge_together(PlainPlayer(program, task.kit), workloads)


def picking(expression: str) -> str:
    """A program that answers one expression over `obs`."""
    return f"class Scheduler:\n def __init__(self, settings): pass\n def pick(self, obs): return {expression}"


# the window


def test_the_window_is_refilled_at_its_end_and_everything_is_released_once() -> None:
    stream = Stream(draw("ycsb", 50, "window", 0), 7, "full")
    rng, windows = Random(1), []

    def ask(columns: Mapping[str, list[Any]], who: Sequence[int]) -> list[int]:
        (pending,) = columns["pending"]
        windows.append([each["id"] for each in pending])
        return [rng.randrange(len(pending))]

    assert play([stream], ask) == len(windows) == 49
    assert sorted(stream.order) == list(range(50))
    assert windows[0] == list(range(7))
    assert all(window == sorted(window) for window in windows)
    assert all(max(window) == 6 + at for at, window in enumerate(windows[:44]))
    assert stream.clocks.makespan == stream.requests.batch.makespan(stream.order)
    assert stream.starts == stream.requests.batch.starts(stream.order)


def test_streams_of_unequal_length_are_played_together() -> None:
    streams = [Stream(draw("ycsb", size, "unequal", 0), 5, "full") for size in (10, 30)]
    asked: list[Sequence[int]] = []

    def ask(columns: Mapping[str, list[Any]], who: Sequence[int]) -> list[int]:
        asked.append(tuple(who))
        return [0 for _ in who]

    play(streams, ask)
    assert Counter(asked) == {(0, 1): 9, (1,): 20}
    assert [stream.clocks.makespan for stream in streams] == [stream.requests.first_come for stream in streams]


# sight


@pytest.mark.parametrize("sight", ["full", "hot", "class"])
def test_what_is_seen_of_a_waiting_transaction(sight: Sight) -> None:
    stream = draw("taobench", 120, "sight", 0)
    uses = Counter(key for ops in stream.batch.ops for _, key, _ in ops)
    least = sorted(uses.values(), reverse=True)[HOTTEST - 1]
    for before, after, request in zip(seen(stream, sight), revealed(stream), stream.requests, strict=True):
        assert before.keys() == after.keys() == {"id", "template", "length", "hot_class", "ops"}
        assert (before["template"], before["length"], before["hot_class"]) == (
            request.template,
            request.length,
            request.hot_class,
        )
        assert len(after["ops"]) == request.length - request.text.count("*")
        if sight == "full":
            assert before == after
        elif sight == "class":
            assert before["ops"] == []
        else:
            assert all(uses[key] >= least for _, key, _ in before["ops"])
            assert all(op in before["ops"] for op in after["ops"] if uses[op[1]] > least)


WATCHER = """
class Scheduler:
    seen = []
    def __init__(self, settings):
        assert settings["window"] == 20 and settings["sight"] == "class"
    def pick(self, obs):
        Scheduler.seen.append(obs)
        return 3 if len(obs["pending"]) > 3 else 0
"""


def test_released_transactions_are_shown_in_full() -> None:
    task = made(sight="class")
    (workload,) = of(task, "train", 1)
    player = PlainPlayer(WATCHER, task.kit)
    task.judge(player, workload)
    told = player.names["Scheduler"].seen
    assert told[0]["last"] is None
    everything = revealed(workload.data)
    for before, after in pairwise(told):
        place = 3 if len(before["pending"]) > 3 else 0
        released = before["pending"][place]
        assert released["ops"] == []
        start = after["last"].pop("start")
        assert start >= 1
        assert after["last"] == everything[released["id"]]


# what the referee says


def test_scores_of_first_come_and_of_other_programs(task: TransactionsOnline) -> None:
    train = of(task, "train", 4)
    scores = {name: task.total(played(task, program, train)) for name, program in task.baselines.items()}
    assert scores["fifo"] == 0
    assert scores["random_pick"] < scores["smf_k5"] < scores["smf_k20"] < 1
    assert sorted(task.baselines) == ["earliest_start", "fifo", "learner", "r_smf", "random_pick", "smf_k20", "smf_k5"]


def test_splits_share_no_stream(task: TransactionsOnline) -> None:
    assert [len(of(task, split)) for split in SPLITS] == [8, 8, 16]
    assert [{w.data.batch.n for w in of(task, split)} for split in SPLITS] == [{200}, {200}, {500}]
    digests = [workload.data.digest for workload in task.workloads()]
    assert len(set(digests)) == len(digests)


def test_together_and_one_by_one_are_the_same(task: TransactionsOnline) -> None:
    train = of(task, "train", 3)
    together = played(task, task.seed, train)
    assert together == [task.judge(PlainPlayer(task.seed, task.kit), workload) for workload in train]


def test_one_message_a_release_however_many_streams(task: TransactionsOnline) -> None:
    steps = []

    class Counting(FakePlayer):
        def crew(self, cls: str, settings: Sequence[Mapping[str, Any]], apart: Any = None) -> Any:
            crew = PlainPlayer.crew(self, cls, settings, apart)
            inner = crew.step

            def step(method: str, columns: Mapping[str, Any], who: Sequence[int], expect: Any) -> list[Any]:
                steps.append(len(who))
                return inner(method, columns, who, expect)

            crew.step = step  # type: ignore[method-assign]
            return crew

    task.judge_together(Counting(task.baselines["fifo"], task.kit), of(task, "train"))
    assert steps == [8] * 199


@pytest.mark.parametrize("sight", ["hot", "class"])
def test_every_program_plays_under_every_sight(sight: str) -> None:
    task = made(sight=sight)
    (workload,) = of(task, "validation", 1)
    for program in (task.seed, task.offline_seed, *task.baselines.values()):
        assert played(task, program, [workload])[0].score <= 1


def test_the_window_s_smf_is_the_reference_but_for_its_draws(task: TransactionsOnline) -> None:
    """With the whole window only ties are random, so the program and the reference are close."""
    workload = of(task, "train")[1]
    verdict = played(task, task.baselines["smf_k20"], [workload])[0]
    order = window_smf(workload.data.batch, Random(0), WINDOW, WINDOW)
    assert workload.data.batch.makespan(order) == pytest.approx(float(verdict.metrics["makespan"]), rel=0.1)


def test_feedback_is_short(task: TransactionsOnline) -> None:
    for verdict in played(task, task.seed, of(task, "train")):
        assert 100 < len(verdict.feedback) <= 300
        assert verdict.feedback.endswith("releases.")


# fouls


@pytest.mark.parametrize("answer", ["-1", "20", "len(obs['pending'])"])
def test_a_place_outside_the_window_is_a_foul(task: TransactionsOnline, answer: str) -> None:
    with pytest.raises(Foul, match="the window holds 20 transactions") as caught:
        played(task, picking(answer), of(task, "train", 2))
    assert (caught.value.kind, caught.value.who) == ("illegal_answer", (0,))


@pytest.mark.parametrize("answer", ["True", "1.0", "None", "[0]", "'0'", "obs['pending'][0]"])
def test_an_answer_that_is_not_an_int_is_a_foul(task: TransactionsOnline, answer: str) -> None:
    with pytest.raises(Foul) as caught:
        played(task, picking(answer), of(task, "train", 1))
    assert caught.value.kind == "illegal_answer"


def test_the_window_shrinks_at_the_end_and_old_places_are_fouls(task: TransactionsOnline) -> None:
    with pytest.raises(Foul, match="pick answered 19: the window holds 19"):
        played(task, picking("19"), of(task, "train", 1))


def test_changing_the_observation_changes_nothing(task: TransactionsOnline) -> None:
    program = picking("[w.clear() or 0 for w in obs['pending']][0]")
    (verdict,) = played(task, program, of(task, "train", 1))
    assert verdict.score == 0, "it is first come first served all the same"


def test_slow_decisions_are_a_foul() -> None:
    in_time(0.1 + 1.0, 1000)
    with pytest.raises(Foul, match=r"1000 decisions took 2\.00 ms of CPU time each on average, 1 allowed") as caught:
        in_time(0.1 + 2.0, 1000)
    assert caught.value.kind == "timeout"


def test_a_negative_data_seed_is_refused() -> None:
    with pytest.raises(Refusal, match="data_seed=-1 is below 0"):
        made(data_seed=-1)


def test_another_data_seed_gives_other_streams(task: TransactionsOnline, monkeypatch: pytest.MonkeyPatch) -> None:
    assert made().fingerprint() == task.fingerprint()
    monkeypatch.setattr("adrs.tasks.transactions.batches.ATTEMPTS", 1)
    assert made(data_seed=1).fingerprint() != task.fingerprint()
