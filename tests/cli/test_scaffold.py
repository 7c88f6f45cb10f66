"""new: the task that it writes runs at once, has a correct bound, and can be improved without a model."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from adrs import catalog
from command_line import Here


@pytest.fixture
def task(here: Here) -> Path:
    said = here("new", "my_problem")
    assert said.code == 0
    assert "adrs run ./my_problem.py" in said.out
    return here.folder / "my_problem.py"


@pytest.mark.slow
def test_it_runs_at_once_and_is_improved(here: Here, task: Path) -> None:
    seeds = ("-o", "data_seed=0", "-o", "held_out_seed=0")
    said = here("run", "./my_problem.py", *seeds, "--trials", 30, "--tuned", 0, "--width", 1, "--name", "r")
    assert said.code == 0, said.err
    document = here("show", "r", "--json").json
    assert document["best"]["score"] > document["seed_score"] + 0.05


def test_its_bound_is_a_proof(task: Path) -> None:
    loaded = catalog.load_task(str(task))
    module = sys.modules[type(loaded).__module__]
    for workload in loaded.workloads():
        objects = workload.data
        most = module.possible(objects)
        by_density = module.kept(objects, [future / size for size, _, _, future in objects])
        by_requests = module.kept(objects, [future for *_, future in objects])
        assert most >= max(by_density, by_requests) > module.kept(objects, [0.0] * len(objects))
    for seed in range(20):  # against every choice there is, on a few objects
        rng = random.Random(seed)
        few = [(rng.randint(60, 160), 1, 1, rng.random()) for _ in range(9)]
        choices = [[each for place, each in enumerate(few) if chosen >> place & 1] for chosen in range(1 << 9)]
        fits = [sum(each[3] for each in choice) for choice in choices if sum(each[0] for each in choice) <= module.ROOM]
        assert module.possible(few) >= max(fits) - 1e-12


def passes(task: Path, *tool: str) -> None:
    done = subprocess.run([sys.executable, "-m", *tool, str(task)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_is_clean(task: Path) -> None:
    passes(task, "ruff", "check", "--isolated", "--line-length", "128", "--select", "E,F,I,B")


@pytest.mark.nightly
def test_it_is_strictly_typed(task: Path) -> None:
    passes(task, "mypy", "--strict")


@pytest.mark.parametrize("name", ["a.py", "a"])
def test_the_suffix_may_be_typed(name: str, here: Here) -> None:
    assert here("new", name).code == 0
    assert (here.folder / "a.py").exists()
    assert "class A(Task" in (here.folder / "a.py").read_text()
