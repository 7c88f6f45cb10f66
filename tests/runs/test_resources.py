"""Models in whole runs: limits on money hold, calls and prompts are stored, and keys appear nowhere."""

from __future__ import annotations

import re
import shlex
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from adrs.core.budget import Limits
from adrs.core.failure import Refusal
from adrs.core.storage import StoredRun
from adrs.generators.model import SHORT
from adrs.llm import command_line
from adrs.runs.dry_run import dry_run
from adrs.runs.recipe import make_recipe
from adrs.runs.replay import replay
from adrs.runs.session import resume, start
from adrs.stores.sql import SqlStore, open_store
from provider_server import Server, serving

TINY = str(Path(__file__).parents[1] / "tiny_task.py")
KEY = "sk-this-must-appear-nowhere-0123456789"
IN, OUT = Decimal("0.3"), Decimal("2.5")
PRICES = {"input": IN, "cached": IN, "written": IN, "output": OUT}


def script(prompt: str) -> str:
    """A slightly larger share than the parent's, sometimes another edit."""
    share = re.search(r"wanted \* (0\.\d+)", prompt)
    if share is None:
        return "I cannot find the place."
    new = min(0.99, float(share.group(1)) + 0.05)
    old, improved = f"    return wanted * {share.group(1)}", f"    return wanted * {new:.2f}"
    return f"Ask for more.\n\n<<<<<<< SEARCH\n{old}\n=======\n{improved}\n>>>>>>> REPLACE\n"


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SqlStore:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("ADRS_API_KEY", KEY)
    return open_store(f"sqlite:///{tmp_path}/store.db")


def started(database: SqlStore, server: Server, **given: object) -> StoredRun:
    model = server.model("openai")
    recipe = {
        "task": TINY,
        "trials": 12,
        "workers": 2,
        "generator": f"model:name={model}",
        "prices": [f"{model}=in:{IN},out:{OUT}"],
        **given,
    }
    return start(make_recipe(recipe), database)


def test_a_model_improves_a_program_and_everything_is_on_record(database: SqlStore, tmp_path: Path) -> None:
    with serving(script) as server:
        row = started(database, server, width=3)
        trials = list(row.trials())
        assert len(trials) == 13
        assert max(trial.score or 0 for trial in trials) > (trials[0].score or 0)
        assert {trial.candidate.author for trial in trials[1:]} == {"openai:scripted"}
        calls = row.calls()
        assert len(calls) == 12
        assert all("Results by workload" in call.text for call in calls)
        assert row.calls(5)[0].reply
        assert row.spent().dollars == server.dollars(PRICES)
        assert replay(row, workers=2).differences == ()
        with database._writing.begin() as connection:
            connection.exec_driver_sql("update calls set reply = replace(reply, 'wanted', 'size') where trial = 3")
        found = replay(row, workers=2).differences
        assert found[0] == "trial 3: its stored reply yields another program than the stored one"
        assert all(line.startswith("trial 3") for line in found)
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert KEY.encode() not in stored


@pytest.mark.parametrize("width", [1, 8])
def test_a_cap_in_dollars_is_never_passed_and_ends_the_run(database: SqlStore, width: int) -> None:
    with serving(script) as server:
        row = started(database, server, trials=200, dollars=0.06, width=width)
        spent = row.spent().dollars
        assert spent <= Decimal("0.06")
        assert 0 < len(list(row.trials())) < 200
        assert "raise --dollars" in row.events()[-1].text
        assert row.state() == "finished"
        resume(database, row.name, Limits(dollars=0.08))
        assert spent < row.spent().dollars <= Decimal("0.08")


def test_a_wrong_key_burns_no_trial(database: SqlStore) -> None:
    with serving(script, lambda number: "401") as server:
        with pytest.raises(Refusal, match=r"401|key") as caught:
            started(database, server, trials=500, width=4)
        row = database.run("last")
        assert [trial.candidate.phase for trial in row.trials()] == ["seed"]
        assert KEY not in str(caught.value)
        assert row.spent().dollars == 0


def test_a_model_without_a_price_stops_a_capped_run_before_its_first_call(database: SqlStore) -> None:
    with serving(script) as server:
        with pytest.raises(Refusal, match="--price"):
            started(database, server, dollars=1.0, prices=[])
        assert database.runs() == []
        assert server.ledger == []


def test_unusable_replies_are_trials_that_are_paid_for(database: SqlStore) -> None:
    with serving(lambda prompt: "I would rather not.", ["length", "refusal", "", "no_usage"]) as server:
        row = started(database, server, trials=4, width=1)
        trials = list(row.trials())[1:]
        assert [trial.evaluation.foul and trial.evaluation.foul.kind for trial in trials] == [
            "budget",
            "syntax",
            "syntax",
            "syntax",
        ]
        assert all(trial.candidate.spend.dollars > 0 for trial in trials)
        assert "cut off" in row.calls(2)[0].text, "the reason reaches the next prompt"


@pytest.mark.slow
def test_an_ensemble_names_its_authors(database: SqlStore) -> None:
    with serving(script) as server:
        mix = [f"0.8 model:name={server.model('openai', 'fast')}", f"0.2 model:name={server.model('anthropic', 'deep')}"]
        row = started(database, server, generator=mix, prices=[], trials=20, width=4)
        authors = {trial.candidate.author for trial in row.trials()}
        assert authors == {"seed", "openai:fast", "anthropic:deep"}


