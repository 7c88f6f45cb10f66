"""AI-Driven Research for Systems: state a problem and how to measure an answer; adrs searches for the algorithm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adrs.core.failure import Fault, Foul, Refusal
from adrs.core.parts import Prompt, PromptGenerator, SolutionGenerator, SolutionSelector
from adrs.core.selection import Selection
from adrs.core.task import SPLITS, Crew, Guard, Player, Source, Split, Task, Term, Verdict, Workload
from adrs.core.trial import Candidate, Evaluation, Trial

if TYPE_CHECKING:
    from adrs.api import Run, evaluate, open_run, resume, run

__version__ = "0.1.0"

__all__ = [
    "SPLITS",
    "Candidate",
    "Crew",
    "Evaluation",
    "Fault",
    "Foul",
    "Guard",
    "Player",
    "Prompt",
    "PromptGenerator",
    "Refusal",
    "Run",
    "Selection",
    "SolutionGenerator",
    "SolutionSelector",
    "Source",
    "Split",
    "Task",
    "Term",
    "Trial",
    "Verdict",
    "Workload",
    "evaluate",
    "open_run",
    "resume",
    "run",
]


def __getattr__(name: str) -> Any:
    """What needs the whole house is imported when it is used: `import adrs` stays light."""
    if name in {"Run", "evaluate", "open_run", "resume", "run"}:
        from adrs import api

        return getattr(api, name)
    raise AttributeError(f"module adrs has no attribute {name}")
