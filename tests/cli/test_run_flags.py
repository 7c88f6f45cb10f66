"""run: flags and recipes are checked before anything is played or stored, and --dry-run prints a complete recipe."""

from __future__ import annotations

from pathlib import Path

import pytest

from adrs import catalog
from command_line import Here

SEED = catalog.load_task("spot_single_region").seed


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["--dollars", "3"], "--dollars limits model spending, but this run uses no model"),
        (["--tokens", "9", "--generator", "inbox"], "--tokens limits model spending"),
        (["--price", "foo"], "price 'foo' cannot be read"),
        (["--width", "5000"], "width is 5000: give --width 256 or less"),
        (["--generator", "recorded"], "give recorded:run=NAME"),
        (["--generator", "recorded", "--dry-run"], "give recorded:run=NAME"),
        (["--dry-run", "--name", "last"], "'last' cannot name a run"),
        (["--dry-run", "--name", "a b/..;"], "cannot name a run"),
    ],
)
def test_what_cannot_be_run_is_refused_before_there_is_a_store(here: Here, flags: list[str], says: str) -> None:
    said = here("run", "spot_single_region", *flags)
    assert (said.code, said.out) == (2, "")
    assert says in said.err
    assert not list(here.folder.iterdir())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("def f(:\n", "program syn.py is not valid Python (line 1"),
        ("x = 1\n", "start program 1 cannot be played (interface): the program does not define the class Policy"),
    ],
)
def test_a_seed_program_is_looked_at_first(here: Here, text: str, says: str) -> None:
    (here.folder / "syn.py").write_text(text)
    said = here("run", "spot_single_region", "--seed-program", "syn.py")
    assert said.code == 2
    assert says in said.err
    assert [path.name for path in here.folder.iterdir()] == ["syn.py"]


def test_a_recipe_says_all_that_the_flags_said(here: Here) -> None:
    (here.folder / "start.py").write_text(SEED)
    flags = ["--seed-program", "start.py", "--hint", 'wait "less"', "--price", "x=in:1,out:2", "--seed", "7", "--tuned", "0"]
    flags += [
        "--trials",
        "5",
        "--minutes",
        "2.5",
        "--width",
        "1",
        "--workers",
        "2",
        "-o",
        "data_seed=3",
        "--selector",
        "greedy",
    ]
    first = here("run", "spot_single_region", *flags, "--dry-run")
    (here.folder / "again.toml").write_text(first.out)
    (here.folder / "start.py").unlink()
    again = here("run", "--recipe", "again.toml", "--dry-run")
    assert (again.code, again.out) == (0, first.out)
    assert "Policy" in first.out


def test_a_recipe_names_the_task_and_nobody_else_another(here: Here) -> None:
    (here.folder / "spot.toml").write_text('\ufefftask = "spot_single_region"\n', "utf-8")
    assert here("run", "--recipe", "spot.toml", "--dry-run").code == 0
    assert here("run", "spot_single_region", "--recipe", "spot.toml", "--dry-run").code == 0
    other = here("run", "cloudcast", "--recipe", "spot.toml", "--dry-run")
    assert (other.code, other.out) == (2, "")
    assert "recipe spot.toml is for task spot_single_region, not cloudcast" in other.err
    assert "TASK is missing" in here("run", "--dry-run").err


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('hints = "abc"', "recipe bad.toml: hints is 'abc': input should be a list of texts"),
        ('seed_programs = ["gone.py"]', "recipe bad.toml: program gone.py cannot be read"),
    ],
)
def test_what_is_wrong_in_a_recipe_names_it(here: Here, line: str, says: str) -> None:
    (here.folder / "bad.toml").write_text(f"{line}\n")
    said = here("run", "cloudcast", "--recipe", "bad.toml")
    assert said.code == 2
    assert says in said.err


def test_a_name_that_is_taken_is_found_by_a_dry_run(here: Here) -> None:
    (here.folder / "t.py").write_text(Path(__file__).parents[1].joinpath("tiny_task.py").read_text())
    assert here("run", "./t.py", "--trials", "1", "--tuned", "0", "--name", "mine").code == 0
    said = here("run", "./t.py", "--name", "mine", "--dry-run")
    assert said.code == 2
    assert "already has a run 'mine'" in said.err
    assert here("run", "./t.py", "--name", "other", "--dry-run").code == 0
    assert "TEXT is empty" in here("hint", "mine", " ").err
