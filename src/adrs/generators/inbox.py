"""inbox: users or their programs write every candidate, with `adrs ask` and `adrs tell`."""

from __future__ import annotations

from adrs.core.failure import Exhausted
from adrs.core.parts import Prompt, SolutionGenerator
from adrs.core.resources import Resources
from adrs.core.trial import Candidate

POLL_SECONDS = 0.5
"""Seconds between checks for a submitted program."""


class Inbox(SolutionGenerator):
    """Waits for programs that users submit with `adrs tell RUN FILE`. Other generators also use submitted programs first."""

    def __init__(self) -> None:
        self._resources = Resources()

    def attach(self, resources: Resources) -> None:
        self._resources = resources

    def propose(self, prompt: Prompt) -> Candidate:
        """The next submitted program.

        Raises:
            Exhausted: the run was asked to stop.
        """
        while (submitted := self._resources.submitted(prompt.selection)) is None:
            if self._resources.halt.wait(POLL_SECONDS):
                raise Exhausted("the run was asked to stop")
        return submitted
