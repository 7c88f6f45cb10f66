"""examination: plays every split, the test split included. Only verification makes one; a search has no way to it."""

from __future__ import annotations

from concurrent.futures import Future

from adrs.core.task import SPLITS
from adrs.evaluator.games import Games
from adrs.evaluator.referee import Game, Played, examine


class Examination(Games):
    """Games that also hold the test workloads: the only object that can play them."""

    splits = SPLITS

    def _submit(self, game: Game) -> Future[Played]:
        return self.executor.submit(examine, game)
