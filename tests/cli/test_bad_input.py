"""Bad input: one sentence with the problem and the remedy, exit code 2, no traceback, nothing lost."""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path

import pytest

from adrs.core.failure import Foul
from adrs.core.trial import Call, Candidate, Evaluation, Measurement, Spend, Usage
from adrs.stores import connection, schema
from adrs.stores.sql import open_store
from command_line import TINY, Here, begin, ended

HOSTILE = "[/x][bold]\x1b[31m"

FILES = {
    "broken.py": b"import nothing_like_this\n",
    "syntax.py": b"def f(:\n",
    "exits.py": b"import sys\nsys.exit(3)\n",
    "empty.py": b"",
    "two.py": b"from adrs import Task\nclass A(Task):\n    seed = 'x = 1'\n    def workloads(self): return []\n"
    b"    def judge(self, player, workload): ...\nclass B(A): ...\n",
    "half.py": b"from adrs import Task\nclass Half(Task):\n    seed = 'x = 1'\n    def workloads(self): return []\n",
    "starts.py": b"import adrs\nfrom tiny_task import Tiny\nadrs.run('spot_single_region')\n",
    "latin.py": b"x = '\xe9'\n",
    "program.py": b"def answer(wanted, size):\n    return wanted\n",
    "markup.py": b"raise ValueError('[/x] [bold]')\n",
    "recipe.toml": b"selector = 'islands'\nmax_dolars = 5\n",
    "types.toml": b"width = 'two'\n",
    "hints.toml": b"hints = 'one'\n",
    "no.toml": b"= [",
}


