"""An error in a user's task or part is reported as theirs, with exit code 2; an error in adrs stays a bug."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from adrs.selectors.greedy import Greedy
from command_line import TINY, Here

VERDICT = 'Verdict(1 - abs(given - workload.data) / workload.data, {"given": given}, f"{workload.name}: answered {given}")'
JUDGE = "    def judge(self"
TASKS = {
    "judge": (VERDICT, "0.5", ["judging train-0", "a float instead of a Verdict", "mine.py", "fix the task"]),
    "raises": (VERDICT, "1 / 0", ["judging train-0", "ZeroDivisionError", "mine.py, line "]),
    "together": (
        JUDGE,
        "    together = True\n\n    def judge_together(self, player, workloads):\n        return None\n\n" + JUDGE,
        ["judging train-0", "NoneType", "mine.py"],
    ),
    "total": (
        JUDGE,
        "    def total(self, verdicts):\n        return 1 / 0\n\n" + JUDGE,
        ["mine.py failed in total: mine.py, line 60", "ZeroDivisionError", "fix it"],
    ),
    "no total": (JUDGE, "    def total(self, verdicts): ...\n\n" + JUDGE, ["total returned a NoneType instead of a Real"]),
    "interface": ('float) -> float: ..."', 'float) -> float"', ["mine.py: its interface is not valid Python", "line 1"]),
    "baseline": ('"zero": "', '"zero": b"', ["mine.py: its baseline zero is a bytes"]),
    "bound": ('    interface = "', '    bound = "one"\n    interface = "', ["mine.py: its bound is 'one'"]),
    "call": ('player.call("answer"', 'player.call("anwser"', ["does not define anwser; it defines answer", "mine.py, line "]),
    "split": ('("train", "validation", "test")', '("train", "val", "test")', ["'val-0' has the split 'val'", "validation"]),
    "guard": (
        'Guard("given", "higher"),) if guarded else ()',
        'Guard("given", "max"),)',
        ["its guard Guard(metric=", "better=", "higher"],
    ),
    "packages": ('    interface = "', '    packages = "numpy"\n    interface = "', ["packages is 'numpy'", "('numpy',)"]),
    "workloads": ("yield Workload(", "yield (", ["mine.py: workloads returned a tuple instead of a Workload"]),
}


def changed(folder: Path, old: str, new: str) -> None:
    text = TINY.read_text("utf-8").replace("self.bound, self.splits", "_, self.splits")
    assert old in text
    (folder / "mine.py").write_text(text.replace(old, new), "utf-8")


@pytest.mark.parametrize("case", TASKS)
def test_a_mistake_in_a_task_is_told(here: Here, case: str) -> None:
    old, new, words = TASKS[case]
    changed(here.folder, old, new)
    for arguments in (["eval", "./mine.py", "--baseline", "half"], ["run", "./mine.py", "--trials", 2, "--generator", "tuner"]):
        said = here(*arguments)
        assert (said.code, said.out) == (2, ""), said
        sentence = said.err.splitlines()[-1]
        assert all(word in sentence for word in words), sentence


def test_a_seed_that_does_not_parse_is_told_by_run_and_is_a_foul_for_eval(here: Here) -> None:
    changed(here.folder, "share = 0.5", "share = = 0.5")
    for generator in ("offline", "tuner"):
        assert "mine.py: `seed` is not valid Python (invalid syntax (seed, line 6)): fix it" in here.refused(
            "run", "./mine.py", "--generator", generator
        )
    said = here("run", "./mine.py", "--generator", "command:false", "--trials", 2)
    assert said.code == 2
    assert "mine.py: no start program is legal (syntax: line 6: invalid syntax)" in said.err
    assert here("eval", "./mine.py", "--baseline", "seed").code == 1


def test_what_feedback_is_made_of_is_kept_as_text(here: Here) -> None:
    changed(here.folder, 'f"{workload.name}: answered {given}")', "17 if workload.data < 6 else None)")
    said = here("eval", "./mine.py", "--baseline", "half", "--json")
    assert [each["feedback"] for each in said.json["splits"]["train"]["verdicts"][:2]] == ["17", ""]


PARTS = """
from adrs.core.parts import Prompt, PromptGenerator, SolutionGenerator, SolutionSelector
from adrs.core.selection import Selection

class Mine(BASE):
    def METHOD(self, *arguments):
        BODY
"""


@pytest.mark.parametrize(
    ("kind", "base", "method", "answer"),
    [
        ("selector", "SolutionSelector", "ask", "Selection"),
        ("selector", "SolutionSelector", "tell", ""),
        ("prompts", "PromptGenerator", "compose", "Prompt"),
        ("prompts", "PromptGenerator", "orient", ""),
        ("generator", "SolutionGenerator", "propose", "Candidate"),
    ],
)
def test_a_mistake_in_a_part_is_told(here: Here, kind: str, base: str, method: str, answer: str) -> None:
    wanted = {"selector": "ask", "prompts": "compose", "generator": "propose"}[kind]
    source = PARTS.replace("BASE", base).replace("METHOD", method)
    if method != wanted:
        source += f"    def {wanted}(self, *arguments): ...\n"
    part = here.folder / "part.py"
    part.write_text(source.replace("BODY", "1 / 0"))
    run = ("run", TINY, "--trials", 2, f"--{kind}", "./part.py")
    said = here(*run)
    assert (said.code, said.out) == (2, "")
    assert f"{kind} ./part.py failed in {method}: part.py, line 7: ZeroDivisionError: division by zero: fix it" in said.err
    if answer:
        part.write_text(source.replace("BODY", "return 0.5"))
        said = here(*run)
        assert said.code == 2
        assert f"{kind} ./part.py: {method} returned a float instead of a {answer}: fix it" in said.err


def test_a_bug_in_a_part_of_ours_stays_one(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("ours")

    monkeypatch.setattr(tempfile, "tempdir", str(here.folder))
    monkeypatch.setattr(Greedy, "ask", broken)
    (here.folder / "derived.py").write_text("from adrs.selectors.greedy import Greedy\nclass Mine(Greedy): ...\n")
    for selector in ("greedy", "./derived.py"):
        assert here("run", TINY, "--trials", 1, "--selector", selector).code == 3
