"""improve: asks for a better program, shown the parent, how it did, other programs and recent fouls. It remembers no lessons.

The words are in improve_system.md (the same for a whole run) and improve.md. Only train workloads are spoken of: nothing of
validation or test enters, no score, no name, no foul.
"""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from adrs.core.failure import Foul, Refusal
from adrs.core.offered import OFFERED
from adrs.core.parts import Prompt, PromptGenerator, Selection
from adrs.core.task import Task
from adrs.core.text import clean, fence
from adrs.core.trial import Trial

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    undefined=StrictUndefined,
    autoescape=False,  # a model reads it, no browser
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


class Improve(PromptGenerator):
    """One question: here is a program and how it did, write a better one.

    Args:
        inspirations: other programs shown at the most.
        workloads: workloads of the parent shown at the most, the worst first.
        fouls: different recent fouls shown at the most.
    """

    def __init__(self, *, inspirations: int = 2, workloads: int = 8, fouls: int = 5) -> None:
        for name, value in (("inspirations", inspirations), ("workloads", workloads), ("fouls", fouls)):
            if value < 0:
                raise Refusal(f"prompts improve: {name} is {value}, give 0 or more")
        self.inspirations = inspirations
        self.workloads = workloads
        self.fouls = fouls
        self._recent: dict[str, Foul] = {}
        """Fouls by what they say with numbers left out, the newest last."""

    def tell(self, trial: Trial) -> None:
        foul = foul_on_train(trial)
        if foul is not None and self.fouls:
            key = f"{foul.kind} {re.sub(r'[0-9.]+', '#', foul.reason)}"
            self._recent.pop(key, None)
            self._recent[key] = foul
            while len(self._recent) > self.fouls:
                del self._recent[next(iter(self._recent))]

    def compose(self, task: Task[Any], selection: Selection, seed: str) -> Prompt:
        text = _TEMPLATES.get_template("improve.md").render(
            parent=self._program(selection.parent),
            inspirations=[self._program(trial) for trial in selection.inspirations[: self.inspirations]],
            fouls=quote("\n".join(f"{foul.kind}: {_one_line(foul.reason)}" for foul in reversed(self._recent.values())))
            if self._recent
            else "",
        )
        return Prompt(self._system(task).strip() + "\n", text.strip() + "\n", selection, seed)

    def _system(self, task: Task[Any]) -> str:
        own_total = type(task).total is not Task.total
        return _TEMPLATES.get_template("improve_system.md").render(
            statement=statement(task),
            interface=quote(task.interface, "python") if task.interface else "",
            kit=quote(task.kit, "python") if task.kit else "",
            total="The task sums them up in its own way." if own_total else "What counts is their mean.",
            bound=None if task.bound is None else f"{task.bound:.6g}",
            guards=", ".join(map(str, task.guards)),
            seconds=task.seconds,
            memory_mb=task.memory_mb,
            modules=", ".join(f"`{name}`" for name in (*OFFERED, *task.packages) if name.rpartition(".")[0] not in OFFERED),
            hints=task.hints,
        )

    def _program(self, trial: Trial) -> dict[str, Any]:
        """What a template may say of a trial: of train alone."""
        verdicts = sorted(trial.evaluation.verdicts("train").items(), key=lambda pair: pair[1].score)
        lines = []
        for name, verdict in verdicts[: self.workloads]:
            lines.append(f"{_one_line(name)}: score {_number(verdict.score)}")
            lines += [f"    {line}" for line in clean(verdict.feedback, 800).splitlines()]
        if lines and len(verdicts) > self.workloads:
            lines.append(f"({len(verdicts) - self.workloads} more workloads did better)")
        return {
            "number": trial.number,
            "score": _number(trial.score) if trial.score is not None else "unknown",
            "program": quote(trial.candidate.source, "python"),
            "has_block": "EVOLVE-BLOCK-START" in trial.candidate.source,
            "workloads": quote("\n".join(lines)) if lines else "",
            "metrics": ", ".join(f"{_one_line(name)} {_number(value)}" for name, value in trial.evaluation.metrics.items()),
        }


def statement(task: Task[Any]) -> str:
    """The task's docstring without the part that explains its options to people."""
    return re.split(r"\n+(?:Args|Raises):\n", inspect.cleandoc(type(task).__doc__ or ""))[0]


def foul_on_train(trial: Trial) -> Foul | None:
    """The trial's foul, unless it is one that only held-out workloads can know of."""
    for outcome in trial.evaluation.outcomes:
        if isinstance(outcome.result, Foul) and outcome.split == "train":
            return outcome.result
    if any(outcome.split != "train" for outcome in trial.evaluation.outcomes):
        return None
    return trial.evaluation.foul or trial.candidate.foul


def quote(text: str, language: str = "") -> str:
    """`text` in a fence that nothing in it can close, without control, bidirectional and zero-width characters."""
    kept = "".join(character for character in text if character.isprintable() or character in "\n\t").strip("\n")
    marks = fence(kept)
    return f"{marks}{language}\n{kept}\n{marks}"


def _one_line(text: str) -> str:
    return " ".join(clean(text, 300).split())


def _number(value: float) -> str:
    return f"{value:.4f}" if abs(value) < 1000 else f"{value:.1f}"