@pytest.fixture
def desk(here: Here) -> Here:
    """A folder with broken files of all kinds and a subfolder."""
    for name, content in FILES.items():
        (here.folder / name).write_bytes(content)
    (here.folder / "folder").mkdir()
    return here


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        # tasks
        (["run", "./broken.py"], ["broken.py, line 1", "nothing_like_this"]),
        (["run", "./syntax.py"], ["syntax.py, line 1"]),
        (["run", "./exits.py"], ["exits.py, line 2"]),
        (["run", "./markup.py"], ["[/x] [bold]"]),
        (["run", "./empty.py"], ["no class that derives from adrs.Task", "adrs new"]),
        (["run", "./two.py"], ["A, B", "keep one"]),
        (["run", "./half.py"], ["define judge in class Half"]),
        (["run", "./nowhere.py"], ["./nowhere.py does not exist"]),
        (["run", "./folder"], ["./folder is a folder without a task.py"]),
        (["run", "spot_singel_region"], ["did you mean spot_single_region"]),
        (["run", "folder"], ["./folder"]),
        (["run", HOSTILE], ["does not exist"]),
        (["eval", "spot_singel_region", "program.py"], ["did you mean spot_single_region"]),
        (["tasks", "spot"], ["spot_single_region"]),
        (["data", "fetch", TINY], ["has no real data"]),
        (["tasks", "spot_single_region", "--picture", "x.png"], ["--picture x.png", "call it x.svg"]),
        (["tasks", "spot_single_region", "--picture", "folder/x"], ["--picture folder/x", "call it x.svg"]),
        (["tasks", "--picture", "x.svg"], ["name it"]),
        # options
        (["run", TINY, "-o", "cuont=3"], ["did you mean count"]),
        (["run", TINY, "-o", "count"], ["'count' is not an option", "key=value"]),
        (["run", TINY, "-o", "=3"], ["key=value"]),
        (["run", TINY, "-o", "count=many"], ["count is 'many'", "int"]),
        (["run", TINY, "-o", "bound=nan"], ["bound is 'nan'", "finite"]),
        (["run", TINY, "-o", "count=1", "-o", "count=2"], ["count is given twice"]),
        (["run", TINY, "-o", f"{HOSTILE}={HOSTILE}"], ["has no option"]),
        (["eval", TINY, "program.py", "-o", "cuont=3"], ["did you mean count"]),
        # parts
        (["run", TINY, "--selector", "gepaa"], ["no selector is named 'gepaa'", "islands"]),
        (["run", TINY, "--selector", "islands:cuont=4"], ["did you mean count"]),
        (["run", TINY, "--selector", "islands:count=99"], ["3, 4 or 5"]),
        (["run", TINY, "--generator", "./nothing.py:count=4"], ["./nothing.py does not exist"]),
        (["run", TINY, "--generator", "./empty.py"], ["no class that derives from adrs.SolutionGenerator"]),
        (["run", TINY, "--prompts", HOSTILE], ["prompts"]),
        # numbers
        (["run", TINY, "--trials", "0"], ["--trials", "above 0"]),
        (["run", TINY, "--trials", "-3"], ["--trials", "above 0"]),
        (["run", TINY, "--minutes", "0"], ["--minutes", "above 0"]),
        (["run", TINY, "--minutes", "nan"], ["--minutes", "above 0"]),
        (["run", TINY, "--minutes", "inf"], ["--minutes", "finite"]),
        (["run", TINY, "--workers", "0"], ["--workers 1 or more"]),
        (["run", TINY, "--workers", "-1"], ["--workers"]),
        (["run", TINY, "--width", "0"], ["--width 1 or more"]),
        (["run", TINY, "--tuned", "-1"], ["--tuned"]),
        (["eval", TINY, "program.py", "--workers", "0"], ["--workers 0", "1 or more"]),
        # recipes
        (["run", TINY, "--recipe", "recipe.toml"], ["max_dolars", "did you mean dollars"]),
        (["run", TINY, "--recipe", "types.toml"], ["types.toml", "width is 'two'", "integer"]),
        (["run", TINY, "--recipe", "hints.toml"], ["hints is 'one'"]),
        (["run", TINY, "--recipe", "no.toml"], ["no.toml is not valid TOML"]),
        (["run", TINY, "--recipe", "nowhere.toml"], ["nowhere.toml cannot be read"]),
        # programs
        (["eval", TINY, "latin.py"], ["latin.py is not UTF-8", "byte 5"]),
        (["eval", TINY, "folder"], ["folder cannot be read", "directory"]),
        (["eval", TINY, "nowhere.py"], ["nowhere.py cannot be read"]),
        (["eval", TINY], ["FILE or --baseline"]),
        (["eval", TINY, "program.py", "--baseline", "half"], ["FILE or --baseline"]),
        (["eval", TINY, "--baseline", "halve"], ["did you mean half"]),
        (["eval", TINY, "program.py", "--split", "tests"], ["--split 'tests' is unknown"]),
        (["run", TINY, "--seed-program", "latin.py"], ["latin.py is not UTF-8"]),
        (["run", TINY, "--seed-program", "folder"], ["folder cannot be read"]),
        # names
        (["new", "1st"], ["'1st' cannot name a task"]),
        (["new", "class"], ["'class' cannot name a task"]),
        (["new", "../up"], ["cannot name a task"]),
        (["new", "empty"], ["empty.py exists"]),
        (["new", "random"], ["random is the name of an installed module", "another name"]),
        (["new", "numpy.py"], ["numpy is the name of an installed module"]),
        (["new", "__main__"], ["another name"]),
        # data
        (["run", "spot_single_region", "-o", "data=real"], ["adrs data fetch spot_single_region", "ADRS_DATA"]),
        # stores
        (["runs"], ["there is no store sqlite:///adrs.db"]),
        (["show", "last"], ["there is no store", "adrs run"]),
        (["best", "last", "--store", "sqlite:////no/where/a.db"], ["/no/where", "--store"]),
        (["verify", "last", "--store", "nonsense"], ["'nonsense' is not a database URL"]),
        (["resume", "last"], ["there is no store"]),
        (["replay", "last", "--store", "sqlite:///folder"], ["is a folder"]),
        (["diff", "last", "0", "1", "--store", "sqlite:///empty.txt"], ["there is no store"]),
        (["run", TINY, "--store", "sqlite:////no/where/a.db"], ["/no/where", "--store"]),
    ],
    ids=lambda value: " ".join(map(str, value)).replace(str(TINY), "TINY") if isinstance(value, list) else None,
)
def test_bad_input_gets_a_sentence_and_leaves_no_store(desk: Here, arguments: list[object], names: list[str]) -> None:
    before = sorted(path.name for path in desk.folder.iterdir())
    sentence = desk.refused(*arguments)
    assert sentence.startswith("adrs: ")
    for name in names:
        assert name in sentence
    assert sorted(path.name for path in desk.folder.iterdir()) == before


