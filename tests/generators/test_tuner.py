"""The tuner moves literals and nothing else, and proposes the same again when it is told the same trials."""

from __future__ import annotations

import ast
import math
import random
from typing import Any, Literal

import pytest
from test_offline import Bare

from adrs.core.failure import Exhausted, Foul
from adrs.core.parts import Prompt
from adrs.core.task import Verdict
from adrs.core.trial import Candidate, Evaluation, Outcome, Trial
from adrs.generators.tuner import Tuner
from adrs.selectors.champion import Champion

PROGRAM = '''# EVOLVE-BLOCK-START
LIMIT = 4.0


def f(x, items):
    """Text with 7."""
    y = 0.5 * x - 20
    for i in range(8):
        y = y + items[0]
    return -3 if y < LIMIT else items[i - 1]
# EVOLVE-BLOCK-END
OUTSIDE = 9
'''


def played(number: int, candidate: Candidate) -> Trial:
    """Best where the limit is 40 and the factor 0.1, on a logarithmic scale."""
    tree = ast.parse(candidate.source)
    limit = next(n.value.value for n in tree.body if isinstance(n, ast.Assign) and isinstance(n.value, ast.Constant))
    factor = next(n.left.value for n in ast.walk(tree) if isinstance(n, ast.BinOp) and isinstance(n.left, ast.Constant))
    if not isinstance(limit, int | float) or not isinstance(factor, int | float):
        raise AssertionError(candidate.source)
    score = -abs(math.log(abs(limit) / 40)) - abs(math.log(abs(factor) / 0.1))
    return Trial(number, candidate, Evaluation(score=score, outcomes=(Outcome("w", "train", Verdict(score)),)))


def tuned(count: int, method: Literal["auto", "tpe", "jitter"], told: list[Trial] | None = None) -> list[Trial]:
    generator, selector = Tuner(Bare(PROGRAM), method=method), Champion(tolerance=0.0)
    trials = list(told or [played(0, Candidate(PROGRAM, phase="seed"))])
    for trial in trials:
        generator.tell(trial)
        selector.tell(trial)
    while len(trials) < count:
        question = f"3:{len(trials)}"
        prompt = Prompt("", "", selector.ask(random.Random(question)), question)
        trials.append(played(len(trials), generator.propose(prompt)))
        generator.tell(trials[-1])
        selector.tell(trials[-1])
    return trials


def shape(source: str) -> str:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
            node.value = 1
    return ast.dump(tree)


@pytest.mark.parametrize("method", ["tpe", "jitter"])
def test_only_literals_move_and_the_score_grows(method: Literal["tpe", "jitter"]) -> None:
    trials = tuned(40, method)
    assert {shape(trial.candidate.source) for trial in trials} == {shape(PROGRAM)}
    assert {(trial.candidate.author, trial.candidate.operators) for trial in trials[1:]} == {("tuner", (method,))}
    assert max(trial.score or -9 for trial in trials) > (trials[0].score or 0) + 1.5
    assert len({trial.candidate.source for trial in trials}) == len(trials)
    for trial in trials[1:]:
        source = trial.candidate.source
        assert "OUTSIDE = 9" in source
        assert "items[0]" in source
        assert "items[i - 1]" in source
        counted = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
        assert all(
            isinstance(argument, ast.Constant) and isinstance(argument.value, int) for call in counted for argument in call.args
        )


@pytest.mark.parametrize("method", ["tpe", "jitter"])
def test_a_fresh_tuner_that_is_told_everything_asks_the_same(method: Literal["tpe", "jitter"]) -> None:
    whole = tuned(24, method)
    again = tuned(24, method, whole[:15])
    assert [trial.candidate.source for trial in again] == [trial.candidate.source for trial in whole]


def test_fouls_and_stopped_trials_are_no_obstacle() -> None:
    generator = Tuner(Bare(PROGRAM), method="tpe")
    seed = played(0, Candidate(PROGRAM))
    other = PROGRAM.replace("0.5", "0.7")
    for trial in (
        seed,
        Trial(1, Candidate(other), Evaluation(foul=Foul("crash", "division by zero"))),
        Trial(2, Candidate(other.replace("20", "25")), Evaluation(partial=-4.0, stopped="smoke")),
        Trial(3, Candidate("", foul=Foul("interface", "no program")), Evaluation(foul=Foul("interface", "no program"))),
        Trial(4, Candidate("this is no Python"), Evaluation(partial=0.0)),
    ):
        generator.tell(trial)
    champion = Champion()
    champion.tell(seed)
    candidate = generator.propose(Prompt("", "", champion.ask(random.Random(0)), "0:5"))
    assert shape(candidate.source) == shape(PROGRAM)
    assert " -> " in candidate.note


def test_auto_takes_what_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    found: dict[str, Any] = {}
    monkeypatch.setattr("importlib.util.find_spec", found.get)
    assert Tuner(Bare(PROGRAM)).method == "jitter"
    found["optuna"] = object()
    assert Tuner(Bare(PROGRAM)).method == "tpe"


def test_without_a_number_there_is_nothing_to_tune() -> None:
    task = Bare("def f(x):\n    return x\n")
    champion = Champion()
    champion.tell(Trial(0, Candidate(task.seed), Evaluation(score=0.0)))
    with pytest.raises(Exhausted):
        Tuner(task).propose(Prompt("", "", champion.ask(random.Random(0)), "0:1"))
