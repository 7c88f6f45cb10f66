"""improve: asks for a better program; shows the parent and its results, other programs, and failed attempts with lessons.

The templates are improve_system.md (the same for a whole run) and improve.md. Prompts contain nothing about validation and test
workloads: no score, no name, no foul.
"""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from adrs.core.failure import Refusal
from adrs.core.imports import OFFERED
from adrs.core.parts import Orientation, Prompt, PromptGenerator
from adrs.core.selection import Selection
from adrs.core.task import Task
from adrs.core.text import clean, estimate_tokens, one_line, quote
from adrs.core.trial import Trial
from adrs.prompts.history import History

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    undefined=StrictUndefined,
    autoescape=False,  # a model reads it, not a browser
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


class Improve(PromptGenerator):
    """Asks for a program that is better than the parent.

    Args:
        inspirations: maximal number of other programs shown.
        workloads: maximal number of the parent's workloads shown, worst first.
        failures: maximal number of failed attempts shown, newest first.
        tokens: approximate maximal length of a prompt. A longer prompt is shortened in this order: inspirations, failures,
            workloads; the statement, interface, parent, hints and format are never shortened.
    """

    def __init__(self, *, inspirations: int = 2, workloads: int = 8, failures: int = 8, tokens: int = 24_000) -> None:
        for name, value in (("inspirations", inspirations), ("workloads", workloads), ("failures", failures)):
            if value < 0:
                raise Refusal(f"prompts improve: {name} is {value}: give 0 or more")
        if tokens < 1:
            raise Refusal(f"prompts improve: tokens is {tokens}: give 1 or more")
        self.inspirations, self.workloads, self.failures, self.tokens = inspirations, workloads, failures, tokens
        self._orientation = Orientation()
        self._history = History(max(2 * failures, 1))

    def orient(self, orientation: Orientation) -> None:
        self._orientation = orientation

    def tell(self, trial: Trial) -> None:
        self._history.tell(trial)

    def compose(self, task: Task[Any], selection: Selection, seed: str) -> Prompt:
        system = self._system(task).strip() + "\n"
        failures = self._history.newest(self.failures)
        counts = [min(len(selection.inspirations), self.inspirations), len(failures), self.workloads]
        while True:
            text = self._text(selection, failures, counts)
            if estimate_tokens(system) + estimate_tokens(text) <= self.tokens or not any(counts):
                return Prompt(system, text, selection, seed)
            giving_way = next(place for place, count in enumerate(counts) if count)
            counts[giving_way] //= 2

    def _text(self, selection: Selection, failures: list[str], counts: list[int]) -> str:
        """The question, limited to `counts` = (inspirations, failures, workloads)."""
        inspirations, failed, workloads = counts
        orientation = self._orientation
        rendered = _TEMPLATES.get_template("improve.md").render(
            parent=self._program(selection.parent, workloads),
            inspirations=[self._program(trial, 0) for trial in selection.inspirations[:inspirations]],
            failures=quote("\n".join(failures[:failed])) if failed else "",
            references=", ".join(
                f"{name} {_number(score)}" for name, score in sorted(orientation.references.items(), key=lambda pair: pair[1])
            ),
            format=orientation.format,
            hints=[one_line(hint, 1_000) for hint in orientation.hints],
        )
        return rendered.strip() + "\n"

    def _system(self, task: Task[Any]) -> str:
        own_total = type(task).total is not Task.total
        return _TEMPLATES.get_template("improve_system.md").render(
            statement=statement(task),
            interface=quote(task.interface, "python") if task.interface else "",
            kit=quote(task.kit, "python") if task.kit else "",
            total="The task combines these scores in its own way." if own_total else "The total is their mean.",
            bound=None if task.bound is None else f"{task.bound:.6g}",
            guards=", ".join(map(str, task.guards)),
            seconds=task.seconds,
            memory_mb=task.memory_mb,
            modules=", ".join(f"`{name}`" for name in (*OFFERED, *task.packages) if name.rpartition(".")[0] not in OFFERED),
            hints=task.hints,
        )

    def _program(self, trial: Trial, workloads: int) -> dict[str, Any]:
        """The values of a trial for a template: train split only, with at most `workloads` workloads."""
        verdicts = sorted(trial.evaluation.verdicts("train").items(), key=lambda pair: pair[1].score)
        lines = []
        for name, verdict in verdicts[:workloads]:
            lines.append(f"{one_line(name)}: score {_number(verdict.score)}")
            lines += [f"    {line}" for line in clean(verdict.feedback, 800).splitlines()]
        if lines and len(verdicts) > workloads:
            lines.append(f"({len(verdicts) - workloads} more workloads have higher scores)")
        return {
            "number": trial.number,
            "score": _number(trial.score) if trial.score is not None else "unknown",
            "program": quote(trial.candidate.source, "python"),
            "has_block": "EVOLVE-BLOCK-START" in trial.candidate.source,
            "workloads": quote("\n".join(lines)) if lines else "",
            "metrics": ", ".join(f"{one_line(name)} {_number(value)}" for name, value in trial.evaluation.metrics.items()),
        }


def statement(task: Task[Any]) -> str:
    """The task's docstring without the description of its options."""
    return re.split(r"\n+(?:Args|Raises):\n", inspect.cleandoc(type(task).__doc__ or ""))[0]


def _number(value: float) -> str:
    return f"{value:.4f}" if abs(value) < 1000 else f"{value:.1f}"
