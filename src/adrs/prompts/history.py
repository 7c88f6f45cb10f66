"""history: what was tried and failed, and why, as lines for a prompt: deduplicated, the newest first, with a lesson each.

It reads train alone: a failure that only held-out workloads know of is none here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from adrs.core.failure import Foul, FoulKind
from adrs.core.parts import Part
from adrs.core.text import one_line
from adrs.core.trial import Outcome, Trial

LESSONS: Mapping[FoulKind, str] = {
    "syntax": "read the program once more before you give it",
    "interface": "define exactly what the interface says, and import only what is offered",
    "crash": "guard against this case, it occurs",
    "timeout": "do less work in a call",
    "memory": "keep less",
    "illegal_answer": "check the answer against the rules before you return it",
    "budget": "write less",
    "misaligned_objective": "what is guarded counts before the score",
    "overfitting": "use a rule, not the workloads' own numbers",
    "reward_hacking": "solve the problem; the referee sees everything that a program does",
    "shallow": "change what the program does, not how it is written",
}


class History(Part):
    """Remembers failures of the search by what they say, numbers left out.

    Args:
        kept: how many at the most.
    """

    def __init__(self, kept: int) -> None:
        self.kept = kept
        self._lines: dict[str, str] = {}
        self._scores: dict[int, float] = {}

    def tell(self, trial: Trial) -> None:
        if trial.score is not None and trial.breeds:
            self._scores[trial.number] = trial.score
        line = self._failure(trial)
        if line:
            key = re.sub(r"[0-9.]+", "#", line)
            self._lines.pop(key, None)
            self._lines[key] = line
            while len(self._lines) > self.kept:
                del self._lines[next(iter(self._lines))]

    def newest(self, count: int) -> list[str]:
        """Up to so many lines, the newest first."""
        return list(reversed(self._lines.values()))[:count]

    def _failure(self, trial: Trial) -> str:
        """What failed and the lesson, "" for what did not fail."""
        tried = one_line(trial.candidate.note, 160)
        foul = foul_on_train(trial)
        if foul is not None:
            what = f" ({tried})" if tried and trial.candidate.foul is None else ""
            return f"{foul.kind}{what}: {one_line(foul.reason)} -> {LESSONS[foul.kind]}"
        parent = trial.candidate.parents[0] if trial.candidate.parents else None
        before = self._scores.get(parent) if parent is not None else None
        if before is None or not tried or trial.evaluation.foul is not None:
            return ""
        if trial.score is not None and trial.score < before:
            return f"{tried}: the score fell from {before:.4f} to {trial.score:.4f} -> the opposite may help, or leave it"
        if trial.evaluation.partial is not None:
            return f"{tried}: given up after its first workloads, {trial.evaluation.partial:.4f} on them -> leave it"
        return ""


def foul_on_train(trial: Trial) -> Foul | None:
    """The trial's foul, unless it is one that only held-out workloads can know of."""
    outcomes: tuple[Outcome, ...] = trial.evaluation.outcomes
    for outcome in outcomes:
        if isinstance(outcome.result, Foul) and outcome.split == "train":
            return outcome.result
    if any(outcome.split != "train" for outcome in outcomes):
        return None
    return trial.evaluation.foul or trial.candidate.foul
