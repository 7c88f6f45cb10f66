"""ensemble: several generators with weights, such as 80 % of the questions to a fast model and 20 % to a reasoning model."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from typing import Any

from adrs import catalog
from adrs.core.failure import Refusal
from adrs.core.parts import Estimate, Prompt, SolutionGenerator
from adrs.core.resources import Resources
from adrs.core.task import Task
from adrs.core.trial import Call, Candidate, Trial

_MEMBER = re.compile(r"\s*([0-9]*\.?[0-9]+)\s+(\S.*)")


class Ensemble(SolutionGenerator):
    """Asks one of its members, drawn by weight from the question's seed. Every candidate names the member that wrote it.

    Created by `--generator "0.8 model:name=A" --generator "0.2 model:name=B"`, or by --fast and --reasoning.

    Args:
        task: passed to the members.
        mix: one "WEIGHT GENERATOR" for each member.
    """

    def __init__(self, task: Task[Any], *, mix: tuple[str, ...] = ()) -> None:
        self.members: list[SolutionGenerator] = []
        self.weights: list[float] = []
        for entry in mix:
            found = _MEMBER.fullmatch(entry)
            if found is None or not float(found[1]) > 0:
                raise Refusal(
                    f'generator ensemble: {entry!r} is not a member: write a weight first, "0.8 model:name=openai:gpt-5"'
                )
            self.weights.append(float(found[1]))
            self.members.append(catalog.make_part("generator", found[2], task))
        if self.members:
            self.format = self.members[0].format
        self.spends = any(member.spends for member in self.members)
        self.model_free = bool(self.members) and all(member.model_free for member in self.members)
        self.wants_tries = any(member.wants_tries for member in self.members)

    def attach(self, resources: Resources) -> None:
        if not self.members:
            raise Refusal("generator ensemble has no members: give --generator several times, each beginning with a weight")
        for member in self.members:
            member.attach(resources)

    def estimate(self, prompt: Prompt) -> list[Estimate]:
        shares = [weight / sum(self.weights) for weight in self.weights]
        return [
            replace(each, share=each.share * share)
            for member, share in zip(self.members, shares, strict=True)
            for each in member.estimate(prompt)
        ]

    def unclaimed_calls(self) -> list[Call]:
        return [call for member in self.members for call in member.unclaimed_calls()]

    def tell(self, trial: Trial) -> None:
        for member in self.members:
            member.tell(trial)

    def propose(self, prompt: Prompt) -> Candidate:
        return random.Random(f"{prompt.seed}:member").choices(self.members, self.weights)[0].propose(prompt)
