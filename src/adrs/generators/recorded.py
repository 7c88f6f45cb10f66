"""recorded: the replies of an earlier run in their order, instead of anybody who could write: no key, no cost, no surprise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adrs.core.failure import Exhausted, Foul, Refusal
from adrs.core.parts import Prompt, SolutionGenerator
from adrs.core.trial import Call, Candidate, Trial
from adrs.llm import program_of


class Recorded(SolutionGenerator):
    """Gives again what another run of the same store got: question k gets what became of trial k.

    A reply is turned into a program anew, against the parent that it was written for. With the recorded run's selector and
    seed and width 1 the same trials follow; where the task was changed, one sees what the same replies are worth there.

    Args:
        run: the name of the recorded run.
    """

    def __init__(self, *, run: str = "") -> None:
        self.run = run
        self._trials: Sequence[Trial] = ()
        self._calls: Mapping[int, Sequence[Call]] = {}
        self._told: dict[int, str] = {}

    def hear(self, trials: Sequence[Trial], calls: Mapping[int, Sequence[Call]]) -> None:
        """Take the recording.

        Args:
            trials: all of a run, in order.
            calls: trial -> the requests behind it.
        """
        self._trials, self._calls = trials, calls

    def seeds(self) -> list[Candidate]:
        """The programs that the recorded run started from."""
        return [trial.candidate for trial in self._trials if trial.candidate.phase == "seed"]

    def tell(self, trial: Trial) -> None:
        self._told[trial.number] = trial.candidate.source

    def propose(self, prompt: Prompt) -> Candidate:
        """What the recorded run got for this question.

        Raises:
            Exhausted: it had no such question.
            Refusal: there is no recording.
        """
        if not self._trials:
            raise Refusal("generator recorded needs a run to repeat: --generator recorded:run=NAME, from the same store")
        number = int(prompt.seed.rpartition(":")[2])
        if number >= len(self._trials) or self._trials[number].candidate.phase != "search":
            raise Exhausted(f"run {self.run} has no more replies")
        made = self.again(number)
        numbers = self._here(made.parents) or (prompt.selection.parent.number,)
        return Candidate(made.source, numbers, prompt.selection.niche, made.author, made.note, foul=made.foul)

    def _here(self, parents: Sequence[int]) -> tuple[int, ...]:
        """The trials of this run that hold the programs of recorded ones, those of the same number where they do."""
        found = []
        for parent in parents:
            source = self._trials[parent].candidate.source
            same = [parent] if self._told.get(parent) == source else [n for n, told in self._told.items() if told == source]
            found += same[:1]
        return tuple(found)

    def again(self, number: int) -> Candidate:
        """The candidate of a recorded trial, its program made anew from the reply where there is one."""
        stored = self._trials[number].candidate
        last = next(reversed(self._calls.get(number, ())), None)
        whole = last is not None and last.purpose == "propose" and not last.error and last.finish != "lost"
        if last is None or not whole or not stored.parents:
            return stored
        parent = self._trials[stored.parents[0]].candidate.source
        source, foul, note = "", None, stored.note
        try:
            source = program_of(last.reply, parent, cut_off=last.finish == "length")
        except Foul as found:
            foul, note = found, found.reason
        return Candidate(source, stored.parents, stored.niche, stored.author, note, stored.phase, stored.spend, foul)
