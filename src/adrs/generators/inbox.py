"""inbox: nobody but people, or programs of theirs, writes the next candidate: `adrs ask` and `adrs tell`."""

from __future__ import annotations

from adrs.core.failure import Refusal
from adrs.core.parts import Prompt, SolutionGenerator
from adrs.core.trial import Candidate


class Inbox(SolutionGenerator):
    """Waits for programs that are handed in with `adrs tell RUN FILE`. Other generators take such programs first as well."""

    def propose(self, prompt: Prompt) -> Candidate:
        """Never asked in a run, which looks into the store before.

        Raises:
            Refusal: there is no run whose store could hold programs.
        """
        del prompt
        raise Refusal("generator inbox has no store to look into: use it with `adrs run`")
