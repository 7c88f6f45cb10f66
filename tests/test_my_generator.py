"""examples/my_generator.py: one file outside the package has every guarantee of a generator that ships with adrs."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from decimal import Decimal
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from adrs.core.budget import Limits
from adrs.core.failure import Refusal
from adrs.core.storage import StoredRun
from adrs.runs.recipe import make_recipe
from adrs.runs.replay import replay
from adrs.runs.session import resume, start
from adrs.stores.sql import open_store
from command_line import begin, until

EXAMPLES = Path(__file__).parents[1] / "examples"
TASK, GENERATOR = EXAMPLES / "job_order.py", EXAMPLES / "my_generator.py"


class Till:
    """The endpoint of the example, with a count of what it sold."""

    def __init__(self) -> None:
        namespace: dict[str, Any] = {"__name__": "endpoint"}
        exec(compile(GENERATOR.read_text("utf-8"), str(GENERATOR), "exec"), namespace)
        till, shop = self, namespace["Shop"]
        self.sold, self._lock = 0, threading.Lock()

        class Counting(shop):  # type: ignore[misc, valid-type]
            def do_POST(self) -> None:  # noqa: N802 - the name that http.server calls
                with till._lock:
                    till.sold += 1
                super().do_POST()

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Counting)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def spec(self) -> str:
        return f"{GENERATOR}:url=http://127.0.0.1:{self.server.server_port},most=0.01"

    @property
    def billed(self) -> Decimal:
        return self.sold * Decimal("0.001")


@pytest.fixture
def till() -> Iterator[Till]:
    made = Till()
    yield made
    made.server.shutdown()
    made.server.server_close()


def given(till: Till, **settings: object) -> dict[str, object]:
    return {"task": str(TASK), "generator": till.spec, "trials": 12, "width": 2, "workers": 1, **settings}


def numbers(run: StoredRun) -> list[int]:
    return [trial.number for trial in run.trials()]


def test_it_spends_tries_and_is_on_record(till: Till, tmp_path: Path) -> None:
    run = start(make_recipe(given(till, dollars=1.0)), open_store(f"sqlite:///{tmp_path}/a.db"))
    trials = list(run.trials())[1:]
    assert run.spent().dollars == till.billed
    assert sum(len(calls) for calls in run.calls_by_trial().values()) == till.sold
    tries = sum(trial.candidate.spend.tries for trial in trials)
    assert tries > 0
    assert len(trials) + tries <= 12, "each try counts as an attempt"
    assert max(trial.score or 0.0 for trial in trials) > 0.5
    assert replay(run, workers=1).differences == ()


@pytest.mark.slow
def test_its_dollars_are_never_passed(till: Till, tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/a.db")
    run = start(make_recipe(given(till, trials=None, dollars=0.03)), store)
    assert till.billed <= Decimal("0.03")
    assert "raise --dollars" in run.events()[-1].text
    before = run.count()
    resume(store, run.name, Limits(dollars=0.04))
    assert run.count() > before
    assert run.spent().dollars == till.billed <= Decimal("0.04")


@pytest.mark.slow
def test_it_survives_a_kill_and_resumes(till: Till, tmp_path: Path) -> None:
    flags = ["--trials", 14, "--dollars", 0.5, "--width", 2, "--workers", 1, "--name", "r"]
    process = begin(tmp_path, "run", TASK, "--generator", till.spec, *flags)
    url = f"sqlite:///{tmp_path}/adrs.db"

    def stored() -> int:
        try:
            return open_store(url, create=False).run("r").count()
        except Refusal:
            return 0

    until(lambda: stored() >= 3, what="three trials")
    process.send_signal(signal.SIGKILL)
    process.wait()
    store = open_store(url)
    kept = numbers(store.run("r"))
    run = resume(store, "r")
    assert numbers(run)[: len(kept)] == kept
    assert numbers(run) == list(range(run.count())), "no gap"
    assert till.billed <= run.spent().dollars <= Decimal("0.5"), "a bill that the kill swallowed counts at its worst case"
    assert run.state() == "finished"


def test_a_wrong_address_is_refused_before_a_run_exists(till: Till, tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/a.db")
    with pytest.raises(Refusal, match="begins with http://"):
        start(make_recipe(given(till, generator=f"{GENERATOR}:url=nowhere")), store)
    assert store.runs() == []
