"""parts: contracts for selectors, prompt generators and solution generators. Derive a test class and say how yours is made.

    from adrs.testing.parts import SelectorContract

    class TestMine(SelectorContract):
        def make(self, task):
            return Mine(depth=3)

pytest then runs every test of the contract on it. How good a part is, no contract says.
"""

from __future__ import annotations

import inspect
import random
from abc import abstractmethod
from collections.abc import Iterable
from typing import Any

from adrs.catalog import load_task
from adrs.core.failure import Exhausted, Foul
from adrs.core.parts import Part, Prompt, PromptGenerator, SolutionGenerator, SolutionSelector
from adrs.core.selection import Selection
from adrs.core.task import Task, Verdict
from adrs.core.trial import Candidate, Evaluation, Outcome, Phase, Trial

HELD_OUT = ("held-out", "0.777777", "0.123456", "0.654321")
"""What the trials of `story` hold from validation and test workloads; none of it may reach a prompt."""


def legal(number: int, score: float, phase: Phase = "search", niche: str = "") -> Trial:
    """A complete trial with feedback, and with held-out results beside it."""
    outcomes = (
        Outcome("a", "train", Verdict(score + 0.1, {}, "feedback on a")),
        Outcome("b", "train", Verdict(score - 0.1)),
        Outcome("held-out", "validation", Verdict(0.123456, {}, "held-out feedback")),
        Outcome("held-out", "test", Verdict(0.654321, {}, "held-out feedback")),
    )
    evaluation = Evaluation(score=score, validation=0.777777, outcomes=outcomes)
    return Trial(number, Candidate(f"x = {number % 7}\n" + "y = 1\n" * (number % 3), (0,), niche, phase=phase), evaluation)


def foul(number: int) -> Trial:
    """A trial whose program crashed."""
    return Trial(number, Candidate("x = 1 / 0\n"), Evaluation(foul=Foul("crash", f"attempt {number}")))


def unusable(number: int) -> Trial:
    """A trial whose reply held no program."""
    reason = Foul("interface", "no program in the reply")
    return Trial(number, Candidate("", foul=reason), Evaluation(foul=reason))


def stopped(number: int) -> Trial:
    """A trial that was stopped early."""
    return Trial(number, Candidate("z = 1\n"), Evaluation(partial=99.0, stopped="smoke"))


def story(length: int = 120) -> list[Trial]:
    """A run in which everything happens, negative scores and a shortened champion included."""
    rng = random.Random(7)
    trials = [legal(0, -1.0, "seed"), legal(1, -2.0, "seed")]
    for number in range(2, length):
        made = rng.choice([None, None, None, foul, unusable, stopped])
        trials.append(made(number) if made else legal(number, rng.uniform(-3, 1), niche=str(rng.randrange(6))))
    return [*trials, legal(length, 9.0, "shrink")]


def _numbers(selection: Selection) -> tuple[int, list[int], str]:
    return selection.parent.number, [trial.number for trial in selection.inspirations], selection.niche


class PartContract:
    """What all parts keep to."""

    def task(self) -> Task[Any]:
        """The task that parts are made for. Override it for a part that serves one task only."""
        return load_task("spot_single_region")

    @abstractmethod
    def make(self, task: Task[Any]) -> Part:
        """A fresh part."""

    def test_only_the_task_is_positional(self) -> None:
        cls = type(self.make(self.task()))
        parameters = inspect.signature(cls).parameters.values()
        positional = [each.name for each in parameters if each.kind is not inspect.Parameter.KEYWORD_ONLY]
        assert positional in ([], ["task"]), (
            f"{cls.__name__}() takes {positional} by position: only `task` may stand there; put `*` before the options"
        )

    def test_options_have_defaults(self) -> None:
        cls = type(self.make(self.task()))
        for option in self._options(cls):
            assert option.default is not inspect.Parameter.empty, (
                f"{cls.__name__}(): the option {option.name} has no default: give it one, so that the name alone is enough"
            )

    def test_the_docstring_explains_the_part_and_its_options(self) -> None:
        cls = type(self.make(self.task()))
        text = inspect.cleandoc(cls.__doc__ or "")
        first = text.split("\n\n")[0]
        assert first, f"{cls.__name__} has no docstring: its first paragraph is what `adrs parts` shows"
        assert len(first) <= 128, (
            f"{cls.__name__}: the first paragraph of the docstring has {len(first)} characters; lists show 128"
        )
        for option in self._options(cls):
            assert f"{option.name}:" in text or f"{option.name}," in text, (
                f"{cls.__name__}: the docstring does not explain the option {option.name}: add `{option.name}: …` under Args"
            )

    def test_every_kind_of_trial_can_be_told(self) -> None:
        part = self.make(self.task())
        for trial in story():
            assert part.tell(trial) is None, "tell() returned something: return nothing, nobody reads it"  # type: ignore[func-returns-value]

    @staticmethod
    def _options(made: type) -> list[inspect.Parameter]:
        parameters = inspect.signature(made).parameters.values()
        return [each for each in parameters if each.kind is inspect.Parameter.KEYWORD_ONLY]


