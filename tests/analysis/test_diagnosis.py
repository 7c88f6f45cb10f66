"""Labels: each is shown to appear where it should, and to stay away from a search that is going well."""

from __future__ import annotations

import random
from typing import Any

from adrs.analysis.diagnosis import Label, diagnose
from adrs.core.failure import Foul
from adrs.core.task import Verdict
from adrs.core.trial import Candidate, Evaluation, Outcome, Trial


def trial(number: int, score: float | None, source: str, validation: float | None = None, **other: Any) -> Trial:
    foul = Foul("crash", "no") if score is None else None
    outcomes = () if score is None else (Outcome("a", "train", Verdict(score)),)
    evaluation = Evaluation(score=score, validation=validation, foul=foul, outcomes=outcomes)
    return Trial(number, Candidate(source, **{"phase": "seed" if number == 0 else "search", **other}), evaluation)


def program(rng: random.Random, lines: int = 12) -> str:
    """A program unlike any other."""
    names = "abcdefgh"
    return "".join(
        f"{rng.choice(names)} = {rng.choice(names)} {rng.choice('+-*/')} f{rng.randrange(99)}({rng.choice(names)})\n"
        for _ in range(lines)
    )


def labels(trials: list[Trial], spent: bool = False) -> dict[str, Label]:
    return {label.name: label for label in diagnose(trials, spent)}


def test_a_search_that_goes_well_gets_no_label() -> None:
    rng = random.Random(0)
    trials = [trial(n, n / 100, program(rng), n / 200, parents=(n - 1,) if n else ()) for n in range(80)]
    assert labels(trials) == {}


def test_no_trials_no_labels() -> None:
    assert diagnose([]) == []
    assert diagnose([trial(0, 0.1, "x = 1")], spent=True) == []


def test_early_best_and_variants_of_one_program_are_premature_convergence() -> None:
    rng = random.Random(1)
    base = program(rng, 30)
    trials = [trial(0, 0.0, program(rng)), trial(1, 0.9, base)]
    trials += [trial(n, 0.5 + n / 1000, base + f"x = {n}\n") for n in range(2, 60)]
    found = labels(trials)["premature_convergence"]
    assert found.level == "run"
    assert "no gain since attempt 1 of 59" in found.says
    spread = [trial(0, 0.0, program(rng)), trial(1, 0.9, base)]
    spread += [trial(n, 0.5 + n / 1000, program(rng)) for n in range(2, 60)]
    assert "premature_convergence" not in labels(spread), "a population of different programs has not converged"


def test_repeats_that_tell_nothing_new_are_a_loop() -> None:
    rng = random.Random(2)
    base = program(rng, 30)
    good = [trial(n, n / 100, program(rng)) for n in range(20)]
    looping = [trial(n, 0.1 if n % 2 else None, base + f"x = {n % 3}  # {n}\n") for n in range(20, 50)]
    found = labels(good + looping)["stuck_in_the_loop"]
    assert len(found.trials) >= 10
    assert "stuck_in_the_loop" not in labels(good + looping + [trial(50, 0.9, base)]), "a gain ends the loop"
    busy = [trial(n, 0.001 * n, base + f"x = {n}\n") for n in range(20, 50)]
    assert "stuck_in_the_loop" not in labels(good + busy), "alike in text, but every one did something else"


def test_a_generator_that_only_refuses_is_a_loop() -> None:
    seed = trial(0, 0.1, "x = 1")
    foul = Foul("interface", "no program in the reply")
    refusals = [Trial(n, Candidate("", (0,), foul=foul), Evaluation(foul=foul)) for n in range(1, 30)]
    assert "stuck_in_the_loop" in labels([seed, *refusals])


def test_edits_that_undo_each_other_are_drift() -> None:
    lines = [f"v{n} = {n}" for n in range(10)]
    one, other = "\n".join([*lines, "return a"]), "\n".join([*lines, "return b"])
    trials = [trial(n, 0.1 + n % 2 / 100, other if n % 2 else one, parents=(n - 1,) if n else ()) for n in range(40)]
    found = labels(trials)["mutation_drift"]
    assert len(found.trials) == 38
    onward = [trial(n, 0.1, "\n".join([*lines, f"return a{n}"]), parents=(n - 1,) if n else ()) for n in range(40)]
    assert "mutation_drift" not in labels(onward)


def test_gains_at_the_very_end_say_that_the_budget_was_too_small() -> None:
    rng = random.Random(3)
    trials = [trial(n, 0.1 if n < 55 else n / 100, program(rng)) for n in range(60)]
    assert labels(trials, spent=True)["budget"].trials == (55, 56, 57, 58, 59)
    assert "budget" not in labels(trials), "it was stopped by hand"
    assert "budget" not in labels([*trials[:50]], spent=True)


def test_better_on_train_and_worse_on_validation_is_overfitting() -> None:
    rng = random.Random(4)
    trials = [
        trial(0, 0.1, program(rng), 0.1),
        trial(1, 0.3, program(rng), 0.4),
        trial(2, 0.5, program(rng), 0.2),
        trial(3, 0.6, program(rng)),
        trial(4, 0.7, program(rng), 0.5),
    ]
    assert labels(trials)["overfitting"].trials == (2,)


def test_a_change_of_numbers_alone_is_shallow() -> None:
    seed = '"""Doc."""\nSEED = 3\ndef f(x):\n    return x < -2.5\n'
    trials = [
        trial(0, 0.1, seed),
        trial(1, 0.2, seed.replace("3", "4"), parents=(0,)),
        trial(2, 0.2, seed.replace("-2.5", "1"), parents=(0,)),
        trial(3, 0.2, seed.replace("<", "<="), parents=(0,)),
        trial(4, 0.2, seed + "# only a comment\n", parents=(0,)),
        trial(5, 0.2, seed.replace("x", "y"), parents=(0,)),
        trial(6, None, seed.replace("3", "4"), parents=(0,)),
        trial(7, 0.2, "def (", parents=(0,)),
    ]
    assert labels(trials)["shallow"].trials == (1, 2)
