"""examination: plays every split, including the test split. Only verification creates one; a search cannot reach it."""

from __future__ import annotations

from concurrent.futures import Future

from adrs.core.task import SPLITS
from adrs.evaluator.games import Games
from adrs.evaluator.referee import Game, Played, examine


class Examination(Games):
    """Games that include the test workloads; no other object can play them."""

    splits = SPLITS

    def _submit(self, game: Game) -> Future[Played]:
        return self.executor.submit(examine, game)