class SelectorContract(PartContract):
    """What a selector keeps to: its selections follow from the trials told and from `rng`, and from nothing else."""

    breeds_shortened = False
    """True for a selector that offers shortened champions as parents on purpose."""

    @abstractmethod
    def make(self, task: Task[Any]) -> SolutionSelector:
        """A fresh selector."""

    def _told(self, trials: Iterable[Trial]) -> SolutionSelector:
        selector = self.make(self.task())
        for trial in trials:
            selector.tell(trial)
        return selector

    def test_ask_changes_nothing(self) -> None:
        selector, seeds = self._told(story()), list(range(20))
        first = [_numbers(selector.ask(random.Random(seed))) for seed in seeds]
        again = [_numbers(selector.ask(random.Random(seed))) for seed in reversed(seeds)]
        assert again == first[::-1], (
            "the same random numbers gave another selection the second time: let ask() change nothing in the selector, "
            "and take all randomness from `rng`"
        )

    def test_a_resumed_run_asks_the_same(self) -> None:
        """A resumed run tells all trials again; questions asked in between must have left no trace."""
        first = self.make(self.task())
        for trial in story():
            first.tell(trial)
            first.ask(random.Random(trial.number))
        again = self._told(story())
        for seed in range(20):
            assert _numbers(first.ask(random.Random(seed))) == _numbers(again.ask(random.Random(seed))), (
                "a selector that was asked in between selects differently from one that was only told: keep no state that "
                "ask() changes, and learn in tell() alone"
            )

    def test_only_legal_trials_that_were_told_are_offered(self) -> None:
        selector = self.make(self.task())
        for trial in story():
            selector.tell(trial)
            selection = selector.ask(random.Random(trial.number))
            offered = (selection.parent, *selection.inspirations)
            for shown in offered:
                assert shown.number <= trial.number, (
                    f"ask() returned trial {shown.number}, which was never told: return one of the trials passed to tell()"
                )
                assert shown.breeds, (
                    f"ask() returned trial {shown.number}, which has no complete evaluation: offer only trials whose "
                    "`breeds` is true"
                )
            assert selection.parent not in selection.inspirations, (
                "ask() returned its parent as an inspiration too: leave it out"
            )
            assert len({shown.number for shown in offered}) == len(offered), (
                "ask() returned an inspiration twice: offer each trial once"
            )

    def test_a_shortened_champion_is_not_offered_when_a_search_goes_on(self) -> None:
        selector = self._told(story())
        for seed in range(0 if self.breeds_shortened else 60):
            selection = selector.ask(random.Random(seed))
            for shown in (selection.parent, *selection.inspirations):
                assert shown.candidate.phase != "shrink", (
                    f"ask() returned trial {shown.number} of the phase `shrink`: ignore such trials in tell(), or set "
                    "`breeds_shortened = True` where that is the purpose"
                )

    def test_a_start_program_and_fouls_are_enough_to_go_on(self) -> None:
        bad = [kind(number) for number in range(1, 40) for kind in (foul, unusable, stopped)]
        selection = self._told([legal(0, -5.0, "seed"), *bad]).ask(random.Random(1))
        assert (selection.parent.number, selection.inspirations) == (0, ()), (
            "only trial 0 is legal, and ask() did not return it alone: a search must go on from its start program"
        )


