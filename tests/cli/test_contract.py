"""The contract of the command line: JSON shapes, exit codes, help, parts with options."""

from __future__ import annotations

import json
import math
import threading
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from adrs.llm import Client
from adrs.runs.halting import Deadline
from command_line import TINY, Here, command

COMMANDS = "run resume runs show trials best diff prompt ask tell hint eval verify replay tasks parts new doctor data".split()
NUMBER = (int, float)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store with one finished run."""
    folder = tmp_path_factory.mktemp("contract")
    said = command(folder, "run", TINY, "--trials", 12, "--tuned", 5, "--seed", 1, "--width", 1, "-o", "count=4", "--name", "r")
    assert said.code == 0, said.err
    assert "champion" in said.out
    return f"sqlite:///{folder}/adrs.db"


@pytest.fixture
def read(here: Here, store: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Here]:
    monkeypatch.setenv("ADRS_STORE", store)
    yield here
    assert not list(here.folder.iterdir()), "reading leaves nothing behind"


def shape(document: Any) -> Any:
    """Keys in order with the types of their values."""
    if isinstance(document, Mapping):
        return {key: shape(value) for key, value in document.items()}
    if isinstance(document, list):
        return [shape(document[0])] if document else []
    return None if document is None else "number" if type(document) in NUMBER else type(document).__name__


VERDICT = {"workload": "str", "score": "number", "metrics": {"given": "number"}, "feedback": "str", "foul": None}
SPLIT = {"score": "number", "bound": "number", "metrics": {"given": "number"}, "verdicts": [VERDICT]}


def test_eval(here: Here) -> None:
    document = here("eval", TINY, "--baseline", "half", "-o", "count=2", "--json").json
    assert shape(document) == {
        "task": "str",
        "options": {"count": "number"},
        "held_out": "str",
        "split": ["str"],
        "score": "number",
        "foul": None,
        "splits": {"train": SPLIT, "validation": SPLIT},
        "seconds": "number",
        "cpu_seconds": {"referee": "number", "player": "number"},
        "isolation": ["str"],
    }
    assert list(document) == [
        "task",
        "options",
        "held_out",
        "split",
        "score",
        "foul",
        "splits",
        "seconds",
        "cpu_seconds",
        "isolation",
    ]
    assert document["options"] == {"count": 2}
    assert document["score"] == 0.5
    for split in ("train", "validation", "test", "all"):
        document = here("eval", TINY, "--baseline", "half", "--split", split, "--json").json
        assert list(document["splits"]) == document["split"] == (["train", "validation", "test"] if split == "all" else [split])


def test_eval_of_a_foul(here: Here) -> None:
    Path("negative.py").write_text("def answer(wanted, size):\n    return -1.0 if wanted > 6 else wanted\n")
    said = here("eval", TINY, "negative.py", "--json")
    assert said.code == 1
    document = said.json
    assert document["score"] is None
    assert document["foul"]["kind"] == "illegal_answer"
    train = document["splits"]["train"]
    assert train["score"] is None
    assert train["metrics"] == {}
    assert [shape(verdict["foul"]) for verdict in train["verdicts"]][-1] == {"kind": "str", "reason": "str"}
    text = here("eval", TINY, "negative.py")
    assert text.code == 1
    assert "negative.py fouled: illegal_answer" in text.out


def test_eval_names_a_program_by_its_file_alone(here: Here) -> None:
    folder = here.folder / "a-folder-with-a-rather-long-name" / "and-another-one-in-it"
    folder.mkdir(parents=True)
    (folder / "mine.py").write_text("def answer(wanted, size):\n    return wanted\n")
    assert here("eval", TINY, folder / "mine.py").out.splitlines()[0].split() == ["mine.py", "train", "validation"]


def test_a_score_above_the_bound_is_a_foul_wherever_it_is_measured(here: Here) -> None:
    said = here("eval", TINY, "--baseline", "half", "-o", "bound=0.4", "--json")
    assert said.code == 1
    document = said.json
    assert document["foul"] == {"kind": "reward_hacking", "reason": "the score 0.5 beats the proven bound 0.4"}
    assert document["score"] is document["splits"]["train"]["score"] is document["splits"]["validation"]["score"] is None
    Path("zero.py").write_text("def answer(wanted, size):\n    return wanted * 0.1\n")
    run = here("run", TINY, "-o", "bound=0.4", "--seed-program", "zero.py", "--trials", 2, "--tuned", 0, "--name", "r")
    assert run.code == 0, run.err
    assert "half: foul, reward_hacking: the score 0.5 beats the proven bound 0.4" in run.err
    assert here("show", "r", "--json").json["baselines"] == {"zero": 0.0}
    verified = here("verify", "r", "--json").json
    assert verified["baselines"]["half"] == {"score": None, "difference": None}


def test_a_run_says_when_nothing_came_of_its_attempts(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    said = here("run", TINY, "--generator", "command:false", "--trials", 2)
    assert said.code == 0
    assert "none of 2 attempts gave a legal program; most often: unusable reply: the command gave no reply" in said.out
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    deadlines: list[Deadline] = []
    ask = Client.call

    def over_once_asked(client: Client, *arguments: Any, **named: Any) -> Any:
        threading.Timer(0.3, deadlines[0]._end).start()
        return ask(client, *arguments, **named)

    def begin(deadline: Deadline) -> Deadline:
        deadlines.append(deadline)
        return deadline

    monkeypatch.setattr(Deadline, "__enter__", begin)
    monkeypatch.setattr(Client, "call", over_once_asked)
    said = here("run", TINY, "--model", "openai:x@http://127.0.0.1:9/v1", "--minutes", 9)
    assert said.code == 0
    line = next(line for line in said.out.splitlines() if line.startswith("no attempt was made: "))
    assert "http://127.0.0.1:9/v1 did not answer (the endpoint cannot be reached" in " ".join(said.out.split()), line
    assert "attempts gave" not in here("run", TINY, "--trials", 4, "--tuned", 0).out


def test_show(read: Here) -> None:
    document = read("show", "r", "--json").json
    author = {"trials": "number", "dollars": "number", "tokens": "number", "seconds": "number", "calls": "number"}
    spend = dict.fromkeys(("dollars", "tokens", "seconds", "calls"), "number")
    assert shape(document) == {
        "run": "str",
        "task": "str",
        "options": {"count": "number"},
        "recipe": shape(document["recipe"]),
        "state": "str",
        "task_changed": "bool",
        "trials": "number",
        "best": {"trial": "number", "score": "number", "validation": "number", "author": "str"},
        "seed_score": "number",
        "baselines": {"zero": "number", "half": "number", "seed": "number", "tuned seed": "number"},
        "bound": "number",
        "fouls": dict.fromkeys(document["fouls"], "number"),
        "spend": {**spend, "by_author": {"offline": author}},
        "curve": [["number"]],
        "isolation": ["str"],
    }
    assert (document["state"], document["trials"]) == ("finished", 12)
    assert document["seed_score"] == pytest.approx(0.7)
    assert document["curve"][-1][1] == max(score for _, score in document["curve"])
    assert [trial for trial, _ in document["curve"]] == sorted(trial for trial, _ in document["curve"])
    assert read("show", "last", "--json").json == document
    text = read("show", "last")
    assert text.code == 0
    for word in ("champion", "lineage", "best train score so far", "operator", "isolation: ", "No language model"):
        assert word in text.out


def test_verify(read: Here) -> None:
    said = read("verify", "r", "--json")
    document = said.json
    difference = {
        "mean": "number",
        "low": None,
        "high": None,
        "confidence": "number",
        "method": "str",
        "pairs": "number",
        "p": None,
    }
    against = {"score": "number", "difference": difference}
    assert shape({key: value for key, value in document.items() if key != "foul"}) == {
        "run": "str",
        "trial": "number",
        "split": "str",
        "held_out": "str",
        "task_changed": "bool",
        "score": "number",
        "baselines": dict.fromkeys(("zero", "half", "seed", "tuned seed"), against),
        "bound": "number",
        "gap_closed": "number",
    }
    assert document["split"] == "test"
    assert all(each["difference"]["pairs"] == 4 for each in document["baselines"].values())
    assert all("undecided: 4 workloads" in each["difference"]["method"] for each in document["baselines"].values())
    assert said.code == 1
    assert read("verify", "r", "--json").json == document, "played once"
    text = read("verify", "r")
    assert text.code == said.code
    assert "champion ahead by" in text.out


def test_verify_of_another_trial(read: Here) -> None:
    champion = read("verify", "r", "--json").json
    document = read("verify", "r", "--trial", 0, "--json").json
    assert list(document) == list(champion)
    assert document["trial"] == 0
    assert document["score"] < champion["score"]
    text = read("verify", "r", "--trial", 0)
    assert "run r, trial 0, test split" in text.out
    assert "trial 0 ahead by" in text.out
    assert "champion" not in text.out + text.err
    assert "fouled" not in read("verify", "r").out


def test_lists_begin_with_a_name(read: Here) -> None:
    runs = read("runs", "--json").json
    assert [next(iter(row)) for row in runs] == ["name"]
    assert (runs[0]["name"], runs[0]["trials"], runs[0]["state"]) == ("r", 12, "finished")
    tasks = read("tasks", "--json").json
    assert "spot_single_region" in [row["name"] for row in tasks]
    parts = read("parts", "--json").json
    assert {"tournament", "islands", "greedy", "best_of_n", "improve", "offline"} <= {row["name"] for row in parts}
    assert {row["kind"] for row in parts} == {"selector", "prompts", "generator"}
    assert {row["kind"] for row in read("parts", "selector", "--json").json} == {"selector"}
    for listed in (tasks, parts, read("data", "list", "--json").json):
        assert all(next(iter(row)) == "name" for row in listed)
    for names in (["runs"], ["tasks"], ["parts"], ["parts", "prompts"], ["data", "list"]):
        said = read(*names)
        assert said.code == 0
        assert said.out


def test_a_task_tells_everything(read: Here) -> None:
    document = read("tasks", TINY, "--measure", "--json", "-o", "count=2").json
    assert document["statement"].startswith("Return a number close")
    assert document["splits"] == {"train": 2, "validation": 2, "test": 2}
    assert document["bound"] == 1.0
    assert document["baselines"]["half"] == {"train": 0.5, "validation": 0.5, "test": 0.5}
    text = read("tasks", "spot_single_region", "--no-measure").out
    for word in ("interface", "uniform_progress", "bound", "train", "rules", "leaderboard"):
        assert word in text


def test_a_statement_keeps_its_lines_in_a_pipe(read: Here) -> None:
    told = read("tasks", "spot_single_region", "--no-measure").out
    document = read("tasks", "spot_single_region", "--no-measure", "--json").json
    assert max(map(len, document["statement"].splitlines())) > 120
    assert f"\n{document['statement']}\n" in told
    assert f"\n{document['interface']}\n" in told


def test_best_and_diff(read: Here) -> None:
    best = read("best", "last")
    document = read("best", "last", "--json").json
    assert best.out == document["source"].rstrip("\n") + "\n"
    compile(best.out, "best.py", "exec")
    out = read.folder / "best.py"
    assert read("best", "last", "--out", out).out == ""
    assert out.read_text("utf-8") == document["source"]
    out.unlink()
    diff = read("diff", "r", 0, document["trial"], "--json").json
    assert list(diff) == ["run", "a", "b", "scores", "diff"]
    assert diff["scores"][1] == document["score"]
    text = read("diff", "r", 0, document["trial"]).out
    assert any(line.startswith("+") for line in text.splitlines())


def test_replay(read: Here) -> None:
    document = read("replay", "r", "--json").json
    assert document == {"run": "r", "trials": 13, "same": True, "differences": []}
    assert "no differences" in read("replay", "last").out


def test_a_dry_run_prints_a_recipe_and_leaves_nothing(read: Here, tmp_path_factory: pytest.TempPathFactory) -> None:
    given = ["--selector", "islands:count=4,migrate=20", "--trials", 7, "-o", "count=2", "--hint", 'say "less"']
    said = read("run", TINY, "--dry-run", *given)
    assert said.code == 0
    assert "2 train, 2 validation, 2 test workloads" in said.err
    recipe = tomllib.loads(said.out)
    assert recipe["selector"] == "islands:count=4,migrate=20"
    assert recipe["options"] == {"count": 2}
    file = tmp_path_factory.mktemp("recipe") / "again.toml"
    file.write_text(said.out)
    assert read("run", TINY, "--dry-run", "--recipe", file).out == said.out
    assert len(read("runs", "--json").json) == 1


@pytest.mark.parametrize("recipe", sorted((Path(__file__).parents[2] / "recipes").glob("*.toml")), ids=lambda path: path.stem)
def test_shipped_recipes_can_be_used(read: Here, recipe: Path) -> None:
    task = tomllib.loads(recipe.read_text("utf-8"))["task"]
    assert read("run", task, "--dry-run", "--recipe", recipe).code == 0


def test_a_selector_by_path_with_options(here: Here) -> None:
    Path("mine.py").write_text(
        "from adrs.core.parts import Selection, SolutionSelector\n\n"
        "class Mine(SolutionSelector):\n"
        "    def __init__(self, *, among: int = 3) -> None:\n        assert among == 5\n        self.told = []\n"
        "    def tell(self, trial): self.told += [trial] if trial.breeds else []\n"
        "    def ask(self, rng): return Selection(rng.choice(self.told))\n"
    )
    said = here("run", TINY, "--selector", "./mine.py:among=5", "--trials", 3, "--tuned", 0, "--name", "mine")
    assert said.code == 0, said.err
    assert here("show", "mine", "--json").json["recipe"]["selector"].endswith("mine.py:among=5")


def test_json_is_strict_whatever_a_task_says(here: Here) -> None:
    odd = TINY.read_text("utf-8").replace('{"given": given}', '{"given": float("nan"), "far": float("-inf"), "odd": [1, 2]}')
    odd = odd.replace(
        "    def judge(", "    def summary(self, verdicts):\n        return {'mean': float('inf')}\n\n    def judge("
    )
    Path("odd.py").write_text(odd)
    document = here("eval", "./odd.py", "--baseline", "half", "--json").json
    assert document["splits"]["train"]["metrics"] == {"mean": None}
    assert document["splits"]["train"]["verdicts"][0]["metrics"]["given"] == "nan"
    assert not any(isinstance(value, float) and not math.isfinite(value) for value in json.loads(json.dumps(document)).values())


@pytest.mark.parametrize("name", COMMANDS)
def test_help_shows_two_examples(name: str, here: Here) -> None:
    said = here(*([name] if name != "data" else ["data", "fetch"]), "--help")
    assert said.code == 0
    lines = [line.strip() for line in said.out.splitlines()]
    examples = [line for line in lines if line.startswith("adrs ") or (" adrs " in line and line.startswith("ADRS_"))]
    assert len(examples) == 2, said.out
    assert lines[lines.index("Examples:") + 2] == examples[0]
    assert all(f"adrs {name}" in example for example in examples)


def test_help_lists_every_command_with_its_whole_sentence(here: Here) -> None:
    said = here("--help")
    for name in COMMANDS:
        assert f"\n  {name} " in said.out
    assert "..." not in said.out.split("Commands:")[1]
    assert here("--version").out.startswith("adrs ")
    assert here().code in (0, 2)


def test_the_readme_s_words_are_commands(here: Here) -> None:
    assert here("run", "--help").out.count("--seed-program") == 1
    for flag in "--generator --selector --prompts --trials --minutes --width --workers --seed --name --recipe --hint".split():
        assert flag in here("run", "--help").out
    for flag in ("--dry-run", "--unsafe"):
        assert flag in here("run", "--help").out
