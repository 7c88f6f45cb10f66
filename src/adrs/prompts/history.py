"""history: failed attempts as lines for a prompt: deduplicated, newest first, each with a lesson.

Covers the train split only: a failure on held-out workloads is left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from adrs.core.failure import BLAMELESS, Foul, FoulKind
from adrs.core.parts import Part
from adrs.core.text import one_line
from adrs.core.trial import Outcome, Trial

LESSONS: Mapping[FoulKind, str] = {  # all kinds but BLAMELESS
    "syntax": "check that the program parses before you return it",
    "interface": "define exactly what the interface requires, and import only the allowed modules",
    "crash": "handle this case; it does occur",
    "timeout": "do less work per call",
    "memory": "store less data",
    "illegal_answer": "check the answer against the rules before you return it",
    "budget": "write a shorter reply",
    "misaligned_objective": "first keep the guarded metrics from getting worse, then improve the score",
    "overfitting": "use a general rule, not numbers that fit only these workloads",
    "reward_hacking": "solve the problem itself; attempts to cheat are detected",
    "shallow": "change what the program does, not only numbers or how it is written",
}


class History(Part):
    """Remembers failures of the search; failures that differ only in numbers count as one.

    Args:
        kept: maximal number of failures to remember.
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
        """Up to `count` lines, newest first."""
        return list(reversed(self._lines.values()))[:count]

    def _failure(self, trial: Trial) -> str:
        """The line for a failed trial, with its lesson; "" if the trial did not fail."""
        tried = one_line(trial.candidate.note, 160)
        foul = foul_on_train(trial)
        if foul is not None and foul.kind in BLAMELESS:
            return ""
        if foul is not None:
            what = f" ({tried})" if tried and trial.candidate.foul is None else ""
            return f"{foul.kind}{what}: {one_line(foul.reason)} -> {LESSONS[foul.kind]}"
        parent = trial.candidate.parents[0] if trial.candidate.parents else None
        before = self._scores.get(parent) if parent is not None else None
        if before is None or not tried or trial.evaluation.foul is not None:
            return ""
        if trial.score is not None and trial.score < before:
            return f"{tried}: the score fell from {before:.4f} to {trial.score:.4f} -> try the opposite, or drop the idea"
        if trial.evaluation.partial is not None:
            return f"{tried}: stopped early, with score {trial.evaluation.partial:.4f} on the first workloads -> drop the idea"
        return ""


def foul_on_train(trial: Trial) -> Foul | None:
    """The trial's foul, unless it happened on held-out workloads only."""
    outcomes: tuple[Outcome, ...] = trial.evaluation.outcomes
    for outcome in outcomes:
        if isinstance(outcome.result, Foul) and outcome.split == "train":
            return outcome.result
    if any(outcome.split != "train" for outcome in outcomes):
        return None
    return trial.evaluation.foul or trial.candidate.foul
