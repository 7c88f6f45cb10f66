"""The catalogue: what is found by name or path, what is refused, and what another process can load."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import adrs.catalog.parts
from adrs.catalog import describe_task, fingerprint, load_task, make_part, part_names, task_names, task_spec
from adrs.catalog.digest import borrowed
from adrs.core.failure import Refusal
from adrs.core.task import Player, Task, Verdict, Workload

MINE = '''
from tables import SIZES
from adrs.core.task import Task, Workload, Verdict

class Mine(Task):
    """Sort small things.

    A second paragraph.
    """

    seed = "def order(xs):\\n    return sorted(xs)\\n"

    def __init__(self, *, count: int = 2, mode: str = "a") -> None:
        print("the constructor prints")
        self.count, self.mode = count, mode

    def workloads(self):
        return [Workload(f"w{i}", SIZES, "train") for i in range(self.count)]

    def judge(self, player, workload):
        from tables import SIZES
        return Verdict(float(sum(SIZES)))

print("the file prints")
'''


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    (tmp_path / "tables.py").write_text("SIZES = [1, 2, 3]\n")
    (tmp_path / "mine.py").write_text(MINE)
    return tmp_path / "mine.py"


def refused(spec: str, options: dict[str, object] | None = None) -> str:
    with pytest.raises(Refusal) as refusal:
        load_task(spec, options)
    text = str(refusal.value)
    assert "\n" not in text
    return text


def test_a_file_may_import_what_lies_beside_it(mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(mine.parent)
    task = load_task("./mine.py", {"count": "3"})
    assert task.name == "./mine.py"
    monkeypatch.chdir("/")
    assert [workload.data for workload in task.workloads()] == [[1, 2, 3]] * 3
    assert task.judge(None, None).score == 6.0  # type: ignore[arg-type]


def test_each_file_gets_its_own_neighbours(mine: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "tables.py").write_text("SIZES = [9]\n")
    (other / "mine.py").write_text(MINE)
    assert next(iter(load_task(str(mine)).workloads())).data == [1, 2, 3]
    assert next(iter(load_task(str(other / "mine.py")).workloads())).data == [9]
    assert next(iter(load_task(str(mine)).workloads())).data == [1, 2, 3]


def test_what_lies_beside_a_file_hides_no_library(mine: Path) -> None:
    for name in ("numpy", "queue", "sqlalchemy"):
        (mine.parent / f"{name}.py").write_text("this is no module of that name\n")
    mine.write_text("import queue\nimport numpy\n" + MINE)
    code = (
        "from adrs.catalog import fingerprint, load_task\nfrom adrs.stores.sql import open_store\n"
        "task = load_task('./mine.py')\nprint(next(iter(task.workloads())).data, len(fingerprint(task)))"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], cwd=mine.parent, capture_output=True, text=True, check=True)
    assert done.stdout == "[1, 2, 3] 16\n"


def test_what_a_task_prints_never_reaches_stdout(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    load_task(str(mine))
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "the file prints" in printed.err
    assert "the constructor prints" in printed.err


def test_an_edited_file_is_read_again(mine: Path) -> None:
    load_task(str(mine))
    mine.write_text(MINE.replace("count: int = 2", "count: int = 1"))
    assert len(list(load_task(str(mine)).workloads())) == 1


def test_another_process_elsewhere_loads_the_same_task(mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(mine.parent)
    spec, options = task_spec(load_task("./mine.py", {"count": "3"}))
    assert options == {"count": 3}
    code = f"from adrs.catalog import load_task; print(len(list(load_task({spec!r}, {options!r}).workloads())))"
    done = subprocess.run([sys.executable, "-c", code], cwd="/", capture_output=True, text=True, check=True)
    assert done.stdout == "3\n"


def test_a_task_that_nobody_else_can_load_is_refused_by_name() -> None:
    class Local(Task[int]):
        """Local."""

        seed = "x = 1"

        def workloads(self) -> list[Workload[int]]:
            return []

        def judge(self, player: Player, workload: Workload[int]) -> Verdict:
            return Verdict(0.0)

    with pytest.raises(Refusal, match=r"Local.*its own file"):
        task_spec(Local())


def test_a_task_in_main_is_refused_and_one_in_a_module_is_not(mine: Path) -> None:
    code = (
        "from adrs.core.task import Task\nfrom adrs.catalog import task_spec\nfrom adrs.core.failure import Refusal\n"
        "from mine import Mine\nclass Here(Mine): pass\n"
        "spec, options = task_spec(Mine(count=5)); assert spec.endswith('mine.py') and options == {'count': 5, 'mode': 'a'}\n"
        "try: task_spec(Here())\nexcept Refusal as refusal: print('refused:', refusal)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=mine.parent, capture_output=True, text=True, check=True)
    assert "refused: task Here of __main__" in done.stdout


def test_an_object_whose_options_are_lost_is_refused(mine: Path) -> None:
    task = load_task(str(mine))
    del vars(task)["_origin"], vars(task)["count"]
    with pytest.raises(Refusal, match=r"Mine.*count"):
        task_spec(task)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("import numppy\n", ["line 1", "numppy"]),
        ("def f(:\n  pass\n", ["line 1", "SyntaxError"]),
        ("x = 1\nx.y\n", ["line 2", "AttributeError"]),
        ("import sys\nsys.exit(3)\n", ["line 2", "SystemExit"]),
        ("x = 1\n", ["no class", "Task"]),
        ("from adrs.core.task import Task\n", ["no class", "Task"]),
        ("from adrs.core.task import Task\nclass A(Task):\n    'a'\n", ["define judge, workloads in class A"]),
        ("import tables\n", ["tables.py, line 1", "ZeroDivisionError"]),
        (MINE.replace("tables", "json").replace("SIZES", "loads") + "class Two(Mine): pass\n", ["Mine, Two"]),
        (MINE.replace("tables", "json").replace("SIZES", "loads").replace("    seed =", "    other ="), ["no start program"]),
        (MINE.replace("tables", "json").replace("SIZES", "loads").replace("self.count", "self.missing.x"), ["line", "made"]),
    ],
)
def test_a_broken_task_file_is_named_with_line_and_error(tmp_path: Path, source: str, words: list[str]) -> None:
    (tmp_path / "bad.py").write_text(source)
    (tmp_path / "tables.py").write_text("1 / 0\n")
    text = refused(str(tmp_path / "bad.py"))
    assert "bad.py" in text
    assert all(word in text for word in words), text


def test_unknown_names_are_answered_with_the_nearest(mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(mine.parent)
    assert "mine.py" in refused("./mien.py")
    assert "write ./mine.py" in refused("mine")
    assert "adrs tasks" in refused("nothing_like_it")
    assert "without a task.py" in refused(str(mine.parent))
    assert "did you mean count" in refused("./mine.py", {"coutn": 1})


def test_a_folder_holds_its_programs_in_files(tmp_path: Path) -> None:
    folder = tmp_path / "job"
    (folder / "baselines").mkdir(parents=True)
    plain = MINE.replace("from tables import SIZES", "from .sizes import SIZES")
    (folder / "task.py").write_text(plain.replace("    seed =", "    unused ="))
    (folder / "sizes.py").write_text("SIZES = [4]\n")
    (folder / "seed.py").write_text("seed text\n")
    (folder / "kit.py").write_text("kit text\n")
    (folder / "baselines" / "greedy.py").write_text("greedy text\n")
    (folder / "baselines" / "__init__.py").write_text("")
    task = load_task(str(folder))
    assert (task.seed, task.kit, task.offline_seed) == ("seed text\n", "kit text\n", "")
    assert dict(task.baselines) == {"greedy": "greedy text\n"}
    assert next(iter(task.workloads())).data == [4]
    before = fingerprint(task)
    assert fingerprint(load_task(str(folder / "task.py"))) == before
    (folder / "sizes.py").write_text("SIZES = [5]\n")
    assert fingerprint(task) != before


def test_the_fingerprint_covers_the_file_its_neighbours_and_its_data(mine: Path) -> None:
    task = load_task(str(mine))
    before = fingerprint(task)
    (mine.parent / "unrelated.py").write_text("x = 1\n")
    assert fingerprint(task) == before
    (mine.parent / "tables.py").write_text("SIZES = [1, 2, 4]\n")
    changed = fingerprint(task)
    assert changed != before
    task.fingerprint = lambda: "other data"  # type: ignore[method-assign]
    assert fingerprint(task) != changed


def test_a_description_comes_from_docstring_and_signature(mine: Path) -> None:
    described = describe_task(str(mine))
    assert described.says == "Sort small things."
    assert [(option.name, option.type, option.default) for option in described.options] == [
        ("count", "int", 2),
        ("mode", "str", "a"),
    ]


SELECTOR = '''
import random
from adrs.core.parts import SolutionSelector
from adrs.core.selection import Selection

class Mine(SolutionSelector):
    """Mine."""

    def __init__(self, task, *, count: int = 1) -> None:
        self.task, self.count = task, count

    def ask(self, rng: random.Random) -> Selection:
        raise NotImplementedError
'''


def test_a_part_from_a_file_gets_the_task_and_its_options(tmp_path: Path, mine: Path) -> None:
    (tmp_path / "pick.py").write_text(SELECTOR)
    task = load_task(str(mine))
    part: Any = make_part("selector", f"{tmp_path}/pick.py:count=3", task)
    assert (part.task, part.count) == (task, 3)
    assert make_part("selector", f"{tmp_path}/pick.py", task, {"count": 8}).count == 8  # type: ignore[attr-defined]
    with pytest.raises(Refusal, match="did you mean count"):
        make_part("selector", f"{tmp_path}/pick.py:cuont=3", task)
    with pytest.raises(Refusal, match=r"derives from adrs\.PromptGenerator: README"):
        make_part("prompts", f"{tmp_path}/pick.py", task)


def test_an_unknown_part_is_answered_with_the_nearest(mine: Path) -> None:
    with pytest.raises(Refusal, match="did you mean greedy"):
        make_part("selector", "gredy", load_task(str(mine)))


def test_a_file_is_a_part_only_if_it_defines_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "selectors"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "pick.py").write_text(SELECTOR)
    (folder / "sub.py").write_text("from adrs.selectors.pick import Mine\nclass Sub(Mine): ...\n")
    (folder / "population.py").write_text("class Population: ...\n")
    (folder / "base.py").write_text("class _Hidden(SolutionSelector): ...\n")
    monkeypatch.setattr(adrs.catalog.parts, "PACKAGE", tmp_path)
    assert part_names("selector") == ["pick", "sub"]


def test_listing_names_imports_nothing_heavy() -> None:
    code = (
        "import sys; from adrs.catalog import *; part_names('selector'); part_names('prompts'); part_names('generator');"
        "task_names(); print([m for m in ('numpy', 'sqlalchemy', 'pydantic', 'jinja2', 'msgspec') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
    assert task_names() == sorted(task_names())


def test_the_fingerprint_covers_what_a_task_borrows_from_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lent = tmp_path / "tasks" / "lent"
    lent.mkdir(parents=True)
    (lent / "rules.py").write_text("from adrs.tasks.lent.prices import PRICE\n")
    (lent / "prices.py").write_text("PRICE = 1\n")
    borrower = tmp_path / "borrower.py"
    borrower.write_text("from adrs.tasks.lent import rules\n")
    monkeypatch.setattr("adrs.catalog.digest.PACKAGE", tmp_path)
    assert borrowed([borrower]) == [lent / "prices.py", lent / "rules.py"]
