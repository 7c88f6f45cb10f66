"""Every run draws its own workloads; reports keep the held-out seed to themselves and say how secret the workloads were."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adrs import catalog
from adrs.runs.recipe import make_recipe
from adrs.runs.seeds import BITS, GUESSABLE, HELD_OUT, TRAIN, drawn, secrecy, shown
from adrs.tasks.spot_single_region.task import SpotSingleRegion
from command_line import TINY, Here

DRAWN = """
from adrs import SPLITS, Task, Verdict, Workload
import random

class Drawn(Task):
    '''Return a number near x.'''

    seed = "def answer(x: float) -> float:\\n    return 0.5 * x\\n"
    interface = "def answer(x: float) -> float: ..."
    baselines = {"zero": "def answer(x):\\n    return 0.0\\n"}

    def __init__(self, *, data_seed: int = 0, held_out_seed: int | None = None) -> None:
        self.data_seed, self.held_out_seed = data_seed, held_out_seed

    def workloads(self):
        for split in SPLITS:
            for n in range(8):
                x = random.Random(f"{self.seed_of(split)} {split} {n}").uniform(1, 9)
                yield Workload(f"{split}{n}", x, split)

    def judge(self, player, workload):
        given = player.call("answer", workload.data, expect=float)
        wanted = workload.data * (1 + workload.data / 20)
        return Verdict(1 - abs(given - wanted) / wanted)
"""


def test_a_run_draws_the_seeds_that_are_not_given() -> None:
    first, second = (drawn(make_recipe({"task": "spot_single_region"})).options for _ in range(2))
    assert all(0 <= int(str(first[name])) < 2**BITS for name in (TRAIN, HELD_OUT))
    assert first[HELD_OUT] != second[HELD_OUT]
    assert first[TRAIN] != first[HELD_OUT]
    shared = drawn(make_recipe({"task": "spot_single_region", "options": {"data_seed": 7}})).options
    assert shared[TRAIN] == 7
    assert int(str(shared[HELD_OUT])) >= GUESSABLE
    given = make_recipe({"task": "spot_single_region", "options": {"data_seed": 7, "held_out_seed": 9}})
    assert drawn(given) == given
    assert drawn(make_recipe({"task": str(TINY)})).options == {}


def test_train_is_drawn_from_one_seed_and_held_out_splits_from_the_other() -> None:
    task = SpotSingleRegion(data_seed=7, held_out_seed=9)
    assert [task.seed_of(split) for split in ("train", "validation", "test")] == [7, 9, 9]
    assert SpotSingleRegion(data_seed=7).seed_of("test") == 7, "as in runs of earlier versions"


def test_secrecy_is_judged_by_the_seed_that_counts() -> None:
    def judged(**options: object) -> str:
        return secrecy(catalog.load_task("spot_single_region", options))

    assert judged(held_out_seed=GUESSABLE) == judged(data_seed=GUESSABLE) == "secret"
    assert judged() == judged(held_out_seed=GUESSABLE - 1) == judged(data_seed=GUESSABLE, held_out_seed=3) == "guessable"
    assert secrecy(catalog.load_task("model_placement", {"rules": "leaderboard"})) == "published"
    assert secrecy(catalog.load_task(str(TINY))) == "fixed"


def test_the_seed_is_hidden_where_it_is_secret() -> None:
    assert shown({TRAIN: 2**60, HELD_OUT: 2**60}) == {TRAIN: 2**60, HELD_OUT: "secret"}
    assert shown({HELD_OUT: 5}) == {HELD_OUT: 5}
    assert shown({HELD_OUT: None}) == {HELD_OUT: None}


@pytest.mark.parametrize("guessable", [False, True])
def test_verify_speaks_of_a_gain_only_where_nobody_could_know(here: Here, guessable: bool) -> None:
    Path("drawn.py").write_text(DRAWN)
    given = ["-o", "held_out_seed=3"] if guessable else []
    said = here("run", "./drawn.py", "--trials", 25, "--width", 1, "--workers", 1, "--tuned", 0, "--name", "r", *given)
    assert said.code == 0, said.err
    document = here("show", "r", "--json").json
    assert document["options"][HELD_OUT] == document["recipe"]["options"][HELD_OUT] == (3 if guessable else "secret")
    assert json.dumps(document).count(HELD_OUT) == 2
    verified = here("verify", "r", "--json")
    assert verified.json["held_out"] == ("guessable" if guessable else "secret")
    text = here("verify", "r")
    assert text.code == verified.code
    assert ("no evidence" in text.out) == guessable
    assert ("gain" in text.out) != guessable
    assert verified.code == 1 or not guessable
    assert here("replay", "r").code == 0
    assert here("resume", "r", "--trials", 27).code == 0
