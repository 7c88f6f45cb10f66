"""Recipes: settings from flags or a file are stored as given; impossible ones are refused in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from adrs.core.budget import Limits
from adrs.core.failure import Refusal
from adrs.runs.recipe import Recipe, make_recipe, read_program, read_recipe

TASK = "spot_single_region"


def test_a_recipe_survives_the_store() -> None:
    recipe = make_recipe({"task": TASK, "trials": 20, "minutes": 1.5, "seed_programs": ("x = 1\n",), "hints": ("wait less",)})
    assert Recipe.from_json(recipe.as_json()) == recipe


def test_a_stored_recipe_of_another_version_can_be_read() -> None:
    stored = make_recipe({"task": TASK, "trials": 20}).as_json()
    del stored["shrink"]
    assert Recipe.from_json({**stored, "from_the_future": 1}).limits == Limits(trials=20)


def test_width_follows_workers() -> None:
    assert make_recipe({"task": TASK, "workers": 3}).width == 3
    assert make_recipe({"task": TASK, "workers": 3, "width": 1}).width == 1


def test_caps_are_raised_and_nothing_else() -> None:
    recipe = make_recipe({"task": TASK, "trials": 20, "seed": 4})
    raised = recipe.raised(Limits(trials=30))
    assert (raised.limits.trials, raised.seed) == (30, 4)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"trials": 0}, "--trials"),
        ({"minutes": -1.0}, "--minutes"),
        ({"width": -1}, "--width"),
        ({"trials": "many"}, "trials"),
        ({"task": "spot_singel_region"}, "spot_single_region"),
        ({"task": "./nowhere.py"}, "nowhere.py"),
    ],
)
def test_what_cannot_be_is_refused(given: dict[str, object], says: str) -> None:
    with pytest.raises(Refusal, match=says):
        make_recipe({"task": TASK, **given})


def test_a_file_names_the_key_that_there_is_not(tmp_path: Path) -> None:
    file = tmp_path / "recipe.toml"
    file.write_text("max_dolars = 5\n")
    with pytest.raises(Refusal, match=r"max_dolars.*dollars"):
        read_recipe(file)


@pytest.mark.parametrize("text", ["trials = [", "trials = \x00"])
def test_a_broken_file_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "recipe.toml"
    file.write_text(text)
    with pytest.raises(Refusal, match=r"recipe\.toml"):
        read_recipe(file)
    with pytest.raises(Refusal, match="missing"):
        read_recipe(tmp_path / "missing.toml")


def test_seed_programs_lie_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("x = 1\n")
    file = tmp_path / "recipe.toml"
    file.write_text('task = "spot_single_region"\nseed_programs = ["mine.py"]\n')
    assert make_recipe(read_recipe(file)).seed_programs == ("x = 1\n",)


def test_a_program_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "latin.py").write_bytes(b"x = '\xe4'\n")
    with pytest.raises(Refusal, match="UTF-8"):
        read_program(tmp_path / "latin.py")
    with pytest.raises(Refusal, match="directory"):
        read_program(tmp_path)
