"""crews: all games of a stage in one lock-step, whatever spot market they are played on; who shares a process, who was late."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

import numpy as np

from adrs.core.failure import Foul
from adrs.core.task import Crew, Player, Task, Verdict, Workload
from adrs.tasks.bounds import digest
from adrs.tasks.spot_single_region.simulator import WORK_S, Bools, Ints
from adrs.tasks.spot_single_region.windows import Span, pack


class AnyGame(Protocol):
    """A game with a deadline and a restart overhead, both in hours."""

    @property
    def deadline_h(self) -> float: ...
    @property
    def restart_h(self) -> float: ...


class Finished(Protocol):
    """Where games ended: whether late, at which tick (both of shape (games,)), and how many seconds a tick has."""

    @property
    def late(self) -> Bools: ...
    @property
    def finish(self) -> Ints: ...
    @property
    def tick_s(self) -> float: ...


Window = TypeVar("Window", bound=Span)


class SpotTask(Task[Window]):
    """A spot market: windows of games, each played by an instance of `Policy`, all of a stage stepped together."""

    together = True

    def job(self, game: Any, workload: str) -> dict[str, Any]:
        """What an instance learns of its game; where and when it takes place is not in it (the seed is hashed on its way)."""
        return {
            "seed": f"{workload}:{game}",
            "work_s": WORK_S,
            "deadline_s": game.deadline_h * 3600.0,
            "restart_s": game.restart_h * 3600.0,
            **self.market(game),
        }

    @abstractmethod
    def market(self, game: Any) -> dict[str, Any]:
        """What it learns of its market: "tick_s" in seconds, prices in dollars an hour, and what there is besides."""

    @abstractmethod
    def played(self, crew: Crew, windows: Sequence[Window]) -> Any:
        """The results of all games of some windows, one after the other.

        Raises:
            Foul: the first broken rule.
        """

    @abstractmethod
    def verdict(self, window: Window, results: Any, games: slice) -> Verdict:
        """What a window's games came to; `games` are its own among the results."""

    def fingerprint(self) -> str:
        return digest(*(part for w in self.workloads() for part in (w.name, w.split, w.data.digest)))

    def judge(self, player: Player, workload: Workload[Window]) -> Verdict:
        return self.judge_together(player, [workload])[0]

    def judge_together(self, player: Player, workloads: Sequence[Workload[Window]]) -> list[Verdict]:
        labels = pack([workload.data for workload in workloads])
        order = sorted(range(len(workloads)), key=lambda position: labels[position])  # a process's games lie side by side
        windows = [workloads[position].data for position in order]
        jobs = [self.job(game, workloads[position].name) for position in order for game in workloads[position].data.games]
        apart = [labels[position] for position in order for _ in workloads[position].data.games]
        results = self.played(player.crew("Policy", jobs, apart=apart), windows)
        ends = np.cumsum([len(window.games) for window in windows]).tolist()
        slices = [slice(end - len(window.games), end) for window, end in zip(windows, ends, strict=True)]
        verdicts = {at: self.verdict(workloads[at].data, results, part) for at, part in zip(order, slices, strict=True)}
        return [verdicts[position] for position in range(len(workloads))]


def on_time(games: Sequence[AnyGame], results: Finished) -> None:
    """The guard keeps every deadline; whoever got round it has no score.

    Raises:
        Foul: `illegal_answer`, for the first late game.
    """
    for position in np.flatnonzero(results.late):
        game = games[int(position)]
        raise Foul(
            "illegal_answer",
            f"a job with a deadline of {game.deadline_h:g} h and a restart overhead of {game.restart_h:g} h was done after "
            f"{results.finish[position] * results.tick_s / 3600:.2f} h: too late",
            (int(position),),
        )
