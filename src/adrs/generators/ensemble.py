"""ensemble: several generators by weight: eight of ten questions to a fast model, two to one that reasons."""

from __future__ import annotations

import random
import re
from typing import Any

from adrs import catalog
from adrs.core.failure import Refusal
from adrs.core.parts import Prompt, SolutionGenerator
from adrs.core.task import Task
from adrs.core.trial import Candidate, Trial

_MEMBER = re.compile(r"\s*([0-9]*\.?[0-9]+)\s+(\S.*)")


class Ensemble(SolutionGenerator):
    """Asks one of its members, drawn by weight from the question's seed. Every candidate names its real author.

    Made by several generators with weights, `--generator "0.8 model:name=A" --generator "0.2 model:name=B"`, or by --fast and
    --reasoning.

    Args:
        task: for the members.
        mix: "WEIGHT GENERATOR" each.
    """

    def __init__(self, task: Task[Any], *, mix: tuple[str, ...] = ()) -> None:
        self.members: list[SolutionGenerator] = []
        self.weights: list[float] = []
        for entry in mix:
            found = _MEMBER.fullmatch(entry)
            if found is None or not float(found[1]) > 0:
                raise Refusal(
                    f'generator ensemble: {entry!r} is no member: write "0.8 model:name=openai:gpt-5", a weight first'
                )
            self.weights.append(float(found[1]))
            self.members.append(catalog.make_part("generator", found[2], task))
        if self.members:
            self.format = self.members[0].format

    def tell(self, trial: Trial) -> None:
        for member in self.members:
            member.tell(trial)

    def propose(self, prompt: Prompt) -> Candidate:
        if not self.members:
            raise Refusal("generator ensemble has no members: give --generator several times, each with a weight first")
        return random.Random(f"{prompt.seed}:member").choices(self.members, self.weights)[0].propose(prompt)