@pytest.mark.parametrize(
    "arguments",
    [["run"], ["run", TINY, "--trials", "x"], ["run", TINY, "--max-dolars", "5"], ["shwo"], ["diff", "last", "a", "b"]],
)
def test_wrong_usage_gets_a_hint(here: Here, arguments: list[object]) -> None:
    said = here(*arguments)
    assert said.code == 2
    assert said.out == ""
    assert "Traceback" not in said.err
    assert "help" in said.err.lower()


@pytest.fixture
def store(here: Here) -> Here:
    """A store with a stopped run that has no legal program."""
    database = open_store("sqlite:///adrs.db")
    row = database.create_run("mine", {"task": str(TINY)}, "f", "s")
    row.add_event("started")
    foul = Evaluation(foul=Foul("crash", f"boom {HOSTILE}"))
    storage = row
    for number in range(3):
        storage.append(
            Candidate("x = 1\n", note=HOSTILE, author=HOSTILE, phase="search" if number else "seed"), foul, number, number
        )
    row.add_event("stopped")
    database.close()
    return here


def test_what_a_run_lacks_is_named(store: Here) -> None:
    assert "no legal program" in store.refused("best", "mine")
    assert "no legal program" in store.refused("verify", "mine")
    assert "has no trial 9: its trials are 0 to 2" in store.refused("diff", "mine", 0, 9)
    assert "has no run 'mien': it has mine" in store.refused("show", "mien")
    assert "has no run" in store.refused("show", HOSTILE)
    assert "changed since it started" in store.refused("resume", "mine")
    assert "already has a run 'mine'" in store.refused("run", TINY, "--name", "mine")
    assert "cannot name a run" in store.refused("run", TINY, "--name", HOSTILE)
    assert "cannot name a run" in store.refused("run", TINY, "--name", "last")


def test_foreign_text_is_printed_as_text(store: Here) -> None:
    said = store("show", "mine")
    assert said.code == 0
    assert "[/x][bold]" in said.out
    assert "\x1b" not in said.out
    assert store("runs").code == 0
    assert store("diff", "mine", 0, 1).code == 0


def test_a_locked_store_is_named_and_its_readers_wait_for_nobody(store: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "LOCK_SECONDS", 0.05)
    other = sqlite3.connect("adrs.db", isolation_level=None)
    other.execute("begin exclusive")
    assert "adrs.db is locked" in store.refused("run", TINY, "--trials", 1)
    assert store("show", "mine").code == 0
    other.execute("rollback")
    other.close()