class PromptsContract(PartContract):
    """What a prompt generator keeps to: a prompt follows from the trials told, the selection and the seed."""

    @abstractmethod
    def make(self, task: Task[Any]) -> PromptGenerator:
        """A fresh prompt generator."""

    def test_a_prompt_follows_from_what_was_told(self) -> None:
        task = self.task()
        first, second = self.make(task), self.make(task)
        selection = Selection(legal(5, 0.5), (legal(6, 0.4),), "2")
        for trial in story():
            first.tell(trial)
            second.tell(trial)
            first.compose(task, selection, "0:9")
        prompt = first.compose(task, selection, "0:9")
        assert prompt == second.compose(task, selection, "0:9"), (
            "two prompt generators that were told the same composed different prompts: take all randomness from `seed`, and "
            "let compose() change nothing"
        )
        assert prompt.selection is selection, "the prompt holds another selection: pass on the one that compose() was given"
        assert prompt.seed == "0:9", "the prompt holds another seed: pass on the one that compose() was given"
        assert prompt.text.strip(), "the prompt's text is empty: say what the generator is to do"

    def test_nothing_held_out_is_said(self) -> None:
        task = self.task()
        prompts = self.make(task)
        for trial in story():
            prompts.tell(trial)
        prompt = prompts.compose(task, Selection(legal(5, 0.5), (legal(6, 0.4),)), "0:9")
        for secret in HELD_OUT:
            assert secret not in prompt.system + prompt.text, (
                f"the prompt holds {secret!r}, which comes from a validation or test workload: use results of "
                "the split `train` alone"
            )


class GeneratorContract(PartContract):
    """What a solution generator keeps to: it proposes candidates that say what they were made from.

    One that needs more than its constructor (a client, a folder) gets it in `make`.
    """

    repeats = True
    """False where the same prompt may bring another program, as from a model."""

    @abstractmethod
    def make(self, task: Task[Any]) -> SolutionGenerator:
        """A fresh generator."""

    def prompt(self, task: Task[Any], seed: str) -> Prompt:
        """A question about the task's start program, with one legal program to look at."""
        outcomes = (Outcome("a", "train", Verdict(0.5)),)
        source = task.offline_seed or task.seed
        parent = Trial(0, Candidate(source, author="seed", phase="seed"), Evaluation(score=0.5, outcomes=outcomes))
        other = Trial(1, Candidate(f"{source}\n# another\n", (0,), author="other"), Evaluation(score=0.4, outcomes=outcomes))
        return Prompt("Improve the program.", f"```python\n{source}\n```", Selection(parent, (other,), "2"), seed)

    def _proposals(self, count: int = 5) -> list[Candidate]:
        task = self.task()
        generator = self.make(task)
        prompts = [self.prompt(task, f"0:{number}") for number in range(count)]
        for trial in (prompts[0].selection.parent, *prompts[0].selection.inspirations):
            generator.tell(trial)
        found = []
        for prompt in prompts:
            try:
                found.append(generator.propose(prompt))
            except Exhausted:
                break
        return found

    def test_a_proposal_is_a_program_or_a_foul(self) -> None:
        proposals = self._proposals()
        assert proposals, "propose() raised Exhausted at the first question: propose something for a task's start program"
        for made in proposals:
            assert isinstance(made, Candidate), f"propose() returned a {type(made).__name__}: return a Candidate"
            assert made.source.strip() or made.foul is not None, (
                "propose() returned a candidate without a program: give it a `foul` that says why there is none"
            )

    def test_a_proposal_says_who_made_it_from_what(self) -> None:
        for made in self._proposals():
            assert made.author, "the candidate names no author: set `author` to the generator's name"
            assert set(made.parents) <= {0, 1}, (
                f"the candidate's parents are {made.parents}: name trials of the prompt's selection, the parent first"
            )
            assert made.parents[:1] == (0,), f"the candidate's parents are {made.parents}: name the selection's parent first"
            assert made.niche == "2", f"the candidate's niche is {made.niche!r}: pass on `prompt.selection.niche`"
            assert made.phase in ("search", "shrink"), (
                f"the candidate's phase is {made.phase!r}: only start programs are of the phase `seed`"
            )

    def test_the_same_question_brings_the_same_program(self) -> None:
        if self.repeats:
            assert [made.source for made in self._proposals()] == [made.source for made in self._proposals()], (
                "two generators that were told the same proposed different programs: take all randomness from `prompt.seed`, "
                "or set `repeats = False` where that cannot be"
            )
