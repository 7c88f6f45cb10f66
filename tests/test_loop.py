"""The inner loop: it asks, evaluates, stores and tells; it resumes by replay, and stops as it is told to."""

from __future__ import annotations

import threading

import pytest

from adrs import loop
from adrs.core.failure import Exhausted, Fault, Foul, Refusal
from adrs.core.trial import Candidate, Trial
from adrs.loop import search
from adrs.stores.memory import MemoryRun
from command_line import PATIENCE
from plain_parts import SEED, ByValue, Numbers, Steps, parts

TASK = Numbers()


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "PAUSES", (0.0, 0.0, 0.0))


def run(trials: int, store: MemoryRun | None = None, width: int = 1, **given: object) -> list[Trial]:
    figure = parts(trials, store, **given)
    search(TASK, figure, [SEED], seed=7, width=width)
    return list(figure.store.trials())


def test_two_runs_of_one_seed_are_identical() -> None:
    assert run(20) == run(20)


def test_another_seed_is_another_run() -> None:
    figure = parts(20)
    search(TASK, figure, [SEED], seed=8, width=1)
    assert list(figure.store.trials()) != run(20)


def test_resuming_is_replay() -> None:
    store = MemoryRun()
    run(7, store)
    assert run(20, store) == run(20), "a run that stopped and went on equals one that never stopped"


def test_seeds_are_played_once() -> None:
    store = MemoryRun()
    run(2, store)
    again = run(4, store)
    assert [trial.candidate.phase for trial in again] == ["seed", *["search"] * 4]


def test_numbers_have_no_gap_and_questions_do_not_repeat_at_any_width() -> None:
    trials = run(30, width=4)
    assert [trial.number for trial in trials] == list(range(31))
    questions = [trial.question for trial in trials]
    assert len(set(questions)) == len(questions)
    assert all(trial.seen <= trial.number for trial in trials)


def test_width_attempts_are_in_flight() -> None:
    barrier = threading.Barrier(3, timeout=PATIENCE)

    def meet(call: int) -> None:
        if call <= 3:
            barrier.wait()

    assert len(run(3, width=3, generator=Steps(meet))) == 4


def test_an_unusable_reply_is_a_trial_that_nobody_evaluates() -> None:
    seen: list[str] = []
    reply = Candidate("", author="steps", foul=Foul("syntax", "no program in the reply"))
    trials = run(3, generator=Steps(lambda call: reply), evaluator=ByValue(lambda candidate: seen.append(candidate.source)))
    assert seen == ["0"], "only the seed was evaluated"
    assert [trial.evaluation.foul for trial in trials[1:]] == [reply.foul] * 3


def test_a_fault_is_repeated_and_leaves_no_trace() -> None:
    failures = iter([Fault("full"), Fault("full")])

    def fail_twice(candidate: Candidate) -> None:
        if candidate.source != "0" and (failure := next(failures, None)):
            raise failure

    assert run(5, evaluator=ByValue(fail_twice)) == run(5)


def test_a_lasting_fault_stops_the_run_which_then_goes_on() -> None:
    store = MemoryRun()
    broken = True

    def fail(candidate: Candidate) -> None:
        if broken and len(list(store.trials())) == 3:
            raise Fault("no space left")

    with pytest.raises(Fault, match="no space left"):
        run(9, store, evaluator=ByValue(fail))
    assert len(list(store.trials())) == 3
    broken = False
    assert run(9, store, evaluator=ByValue(fail)) == run(9)


def test_a_bug_stops_the_run_and_keeps_what_was_finished() -> None:
    store = MemoryRun()

    def fail(call: int) -> None:
        if call == 4:
            raise ZeroDivisionError("ours")

    with pytest.raises(ZeroDivisionError):
        run(9, store, generator=Steps(fail))
    assert len(list(store.trials())) == 4


def test_a_halt_finishes_what_is_in_flight() -> None:
    figure = parts(50, generator=Steps(lambda call: figure.halt.set() if call == 5 else None))
    search(TASK, figure, [SEED], seed=7, width=1)
    assert len(list(figure.store.trials())) == 6


def test_a_halt_ends_the_pause_after_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "PAUSES", (60.0,))

    def fail(candidate: Candidate) -> None:
        if candidate.source != "0":
            threading.Timer(0.1, figure.halt.set).start()
            raise Fault("endpoint down")

    figure = parts(5, evaluator=ByValue(fail))
    with pytest.raises(Fault):
        search(TASK, figure, [SEED], seed=7, width=1)


def test_an_exhausted_generator_ends_the_phase() -> None:
    def three(call: int) -> None:
        if call > 3:
            raise Exhausted

    assert len(run(50, width=2, generator=Steps(three))) == 4


def test_without_a_legal_seed_nothing_is_asked() -> None:
    figure = parts(5)
    with pytest.raises(Refusal, match="seed"):
        search(TASK, figure, [Candidate("x", author="seed", phase="seed")], seed=7, width=1)
    assert len(list(figure.store.trials())) == 1


def test_a_generator_that_only_ever_fails_is_stopped_with_its_last_words() -> None:
    def refuse(call: int) -> Candidate:
        return Candidate("", author="steps", foul=Foul("syntax", f"I cannot help, {call}"))

    store = MemoryRun()
    with pytest.raises(Refusal, match=r"20 consecutive replies.*I cannot help"):
        run(500, store, generator=Steps(refuse))
    assert len(list(store.trials())) == 21, "every attempt counts"


def test_failures_that_differ_do_not_stop_a_run() -> None:
    kinds = ("syntax", "budget")

    def refuse(call: int) -> Candidate:
        return Candidate("", author="steps", foul=Foul(kinds[call % 2], "no"))  # type: ignore[arg-type]

    assert len(run(60, generator=Steps(refuse))) == 61
