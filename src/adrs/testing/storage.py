"""storage: the contract that every store passes. Subclass `StoreContract` in your tests and return your store from `make`.

    class TestMyStore(StoreContract):
        def make(self, folder): return MyStore(folder / "runs")

pytest finds the tests that the class inherits. Each assertion says what the store must do.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from adrs.core.failure import Foul, Refusal
from adrs.core.ledger import Entry, Ledger, Sum
from adrs.core.messages import Message
from adrs.core.storage import Store, StoredRun
from adrs.core.task import Verdict
from adrs.core.trial import Call, Candidate, Evaluation, Measurement, Outcome, Spend, Trial, Usage
from adrs.stores.ledger import keep_in

PLAYED = Evaluation(
    score=0.1 + 0.2,
    validation=-1e-300,
    outcomes=(
        Outcome("w ü", "train", Verdict(1 / 3, {"cost": 2.0**-1074, "odd": "nan", "zero": -0.0}, "line\n\ttab \U0001f600")),
        Outcome("w2", "train", Verdict(5e300)),
        Outcome("v", "validation", Foul("illegal_answer", "no", (3, 4))),
        Outcome("w3", "train", Foul("timeout", "slow")),
    ),
    foul=Foul("illegal_answer", "no", (3, 4)),
    metrics={"mean cost": 1e-7},
    spread=0.0,
    seconds=1.5,
    referee_seconds=0.25,
    player_seconds=3.0,
    isolation=("user namespace", "seccomp"),
)
EDITED = Candidate(
    "'\u2028[/x]{{ y }}%s'\n", (0,), "3", "offline", "a → b", "search", Spend(0.1, 7, 8, 2, 9.5, 1), operators=("swap", "const")
)
ATTEMPTS: list[tuple[Candidate, Evaluation]] = [
    (Candidate("x = 1\r\n", phase="seed", author="seed"), Evaluation(score=0.0)),
    (EDITED, PLAYED),
    (Candidate("", (1, 0), foul=Foul("interface", "``` [/bold]")), Evaluation(foul=Foul("interface", "``` [/bold]"))),
    (Candidate("y", phase="shrink"), Evaluation(partial=0.5, stopped="third")),
]
CALL = Call("m", "propose", "system", "first\n- a hint\nlast", "reply", "stop", Usage(9, 1, 2, 3, 1), 0.25, "slow", 1.5, 4)


class StoreContract:
    """What every store keeps to."""

    def make(self, folder: Path) -> Store:
        """A new, empty store.

        Args:
            folder: an empty folder that it may use.
        """
        raise NotImplementedError("return a new, empty store")

    @pytest.fixture
    def store(self, tmp_path: Path) -> Store:
        return self.make(tmp_path)

    @pytest.fixture
    def run(self, store: Store) -> StoredRun:
        return store.create_run("r", {"task": "spot_single_region", "trials": 20}, "f00d", "ab" * 16)

    # runs

    def test_a_run_is_kept_as_given(self, store: Store, run: StoredRun) -> None:
        record = store.run("r").record
        assert record == run.record, "run(name) must return the record that create_run returned"
        assert (record.recipe, record.fingerprint) == ({"task": "spot_single_region", "trials": 20}, "f00d")
        assert record.secret == "ab" * 16, "keep the secret exactly: replays depend on it"

    def test_runs_are_listed_in_the_order_in_which_they_were_created(self, store: Store) -> None:
        for name in ("r", "s"):
            store.create_run(name, {}, "", "")
        assert [each.name for each in store.runs()] == ["r", "s"], "runs() lists the oldest run first"
        assert store.run("last").name == "s", "run('last') is the run created last"

    def test_names_are_made_checked_and_unique(self, store: Store) -> None:
        made = [store.create_run("", {"task": "spot_single_region"}, "", "").name for _ in range(2)]
        assert made == ["spot-single-region-1", "spot-single-region-2"], "use core.storage.free_name for an empty name"
        for name in ("spot-single-region-1", "last", "a b", "x" * 200):
            with pytest.raises(Refusal):
                store.create_run(name, {}, "", "")
        assert len(store.runs()) == 2, "a refused name must leave no run behind"

    def test_an_unknown_run_is_refused(self, store: Store) -> None:
        for name in ("last", "nothing"):
            with pytest.raises(Refusal):
                store.run(name)

    # trials

    def test_an_empty_run_has_no_trials(self, run: StoredRun) -> None:
        assert (list(run.trials()), list(run.trials(5)), run.count(), run.best_score()) == ([], [], 0, None)

    def test_trials_come_back_exactly(self, run: StoredRun) -> None:
        returned = [run.append(*attempt, question, question // 2) for question, attempt in enumerate(ATTEMPTS)]
        expected = [Trial(number, *attempt, number, number // 2) for number, attempt in enumerate(ATTEMPTS)]
        assert repr(returned) == repr(expected), "append() must return the trial with the next number, bit by bit"
        assert repr(list(run.trials())) == repr(expected), "trials() must yield what append() returned, bit by bit"
        assert list(run.trials(2)) == expected[2:], "trials(start) begins with that number"
        assert list(run.trials(99)) == []
        assert (run.count(), run.attempts(), run.best_score()) == (4, 3, 0.1 + 0.2)
        assert run.trial(1) == expected[1]
        with pytest.raises(Refusal):
            run.trial(4)

    def test_what_is_returned_is_what_is_stored(self, run: StoredRun) -> None:
        odd = Evaluation(score=-0.0, partial=-0.0, seconds=-0.0, metrics={"m": -0.0})
        returned = run.append(Candidate("a\x00b\ud800", note="\udfff"), odd, 0, 0)
        stored = list(run.trials())
        assert repr(stored) == repr([returned]), "text or numbers that cannot be stored must be cleaned before append() returns"

    def test_telling_a_run_changes_nothing(self, run: StoredRun) -> None:
        trial = run.append(*ATTEMPTS[0], 0, 0)
        run.tell(trial)
        assert list(run.trials()) == [trial], "tell() must not store the trial again"

    def test_runs_do_not_mix(self, store: Store, run: StoredRun) -> None:
        other = store.create_run("other", {}, "", "")
        run.append(Candidate("a"), Evaluation(), 0, 0)
        other.append(Candidate("b"), Evaluation(), 0, 0)
        assert [trial.candidate.source for trial in other.trials()] == ["b"], "each run has its own trials"
        assert [trial.number for trial in other.trials()] == [0], "each run has its own numbers"

    def test_a_run_opened_again_has_everything(self, store: Store, run: StoredRun) -> None:
        run.append(*ATTEMPTS[1], 0, 0)
        run.add_event("started")
        run.add_message(Message("hint", "wait"))
        again = store.run("r")
        assert list(again.trials()) == list(run.trials())
        assert again.append(*ATTEMPTS[0], 1, 1).number == 1, "numbers continue after the stored ones"
        assert (len(again.events()), len(again.messages())) == (1, 1)

    # events, measurements, messages

    def test_events_give_the_state(self, run: StoredRun) -> None:
        assert (run.state(), run.seconds()) == ("stopped", 0.0), "a run without events is stopped"
        run.add_event("started")
        assert run.state() == "running", "the process that started it is alive"
        run.add_event("fault", "disk full", 1.5)
        assert run.state() == "stopped"
        run.add_event("finished", "done", 2.0)
        assert run.state() == "finished"
        assert [(each.number, each.kind, each.text) for each in run.events()] == [
            (0, "started", ""),
            (1, "fault", "disk full"),
            (2, "finished", "done"),
        ], "events() returns all events in order, numbered from 0"
        assert [each.seconds for each in run.events()] == [0.0, 1.5, 2.0]

    def test_the_last_append_is_known(self, run: StoredRun) -> None:
        assert run.last_append(0.0) is None
        run.append(*ATTEMPTS[0], 0, 0)
        at = run.last_append(0.0)
        assert at is not None, "last_append() returns the time of the last trial"
        assert run.last_append(at + 1.0) is None, "only trials at or after `began` count"
        assert run.last_append(0.0, at - 1.0) is None, "only trials at or before `ended` count"

    def test_measurements_are_kept_in_order(self, run: StoredRun) -> None:
        kept = [Measurement("greedy", "reference", PLAYED, "x"), Measurement("trial:3", "verify", Evaluation(score=0.5))]
        for measurement in kept:
            run.add_measurement(measurement)
        assert list(run.measurements()) == kept, "measurements() returns them as given, in order"

    def test_messages_are_numbered_by_their_position(self, run: StoredRun) -> None:
        given = [Message("hint", "wait", "ada"), Message("drop", about=0), Message("program", "x = 1", "ada", "faster", 0)]
        assert [run.add_message(message) for message in given] == [0, 1, 2], "add_message() returns 0, 1, 2 …"
        assert list(run.messages()) == given

    # model calls and money

    def test_calls_are_stored_with_their_trial(self, run: StoredRun) -> None:
        trial = run.append(Candidate("x", calls=(CALL,)), Evaluation(), 0, 0)
        run.append(Candidate("y"), Evaluation(), 1, 1)
        run.add_calls([CALL])
        assert trial.number == 0
        assert list(run.calls(0)) == [CALL], "calls(n) returns the calls behind trial n"
        assert list(run.calls()) == [CALL, CALL], "calls() also returns calls without a trial"
        assert {number: list(calls) for number, calls in run.calls_by_trial().items()} == {0: [CALL]}
        assert run.trials_asked("- a hint") == [0], "trials_asked(line) finds the trials whose prompt has that line"
        assert run.trials_asked("hint") == []

    def test_money_is_written_down_and_survives(self, store: Store, run: StoredRun) -> None:
        first, again = Ledger(Decimal(1)), Ledger(Decimal(1))
        keep_in(run, first)
        first.reserve(Decimal("0.4"), 10).settle(Decimal("0.1000000001"), 5)
        first.reserve(Decimal("0.4"), 10)  # and the run is killed before the bill arrives
        assert run.entries()[0] == Entry("reserved", 0, Sum(Decimal("0.4"), 10)), "amounts are kept exactly"
        assert run.spent() == Sum(Decimal("0.5000000001"), 15), "a reservation without a bill counts at its worst case"
        keep_in(store.run("r"), again)
        assert again.spent == run.spent()
        assert run.next_reservation() == 2