def test_a_damaged_a_newer_and_a_foreign_store_are_left_alone(store: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    damaged = b"this was a store once, and somebody saved a letter over it. " * 100
    Path("damaged.db").write_bytes(damaged)
    for arguments in (["runs"], ["run", TINY]):
        assert "damaged.db is not an adrs store" in store.refused(*arguments, "--store", "sqlite:///damaged.db")
    assert Path("damaged.db").read_bytes() == damaged
    with monkeypatch.context() as patch:
        patch.setattr(schema, "VERSION", 9)
        open_store("sqlite:///newer.db").close()
    for arguments in (["runs"], ["run", TINY]):
        assert "schema 9, written by a newer adrs" in store.refused(*arguments, "--store", "sqlite:///newer.db")
    with sqlite3.connect("other.db") as other:
        other.execute("create table notes (text)")
    assert "database of another program" in store.refused("runs", "--store", "sqlite:///other.db")


@pytest.mark.parametrize("cell", ["cast(x'ff80' as text)", "x'5b22ff225d'", "'[{'"])
@pytest.mark.parametrize(("table", "column"), [("trials", "outcomes"), ("measurements", "outcomes"), ("calls", "usage")])
def test_a_store_with_damaged_cells_is_named_before_a_word_is_printed(store: Here, table: str, column: str, cell: str) -> None:
    database = open_store("sqlite:///adrs.db")
    row = database.run("mine")
    call = Call("m", "propose", "", "", "", "stop", Usage(), 0.5)
    row.append(Candidate("x = 1\n", calls=(call,), spend=Spend(calls=1)), Evaluation(0.5), 3, 3)
    row.add_measurement(Measurement("zero", "reference", Evaluation(0.1)))
    database.close()
    with sqlite3.connect("adrs.db") as other:
        other.execute(f"update {table} set {column} = {cell}")
    other.close()
    said = store.refused("show", "mine")
    assert said == "adrs: store sqlite:///adrs.db is damaged: restore a copy, or name another one with --store"
    if table == "trials":
        for arguments in (["trials", "mine"], ["show", "mine", 3], ["best", "mine"], ["show", "mine", "--json"]):
            assert store.refused(*arguments) == said


@pytest.fixture
def sealed(sealed_folder: Path) -> str:
    """The URL of a store that the test can read and not write."""
    return f"sqlite:///{sealed_folder}/a.db"


def test_a_store_that_may_not_be_written_is_read(here: Here, sealed: str) -> None:
    reading: list[list[object]] = [
        ["runs"],
        ["show", "kept"],
        ["best", "kept"],
        ["diff", "kept", 0, 0],
        ["trials", "kept"],
        ["prompt", "kept", 0],
    ]
    for arguments in reading:
        said = here(*arguments, "--store", sealed)
        assert said.code == 0, said
        assert said.out
    for writing in ("hint kept x", "ask kept", "resume kept", "verify kept --json", f"run {TINY}"):
        sentence = here.refused(*writing.split(), "--store", sealed)
        assert "a.db cannot be written because it or its folder is read-only: copy it" in sentence
    assert "new.db cannot be created" in here.refused("run", TINY, "--store", sealed.replace("a.db", "new.db"))


@pytest.mark.slow
def test_a_full_disk_stops_a_run_with_a_sentence_and_it_goes_on(tmp_path: Path) -> None:
    def small_files() -> None:
        import resource
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 1 << 40))

    said = ended(begin(tmp_path, "run", TINY, "--trials", 60, "--tuned", 0, "--name", "r", preexec_fn=small_files), 120)
    assert said.code == 2, said
    assert "Traceback" not in said.err
    last = said.err.splitlines()[-1]
    assert "adrs.db" in last
    assert "disk" in last
    database = open_store(f"sqlite:///{tmp_path}/adrs.db")
    row = database.run("r")
    kept = [trial.number for trial in row.trials()]
    assert kept == list(range(len(kept)))
    assert kept
    assert row.state() == "stopped"
    database.close()
    assert ended(begin(tmp_path, "resume", "r", "--trials", 61), 120).code == 0


def test_a_program_without_the_interface_is_a_foul_and_no_error(here: Here) -> None:
    Path("other.py").write_text("def answr(wanted, size):\n    return wanted\n")
    said = here("eval", TINY, "other.py", "--json")
    assert said.code == 1
    assert said.json["foul"]["kind"] == "interface"
    assert "answer" in said.json["foul"]["reason"]
    assert said.json["score"] is None


def test_a_task_file_that_starts_a_run_is_refused_where_games_are_played(tmp_path: Path) -> None:
    text = TINY.read_text("utf-8") + "\n\nimport adrs\nadrs.run(__file__, trials=1, quiet=True)\n"
    (tmp_path / "unguarded.py").write_text(text)
    said = ended(begin(tmp_path, "run", "./unguarded.py", "--trials", 1), 60)
    assert said.code == 2
    assert "__main__" in said.sentence


def test_a_bug_of_ours_is_kept_in_a_file(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:

    def broken(*_: object) -> None:
        raise ZeroDivisionError("ours")

    monkeypatch.setenv("TMPDIR", str(here.folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr("adrs.analysis.summary", broken)
    open_store("sqlite:///adrs.db").create_run("r", {"task": str(TINY)}, "", "")
    said = here("show", "r", "--json")
    assert said.code == 3
    assert said.out == ""
    path = Path(said.sentence.split("traceback is in ")[1].split(";")[0])
    assert path.parent == here.folder
    assert "ZeroDivisionError: ours" in path.read_text()
