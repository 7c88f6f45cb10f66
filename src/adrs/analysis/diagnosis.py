"""diagnosis: labels a run with failures from the paper's taxonomy; fouls are labelled when they happen.

Every label is a heuristic with its numbers stated; it points at trials to inspect and proves nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from adrs.analysis.similarity import changed_lines, likeness, only_constants_differ, tokens
from adrs.core.trial import Trial

LabelName = Literal["premature_convergence", "stuck_in_the_loop", "mutation_drift", "budget", "overfitting", "shallow"]

WINDOW = 20
"""Number of recent attempts that are examined."""
MEMORY = 200
"""Number of programs before the window with which its programs are compared."""
ALIKE = 0.9
"""Similarity from which two programs count as near-duplicates."""


@dataclass(frozen=True)
class Label:
    """A failure label of a run.

    Args:
        level: "run" or "candidate".
        says: a sentence with the numbers behind it.
        trials: numbers of the trials concerned, the latest last.
    """

    name: LabelName
    level: Literal["run", "candidate"]
    says: str
    trials: tuple[int, ...]


def diagnose(trials: Sequence[Trial], spent: bool = False) -> list[Label]:
    """All labels that apply to a run.

    Args:
        trials: all trials, in order.
        spent: whether the run ended because its budget was used up.
    """
    attempts = [trial for trial in trials if trial.candidate.phase == "search"]
    found = [
        premature_convergence(trials, attempts),
        stuck_in_the_loop(trials, attempts),
        mutation_drift(trials, attempts),
        out_of_budget(trials, attempts) if spent else None,
        overfitting(trials),
        shallow(trials, attempts),
    ]
    return [label for label in found if label is not None]


def records(trials: Sequence[Trial]) -> list[Trial]:
    """The trials that were a new best on train."""
    best: list[Trial] = []
    for trial in trials:
        if trial.breeds and (not best or trial.evaluation.rank > best[-1].evaluation.rank):
            best.append(trial)
    return best


def premature_convergence(trials: Sequence[Trial], attempts: Sequence[Trial]) -> Label | None:
    """The last gain is in the first 30 % of at least 40 attempts, and the ten best behaviours are near-duplicates."""
    bests = records(trials)
    if len(attempts) < 40 or not bests:
        return None
    before = sum(trial.number <= bests[-1].number for trial in attempts)
    if before > 0.3 * len(attempts):
        return None
    ranked = sorted((trial for trial in trials if trial.breeds), key=lambda trial: trial.evaluation.rank, reverse=True)
    different = {trial.evaluation.behaviour: trial for trial in reversed(ranked)}
    top = sorted(different.values(), key=lambda trial: trial.evaluation.rank, reverse=True)[:10]
    pairs = [likeness(one.candidate.source, other.candidate.source) for place, one in enumerate(top) for other in top[:place]]
    if pairs and sum(pairs) / len(pairs) < 0.7:
        return None
    says = f"no gain since attempt {before} of {len(attempts)}, and the {len(top)} best programs are variants of one"
    return Label("premature_convergence", "run", says, tuple(sorted(trial.number for trial in top)))


def stuck_in_the_loop(trials: Sequence[Trial], attempts: Sequence[Trial]) -> Label | None:
    """Half of the last attempts repeat an earlier program without a new result, and none of them was a gain."""
    lately = attempts[-WINDOW:]
    if len(lately) < WINDOW or any(trial.number >= lately[0].number for trial in records(trials)):
        return None
    earlier = [trial for trial in trials if trial.number < lately[0].number][-MEMORY:]
    repeats = []
    for trial in lately:
        if any(_repeats(trial, known) for known in reversed(earlier)):
            repeats.append(trial.number)
        earlier.append(trial)
    if 2 * len(repeats) < WINDOW:
        return None
    says = f"{len(repeats)} of the last {WINDOW} attempts repeat an earlier program without a new result"
    return Label("stuck_in_the_loop", "run", says, tuple(repeats))


def _repeats(trial: Trial, known: Trial) -> bool:
    """The same program, or a near-duplicate with the same verdicts or the same foul."""
    if tokens(trial.candidate.source) == tokens(known.candidate.source):
        return True
    foul, other = trial.evaluation.foul, known.evaluation.foul
    same_foul = foul is not None and other is not None and foul.kind == other.kind
    same_play = (
        foul is None
        and other is None
        and bool(trial.evaluation.behaviour)
        and trial.evaluation.behaviour == known.evaluation.behaviour
    )
    return (same_foul or same_play) and likeness(trial.candidate.source, known.candidate.source) >= ALIKE


def mutation_drift(trials: Sequence[Trial], attempts: Sequence[Trial]) -> Label | None:
    """A quarter of the last 40 attempts undo a change of their parent."""
    known = {trial.number: trial for trial in trials}
    lately = attempts[-2 * WINDOW :]
    undone = []
    for trial in lately:
        parent = known.get(trial.candidate.parents[0]) if trial.candidate.parents else None
        grand = known.get(parent.candidate.parents[0]) if parent and parent.candidate.parents else None
        if parent and grand and _undoes(grand, parent, trial):
            undone.append(trial.number)
    if len(lately) < WINDOW or 4 * len(undone) < len(lately):
        return None
    says = f"{len(undone)} of the last {len(lately)} attempts undo a change of their parent"
    return Label("mutation_drift", "run", says, tuple(undone))


def _undoes(grand: Trial, parent: Trial, child: Trial) -> bool:
    """The child only restores lines that the parent removed, or removes lines that it added."""
    gone, come = changed_lines(grand.candidate.source, parent.candidate.source)
    gone_again, come_back = changed_lines(parent.candidate.source, child.candidate.source)
    moved = gone_again | come_back
    return bool(moved) and gone_again <= come and come_back <= gone


def out_of_budget(trials: Sequence[Trial], attempts: Sequence[Trial]) -> Label | None:
    """The last tenth of the attempts, at least ten, still brought a gain, so a larger budget may help."""
    late = attempts[-max(1, len(attempts) // 10) :]
    gains = [trial.number for trial in records(trials) if late and trial.number >= late[0].number]
    if len(attempts) < 10 or not gains:
        return None
    says = f"{len(gains)} gains in the last {len(late)} attempts: a larger budget may help"
    return Label("budget", "run", says, tuple(gains))


def overfitting(trials: Sequence[Trial]) -> Label | None:
    """Programs that score higher on train than the best validated program before them, but lower on validation."""
    found = []
    best: Trial | None = None
    for trial in trials:
        if not trial.breeds or trial.evaluation.validation is None:
            continue
        if best is not None and trial.evaluation.rank > best.evaluation.rank and _validation(trial) < _validation(best):
            found.append(trial.number)
        if best is None or _validation(trial) > _validation(best):
            best = trial
    if not found:
        return None
    return Label(
        "overfitting", "candidate", f"programs that gained on train and lost on validation: {len(found)}", tuple(found)
    )


def _validation(trial: Trial) -> float:
    return trial.evaluation.validation if trial.evaluation.validation is not None else float("-inf")


def shallow(trials: Sequence[Trial], attempts: Sequence[Trial]) -> Label | None:
    """Legal programs that differ from their parent only in numbers, including random seeds."""
    known = {trial.number: trial for trial in trials}
    found = [
        trial.number
        for trial in attempts
        if trial.evaluation.foul is None
        and trial.candidate.parents
        and (parent := known.get(trial.candidate.parents[0])) is not None
        and only_constants_differ(trial.candidate.source, parent.candidate.source)
    ]
    if not found:
        return None
    says = f"{len(found)} of {len(attempts)} programs differ from their parent only in numbers"
    return Label("shallow", "candidate", says, tuple(found))
