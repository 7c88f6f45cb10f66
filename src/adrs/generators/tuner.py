"""tuner: changes only the numbers of a program, to show what constants alone can give. The structure stays as it is.

The literals of the parent's evolve block are a vector on a logarithmic scale. With `optuna` (the extra `tune`) the next vector
comes from a multivariate tree-structured Parzen estimator (Bergstra et al. 2011; Falkner et al. 2018), else one literal moves
by a log-normal step. The tuner knows nothing but the trials told, so a new one that is told the same proposes the same.
"""

from __future__ import annotations

import importlib.util
import random
import threading
import zlib
from typing import Any, Literal

from adrs.core.failure import Exhausted
from adrs.core.parts import Prompt, SolutionGenerator
from adrs.core.task import Task
from adrs.core.trial import Candidate, Trial
from adrs.mutation import Mutator, significant

REACH = 10.0
"""A literal may become this many times larger or smaller than where it started."""
DRAWS = 8


class Tuner(SolutionGenerator):
    """Proposes the parent with other literals.

    Args:
        task: whose evolve block is tuned.
        method: "tpe" needs optuna; "auto" takes it where it is installed, else "jitter".
    """

    model_free = True

    def __init__(self, task: Task[Any], *, method: Literal["auto", "tpe", "jitter"] = "auto") -> None:
        self.mutator = Mutator(task)
        available = importlib.util.find_spec("optuna") is not None
        self.method = ("tpe" if available else "jitter") if method == "auto" else method
        self._told: dict[Any, list[Trial]] = {}
        self._seen: set[str] = set()  # asked for membership only, never iterated
        self._lock = threading.Lock()

    def tell(self, trial: Trial) -> None:
        with self._lock:
            self._seen.add(trial.candidate.source)
            if trial.candidate.foul is None and (shape := self.mutator.shape(trial.candidate.source)) is not None:
                self._told.setdefault(shape, []).append(trial)

    def propose(self, prompt: Prompt) -> Candidate:
        parent = prompt.selection.parent
        source = parent.candidate.source
        with self._lock:
            told = list(self._told.get(self.mutator.shape(source), ()))
            seen = frozenset(self._seen)
        old = self.mutator.literals(source)
        if not old:
            raise Exhausted("the evolve block has no number that could be tuned")
        start = self.mutator.literals(told[0].candidate.source) if told else old
        for draw in range(DRAWS):
            seed = f"{prompt.seed}:{draw}"
            new = self._tpe(start, told, seed) if self.method == "tpe" else self._jitter(old, seed, bold=draw >= DRAWS // 2)
            tuned = self.mutator.filled(source, new)
            if tuned not in seen:
                break
        note = ", ".join(f"{before:g} -> {after:g}" for before, after in zip(old, new, strict=True) if before != after)
        return Candidate(
            tuned,
            (parent.number,),
            prompt.selection.niche,
            author="tuner",
            note=note or "the same numbers",
            operators=(self.method,),
        )

    def _tpe(self, start: list[float], told: list[Trial], seed: str) -> list[float]:
        """The next vector by optuna, from a new study that is told all trials again."""
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        spaces: dict[str, optuna.distributions.BaseDistribution] = {
            f"x{place}": optuna.distributions.FloatDistribution(abs(value) / REACH, abs(value) * REACH, log=True)
            for place, value in enumerate(start)
        }
        sampler = optuna.samplers.TPESampler(multivariate=True, seed=zlib.crc32(seed.encode()))
        study = optuna.create_study(direction="maximize", sampler=sampler)
        for trial in told:
            values = self.mutator.literals(trial.candidate.source)
            parameters = {
                f"x{place}": min(max(abs(value), abs(first) / REACH), abs(first) * REACH)
                for place, (value, first) in enumerate(zip(values, start, strict=True))
            }
            study.add_trial(_record(optuna, trial, parameters, spaces))
        asked = study.ask(spaces).params
        return [significant(asked[f"x{place}"]) * (1 if value > 0 else -1) for place, value in enumerate(start)]

    def _jitter(self, old: list[float], seed: str, bold: bool) -> list[float]:
        """Move one literal by a log-normal step, as the operator `const` does; a small int by one unless `bold`."""
        rng = random.Random(seed)
        place = rng.randrange(len(old))
        new = list(old)
        new[place] = self.mutator.moved(float(old[place]) if bold else old[place], rng)
        return new


def _record(optuna: Any, trial: Trial, parameters: dict[str, float], spaces: dict[str, Any]) -> Any:
    """A past trial as optuna's: complete, pruned with its partial score, or pruned without a score for a foul."""
    states = optuna.trial.TrialState
    evaluation = trial.evaluation
    if evaluation.complete:
        return optuna.trial.create_trial(params=parameters, distributions=spaces, value=evaluation.score)
    partial = {} if evaluation.partial is None else {len(evaluation.outcomes): evaluation.partial}
    return optuna.trial.create_trial(state=states.PRUNED, params=parameters, distributions=spaces, intermediate_values=partial)
