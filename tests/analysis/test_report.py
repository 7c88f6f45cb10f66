"""Champion, lineage, counts and summary, from trials made by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from adrs.analysis.report import About, champion, diff, isolation, lineage, shortfall, summary
from adrs.analysis.statistics import tally
from adrs.core.failure import Foul
from adrs.core.task import Verdict
from adrs.core.trial import Candidate, Evaluation, Measurement, Outcome, Spend, Trial


def trial(number: int, score: float | None, source: str = "x = 1\n", validation: float | None = None, **other: Any) -> Trial:
    """`other` goes to the candidate; a score of None is a foul."""
    foul = Foul("crash", "no") if score is None else None
    outcomes = () if score is None else (Outcome("a", "train", Verdict(score)), Outcome("b", "train", Verdict(score)))
    evaluation = Evaluation(score=score, validation=validation, foul=foul, outcomes=outcomes, isolation=("seccomp", "rlimits"))
    return Trial(number, Candidate(source, **{"phase": "search", **other}), evaluation)


def number(found: Trial | None) -> int | None:
    return None if found is None else found.number


def test_the_champion_is_the_best_on_validation_not_on_train() -> None:
    trials = [trial(0, 0.1, validation=0.2), trial(1, 0.9, validation=0.3), trial(2, 0.5, validation=0.6), trial(3, 0.95)]
    assert number(champion(trials)) == 2
    assert number(champion([*trials[3:], trial(4, 0.2)])) == 3, "nothing has validation: best on train"
    assert champion([trial(0, None)]) is None
    assert champion([]) is None


def test_of_equal_programs_the_earlier_is_champion() -> None:
    assert number(champion([trial(0, 0.1, validation=0.5), trial(1, 0.2, validation=0.5)])) == 0


def test_negative_scores_are_scores_and_fouls_are_none() -> None:
    assert number(champion([trial(0, -5.0), trial(1, None), trial(2, -2.8), trial(3, None)])) == 2


def test_a_shortened_champion_takes_its_place_only_if_it_is_as_good_and_smaller() -> None:
    long = "x = 1 + 1 + 1\n"
    best = [trial(0, 0.1, long, 0.1), trial(1, 0.5, long, 0.5)]
    cut: dict[str, Any] = {"phase": "shrink"}
    assert number(champion([*best, trial(2, 0.5, "x = 1 + 1\n", 0.4996, parents=(1,), **cut)])) == 2
    assert number(champion([*best, trial(2, 0.5, "x = 1 + 1\n", 0.499, parents=(1,), **cut)])) == 1, "worse"
    assert number(champion([*best, trial(2, 0.5, "x = 1 + 1 + 1 + 1\n", 0.5, parents=(1,), **cut)])) == 1, "longer"
    assert number(champion([*best, trial(2, 0.5, "x = 1\n", 0.6, parents=(0,), **cut)])) == 2, "better"
    chain = [
        trial(2, 0.5, "x = 1 + 1\n", 0.4, parents=(1,), **cut),
        trial(3, 0.5, "x = 1\n", 0.5, parents=(2,), **cut),
    ]
    assert number(champion([*best, *chain])) == 3, "by way of a worse one"
    assert number(champion([*best, trial(2, 0.5, "x = 1\n", None, parents=(1,), **cut)])) == 1, "never validated"


def test_a_lineage_goes_from_the_seed_along_main_parents() -> None:
    trials = [
        trial(0, 0.1, "a = 1\nb = 1\n", phase="seed"),
        trial(1, 0.2, "z = 9\n"),
        trial(2, 0.3, "a = 2\nb = 1\n", parents=(0, 1)),
        trial(3, 0.4, "a = 2\nb = 3", parents=(2,)),
    ]
    steps = lineage(trials, 3)
    assert [step.trial.number for step in steps] == [0, 2, 3]
    assert steps[0].diff == ""
    assert steps[1].diff.splitlines() == ["--- trial 0", "+++ trial 2", "@@ -1,2 +1,2 @@", "-a = 1", "+a = 2", " b = 1"]
    assert "-b = 1\n+b = 3" in steps[2].diff
    assert diff(trials[0], trials[0]) == ""
    assert lineage(trials, 9) == []
    assert [step.trial.number for step in lineage([trial(4, 0.1, parents=(4,))], 4)] == [4]


def test_counts_keep_seeds_apart_and_know_parents() -> None:
    spend = Spend(0.5, 100, 20, 1, 2.0)
    counted = tally(
        [
            trial(0, 0.1, phase="seed", author="seed"),
            trial(1, 0.1, parents=(0,), author="offline", operators=("swap",)),
            trial(2, 0.3, parents=(0,), author="offline", operators=("swap", "const")),
            trial(3, None, parents=(2,), author="offline", operators=("const",), spend=spend),
            trial(4, 0.2, parents=(2,), author="gpt", spend=spend),
            Trial(5, Candidate("x", (2,), author="gpt"), Evaluation(partial=0.1, stopped="smoke")),
            Trial(6, Candidate("", author="gpt", foul=Foul("interface", "?")), Evaluation(foul=Foul("interface", "?"))),
        ]
    )
    assert (counted.trials, counted.attempts, counted.complete, counted.stopped, counted.unusable) == (7, 6, 3, 1, 1)
    assert counted.fouls == {"crash": 1, "interface": 1}
    assert counted.curve == [(0, 0.1), (2, 0.3)]
    assert (counted.seed_score, counted.best, counted.median) == (0.1, 0.3, 0.2)
    assert (counted.acceptance, counted.neutral_share, counted.foul_share) == (1 / 6, 1 / 6, 2 / 6)
    swap, const = counted.operators["swap"], counted.operators["const"]
    assert (swap.trials, swap.fouls, swap.same, swap.beat, swap.records) == (2, 0, 1, 1, 1)
    assert (const.trials, const.fouls, const.same, const.beat, const.records) == (2, 1, 0, 1, 1)
    assert set(counted.operators) == {"swap", "const"}
    assert (counted.authors["offline"].trials, counted.authors["gpt"].trials) == (3, 3)
    assert counted.authors["gpt"].spend == spend
    assert counted.spend.tokens == 240
    assert counted.phases["seed"].trials == 1


def test_an_empty_run_counts_to_nothing() -> None:
    counted = tally([])
    assert (counted.best, counted.median, counted.acceptance, counted.neutral_share, counted.foul_share) == (
        None,
        None,
        0,
        0,
        0,
    )


ABOUT = About("r", "spot", {"rules": "clean"}, {"trials": 9}, "running", 1.0)


def test_the_summary_has_the_shape_of_the_contract() -> None:
    trials = [
        trial(0, 0.1, phase="seed", author="seed", validation=0.1),
        trial(1, 0.4, author="offline", operators=("swap",), parents=(0,), validation=0.3, spend=Spend(seconds=1.5)),
        trial(2, None, author="offline", operators=("swap",), parents=(0,)),
    ]
    reference = Measurement("greedy", "reference", Evaluation(score=0.1))
    again = Measurement("greedy", "reference", Evaluation(score=0.2))
    verify = Measurement("other", "verify", Evaluation(score=0.9))
    document = summary(ABOUT, trials, [reference, again, verify, Measurement("bad", "reference", Evaluation())])
    json.dumps(document, allow_nan=False)
    assert document == {
        "run": "r",
        "task": "spot",
        "options": {"rules": "clean"},
        "recipe": {"trials": 9},
        "state": "running",
        "task_changed": False,
        "trials": 2,
        "best": {"trial": 1, "score": 0.4, "validation": 0.3, "author": "offline"},
        "seed_score": 0.1,
        "baselines": {"greedy": 0.2},
        "bound": 1.0,
        "fouls": {"crash": 1},
        "spend": {
            "dollars": 0.0,
            "tokens": 0,
            "seconds": 1.5,
            "calls": 0,
            "by_author": {
                "offline": {"trials": 2, "dollars": 0.0, "tokens": 0, "seconds": 1.5, "calls": 0},
            },
        },
        "curve": [[0, 0.1], [1, 0.4]],
        "isolation": ["seccomp", "rlimits"],
    }


def test_a_run_without_trials_has_a_summary() -> None:
    document = summary(ABOUT, [], [])
    assert (document["best"], document["seed_score"], document["curve"], document["isolation"]) == (None, None, [], [])


def test_only_layers_that_were_always_on_are_named() -> None:
    def played(*layers: str) -> Trial:
        return Trial(0, Candidate("x"), Evaluation(isolation=layers))

    assert isolation([played("a", "b", "c"), played(), played("c", "a")]) == ["a", "c"]


@pytest.mark.budget(2.0)
@pytest.mark.parametrize("count", [20_000])
def test_a_long_run_is_counted_for_a_live_panel(count: int) -> None:
    trials = [trial(index, index % 7 / 7, parents=(max(0, index - 1),)) for index in range(count)]
    assert tally(trials).best == pytest.approx(6 / 7)


def test_one_unsafe_trial_is_enough_to_say_so() -> None:
    trials = [replace(trial(0, 0.1), evaluation=Evaluation(score=0.1, isolation=("full", "seccomp"))) for _ in range(3)]
    trials[1] = replace(trials[1], evaluation=Evaluation(score=0.1, isolation=("unsafe", "seccomp")))
    assert isolation(trials) == ["unsafe", "seccomp"]


def test_few_legal_programs_are_said_with_the_most_frequent_reason() -> None:
    def unusable(number: int, reason: str) -> Trial:
        foul = Foul("syntax", reason)
        return Trial(number, Candidate("", foul=foul), Evaluation(foul=foul))

    seed = trial(0, 0.5, phase="seed")
    assert shortfall([seed]) == "no attempt was made"
    assert shortfall([seed], "the model did not answer") == "no attempt was made: the model did not answer"
    bad = [trial(1, None), unusable(2, "no block in 1.5 s"), unusable(3, "no block in 2.5 s")]
    said = "none of 3 attempts gave a legal program; most often: unusable reply: no block in 1.5 s"
    assert shortfall([seed, *bad]) == said
    many = [unusable(number, "no block") for number in range(4, 6)]
    assert shortfall([seed, *bad[1:], *many, trial(9, 0.1)]).startswith(
        "1 of 5 attempts gave a legal program; most often: unus"
    )
    assert shortfall([seed, *bad, trial(9, 0.1)]) == ""
