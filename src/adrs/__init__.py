"""AI-Driven Research for Systems: state a problem and how to measure an answer; adrs searches for the algorithm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adrs.core.failure import Exhausted, Fault, Foul, Refusal
from adrs.core.parts import Estimate, Prompt, PromptGenerator, SolutionGenerator, SolutionSelector
from adrs.core.resources import Resources
from adrs.core.selection import Selection
from adrs.core.task import SPLITS, Crew, Guard, Player, Source, Split, Task, Term, Verdict, Workload
from adrs.core.trial import Call, Candidate, Evaluation, Spend, Trial, Usage
from adrs.core.version import __version__

if TYPE_CHECKING:
    from adrs.api import Run, evaluate, open_run, resume, run


__all__ = [
    "SPLITS",
    "Call",
    "Candidate",
    "Crew",
    "Estimate",
    "Evaluation",
    "Exhausted",
    "Fault",
    "Foul",
    "Guard",
    "Player",
    "Prompt",
    "PromptGenerator",
    "Refusal",
    "Resources",
    "Run",
    "Selection",
    "SolutionGenerator",
    "SolutionSelector",
    "Source",
    "Spend",
    "Split",
    "Task",
    "Term",
    "Trial",
    "Usage",
    "Verdict",
    "Workload",
    "__version__",
    "evaluate",
    "open_run",
    "resume",
    "run",
]


def __getattr__(name: str) -> Any:
    """Import the functions that need the whole package on first use, so that `import adrs` stays fast."""
    if name in {"Run", "evaluate", "open_run", "resume", "run"}:
        from adrs import api

        return getattr(api, name)
    raise AttributeError(f"module adrs has no attribute {name}")