def test_a_dry_run_tells_the_first_prompt_and_its_cost_and_asks_nobody(database: SqlStore) -> None:
    with serving(script) as server:
        model = server.model("openai")
        given = {"task": TINY, "trials": 100, "generator": f"model:name={model}", "prices": [f"{model}=in:1,out:10"]}
        rehearsed = dry_run(make_recipe(given))
        assert server.ledger == []
    assert rehearsed.prompt is not None
    assert "Trial 0, score 0.6333" in rehearsed.prompt.text
    (estimate,) = rehearsed.estimates
    assert estimate.dollars is not None
    short, usual, longest = estimate.dollars
    assert estimate.input_tokens * 1e-6 < short < usual < longest
    assert short == pytest.approx((estimate.input_tokens + 10 * SHORT) * 1e-6)
    assert database.runs() == []


@pytest.mark.slow
def test_an_endpoint_that_fails_and_comes_back_costs_no_trial(database: SqlStore) -> None:
    faults = ["429", "503", "temperature", "529", "500", "429"]
    with serving(script, faults, retry_after=0.2) as server:
        row = started(database, server, trials=6, width=2, generator=f"model:name={server.model('openai')},temperature=0.3")
        trials = list(row.trials())[1:]
        assert len(trials) == 6
        assert all(trial.candidate.foul is None for trial in trials)
        assert row.spent().dollars == server.dollars(PRICES)
        assert sum("temperature" in call.note for call in row.calls()) >= 1


@pytest.mark.slow
def test_recorded_replies_make_the_same_run_without_a_key(database: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(script, ["length", "", "", "refusal"]) as server:
        row = started(database, server, width=1, selector="tournament", seed=3)
        asked = len(server.ledger)
    monkeypatch.delenv("OPENAI_API_KEY")
    given = {"task": TINY, "trials": 40, "workers": 2, "width": 1, "seed": 3, "generator": f"recorded:run={row.name}"}
    again = start(make_recipe(given), database)
    assert len(server.ledger) == asked
    assert again.events()[-1].text == f"run {row.name} has no more replies"

    def told(run: StoredRun) -> list[object]:
        trials = run.trials()
        return [(each.candidate.source, each.candidate.parents, each.score, str(each.evaluation.foul)) for each in trials]

    assert told(again) == told(row)
    with pytest.raises(Refusal, match="no run 'nowhere'"):
        start(make_recipe({**given, "generator": "recorded:run=nowhere"}), database)


@pytest.mark.slow
def test_an_agents_tries_count_as_attempts(database: SqlStore, tmp_path: Path) -> None:
    agent = tmp_path / "agent.py"
    agent.write_text(
        "import subprocess, sys\n"
        "program = open('candidate.py').read().replace('0.7', '0.8')\n"
        "for share in range(3):\n"
        "    open('candidate.py', 'w').write(program.replace('share = ', f'share = 0.{share} + '))\n"
        "    subprocess.run([sys.executable, 'try.py'], check=True, capture_output=True)\n"
    )
    line = f"agent:{shlex.quote(sys.executable)} {agent}"
    for width in (1, 3):
        row = start(make_recipe({"task": TINY, "trials": 14, "workers": 2, "width": width, "generator": line}), database)
        trials = list(row.trials())
        tries = sum(trial.candidate.spend.tries for trial in trials)
        assert tries >= 6
        assert len(trials) - 1 + tries <= 14
        assert replay(row, workers=2).differences == ()
        assert {trial.candidate.author.split(":")[0] for trial in trials} == {"seed", "agent"}


def test_minutes_end_a_wait_for_people(database: SqlStore) -> None:
    row = start(make_recipe({"task": TINY, "minutes": 0.05, "workers": 1, "generator": "inbox"}), database)
    assert row.state() == "finished"


BILLING = """import json, re, sys
share = float(re.search(r"wanted \\* (0\\.\\d+)", sys.stdin.read())[1])
new = f"    return wanted * {min(0.99, share + 0.01):.2f}"
edit = f"<<<<<<< SEARCH\\n    return wanted * {share}\\n=======\\n{new}\\n>>>>>>> REPLACE"
print(json.dumps({"result": edit, "total_cost_usd": 0.03}))
"""


@pytest.mark.parametrize("width", [1, 4])
def test_a_commands_worst_case_is_reserved(database: SqlStore, tmp_path: Path, width: int) -> None:
    program = tmp_path / "command.py"
    program.write_text(BILLING)
    line = f"command:line={shlex.quote(sys.executable)} {program}"
    given = {"task": TINY, "trials": 50, "workers": 2, "width": width, "dollars": 0.2}
    with pytest.raises(Refusal, match=r"cost of python.* is unknown.*dollars=0\.50"):
        start(make_recipe({**given, "generator": line}), database)
    assert database.runs() == [], "before anything was spent"
    row = start(make_recipe({**given, "generator": f"{line},dollars=0.05"}), database)
    spent = row.spent().dollars
    assert Decimal("0.12") < spent <= Decimal("0.2")
    assert spent == Decimal("0.03") * (len(list(row.trials())) - 1)
    with pytest.raises(Refusal, match=r"--tokens is given, but .* does not report its tokens"):
        start(make_recipe({**given, "dollars": None, "tokens": 1000, "generator": line}), database)


@pytest.mark.parametrize("line", ["command:/no/such/program -p", "agent:/no/such/agent", "recorded:run=nowhere"])
def test_an_author_that_is_not_there_stops_before_a_run_exists(database: SqlStore, line: str) -> None:
    with pytest.raises(Refusal, match=r"not installed|has no runs"):
        start(make_recipe({"task": TINY, "trials": 3, "generator": line}), database)
    assert database.runs() == []


def test_a_cap_on_minutes_ends_a_command_that_does_not(database: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command_line, "GRACE", 0.5)
    row = start(make_recipe({"task": TINY, "minutes": 0.05, "workers": 1, "generator": "command:sleep 1000000"}), database)
    assert row.state() == "finished"
    assert [trial.candidate.phase for trial in row.trials()] == ["seed"]
