"""examination: plays every split, including the test split. Only verification creates one; a search cannot reach it."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future

from adrs.core.task import SPLITS, Split
from adrs.core.trial import Evaluation
from adrs.evaluator.games import Games, without_task_errors
from adrs.evaluator.referee import Game, Played, examine
from adrs.sandbox import Watch


class Examination(Games):
    """Games that include the test workloads; no other object can play them."""

    splits = SPLITS

    def _submit(self, game: Game) -> Future[Played]:
        return self.executor.submit(examine, game)

    def measure(self, source: str, splits: Sequence[Split], watch: Watch = "few") -> Evaluation:
        """As `Games.measure`.

        Raises:
            Refusal: the task's own code fails.
        """
        return without_task_errors(super().measure(source, splits, watch))
