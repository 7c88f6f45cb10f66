"""adrs from Python: tasks as names, files and objects, and calls that a worker must not make."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import adrs
from adrs.core.task import Task
from command_line import TINY, begin, ended

URL = "sqlite:///store.db"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_five_lines(capsys: pytest.CaptureFixture[str]) -> None:
    run = adrs.run(str(TINY), trials=6, tuned=0, width=1, store=URL, options={"count": 3}, name="mine")
    assert run.name == "mine"
    assert run.state == "finished"
    assert run.score is not None
    assert run.champion is not None
    assert "def answer" in run.source
    assert [trial.number for trial in run.trials] == list(range(7))
    summary = run.summary()
    assert (summary["trials"], summary["options"]) == (6, {"count": 3})
    assert run.verify()["split"] == "test"
    said = capsys.readouterr()
    assert said.out == ""
    assert "new best" in said.err
    assert adrs.resume("mine", store=URL, trials=8, quiet=True).summary()["trials"] == 8
    assert adrs.open_run(store=URL).name == "mine"
    assert capsys.readouterr().err == ""


def test_a_shipped_task_by_name() -> None:
    document = adrs.evaluate("spot_single_region", "class A: ...", ["train"])
    assert document["foul"]["kind"] == "interface"


def test_a_task_object_from_a_file() -> None:
    from adrs import catalog

    task = catalog.load_task(str(TINY), {"count": "2"})
    run = adrs.run(task, trials=2, tuned=0, store=URL, quiet=True)
    assert run.summary()["options"] == {"count": 2}
    document = adrs.evaluate(task, run.source, ["test"])
    assert len(document["splits"]["test"]["verdicts"]) == 2


def test_an_option_may_be_a_list(folder: Path) -> None:
    shutil.copy(TINY, folder)
    text = "from tiny_task import Tiny\n\nclass Listed(Tiny):\n    def __init__(self, *, sizes: list[int]) -> None:\n"
    (folder / "listed.py").write_text(text + "        super().__init__(count=len(sizes))\n        self.sizes = sizes\n")
    run = adrs.run("./listed.py", trials=1, tuned=0, store=URL, quiet=True, options={"sizes": [1, 2]})
    assert run.summary()["options"] == {"sizes": [1, 2]}
    assert adrs.resume(store=URL, trials=2, quiet=True).state == "finished"


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"trails": 3}, "did you mean trials"),
        ({"trials": "many"}, "trials is 'many'"),
        ({"trials": 0}, "above 0"),
        ({"width": True}, "width is 'True'"),
        ({"selector": "gepaa"}, "no selector"),
        ({"options": {"cuont": 1}}, "did you mean count"),
        ({"options": "count=1"}, "options is"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, Any], says: str, folder: Path) -> None:
    with pytest.raises(adrs.Refusal, match=says):
        adrs.run(str(TINY), store=URL, quiet=True, **settings)
    assert not list(folder.iterdir()), "before there is a store"


def test_a_task_in_a_function_is_refused_with_the_remedy(folder: Path) -> None:
    class Here(Task[int]):
        seed = "x = 1"

        def workloads(self) -> list[adrs.Workload[int]]:
            return [adrs.Workload("a", 1, "train")]

        def judge(self, player: adrs.Player, workload: adrs.Workload[int]) -> adrs.Verdict:
            return adrs.Verdict(1.0)

    with pytest.raises(adrs.Refusal, match="move the class to the top level of its own file"):
        adrs.run(Here(), store=URL)
    assert not list(folder.iterdir())


def test_a_task_in_main_is_refused_with_the_remedy(folder: Path) -> None:
    shutil.copy(TINY, folder)
    text = "from tiny_task import Tiny\nimport adrs\n\nclass Mine(Tiny): ...\n\n"
    (folder / "script.py").write_text(text + "adrs.run(Mine(), trials=1)\n")
    done = subprocess.run([sys.executable, "script.py"], capture_output=True, text=True, check=False)
    assert "Refusal: task Mine of __main__ cannot be loaded" in done.stderr.splitlines()[-1]
    assert "move the class" in done.stderr.splitlines()[-1]


SCRIPT = """
import adrs
from tiny_task import Tiny as Base


class Mine(Base):
    '''Like the tiny one.'''


if __name__ == "__main__":
    run = adrs.run(__file__, trials=2, tuned=0, quiet=True)
    print(run.state, run.summary()["trials"])
"""


def test_a_script_is_its_own_task_file(folder: Path) -> None:
    shutil.copy(TINY, folder)
    (folder / "script.py").write_text(SCRIPT)
    done = subprocess.run([sys.executable, "script.py"], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["finished", "2"], done.stderr
    (folder / "unguarded.py").write_text(SCRIPT.replace('if __name__ == "__main__":', "if True:"))
    said = ended(begin(folder, "run", "./unguarded.py", "--trials", 1))
    assert said.code == 2
    assert "__main__" in said.sentence


def test_runs_from_a_thread_leave_signals_alone() -> None:
    import signal
    from concurrent.futures import ThreadPoolExecutor

    before = signal.getsignal(signal.SIGINT)
    with ThreadPoolExecutor(1) as threads:
        run = threads.submit(lambda: adrs.run(str(TINY), trials=2, tuned=0, store=URL, quiet=True)).result()
    assert run.state == "finished"
    assert signal.getsignal(signal.SIGINT) is before


def test_the_front_door_is_light() -> None:
    heavy = "numpy sqlalchemy pydantic msgspec jinja2 rich.live pydantic_ai"
    code = f"import sys, adrs, adrs.cli.main; print([name for name in {heavy.split()!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
