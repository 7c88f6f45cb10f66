"""spot_task: what the tasks of Can't Be Late have in common: options, the games of a stage in one lock-step, and summaries."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Literal, Protocol, TypeVar

import numpy as np

from adrs.core.failure import Foul
from adrs.core.task import Crew, Player, Task, Term, Verdict, Workload
from adrs.tasks.cache import digest
from adrs.tasks.options import checked_seeds
from adrs.tasks.scale import share
from adrs.tasks.spot.rules import CODE, NAMES, WORK_S, Codes, Floats, Rules
from adrs.tasks.spot.score import leaderboard_score
from adrs.tasks.spot.simulator import Moment, Results
from adrs.tasks.spot.windows import Span, pack


class AnyGame(Protocol):
    """A game with a deadline and a restart overhead, both in hours."""

    @property
    def deadline_h(self) -> float: ...
    @property
    def restart_h(self) -> float: ...


Window = TypeVar("Window", bound=Span)


class SpotTask(Task[Window]):
    """A spot market: windows of games, each played by an instance of `Policy`, all of a stage stepped together."""

    together = True
    bound = 1.0
    vocabulary_terms: ClassVar[tuple[Term, ...]]
    vocabulary_results: ClassVar[tuple[str, ...]]
    means: ClassVar[tuple[str, ...]]
    """Metrics of a workload that are means over its games."""
    weight: ClassVar[str]
    """The metric that says how much a workload counts in the means of a split."""

    def __init__(
        self,
        *,
        data: Literal["synthetic", "real"] = "synthetic",
        rules: Rules = "clean",
        data_seed: int = 0,
        held_out_seed: int | None = None,
        vocabulary: bool = False,
    ) -> None:
        self.data = data
        self.rules: Rules = rules
        self.data_seed, self.held_out_seed = checked_seeds(data_seed, held_out_seed)
        self.published_test = data == "real"
        self.vocabulary = vocabulary
        if vocabulary:
            self.terms, self.results = self.vocabulary_terms, self.vocabulary_results
        self._references: dict[str, Floats] = {}

    def job(self, game: Any, workload: str) -> dict[str, Any]:
        """What an instance learns about its game, but not where and when it takes place (the player hashes the seed)."""
        return {
            "seed": f"{workload}:{game}",
            "work_s": WORK_S,
            "deadline_s": game.deadline_h * 3600.0,
            "restart_s": game.restart_h * 3600.0,
            **self.market(game),
        }

    @abstractmethod
    def market(self, game: Any) -> dict[str, Any]:
        """What an instance learns about its market: "tick_s" in seconds, prices in dollars an hour, and the like."""

    @abstractmethod
    def played(self, crew: Crew, windows: Sequence[Window]) -> Any:
        """The results of all games of some windows, one after the other.

        Raises:
            Foul: the first broken rule.
        """

    @abstractmethod
    def references(self, window: Window) -> Floats:
        """(2, games) dollars of the clairvoyant optimum and of the state of the art."""

    @abstractmethod
    def verdict(self, window: Window, results: Any, games: slice) -> Verdict:
        """The verdict on a window; `games` are its own among the results."""

    def known(self, window: Window) -> Floats:
        """`references`, computed once a window."""
        if window.digest not in self._references:
            self._references[window.digest] = self.references(window)
        return self._references[window.digest]

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

    def summary(self, verdicts: Sequence[Verdict]) -> dict[str, float]:
        """Means over the games of a split by their weights, not over its workloads, and what follows from them."""

        def total(name: str, *factors: str) -> float:
            return math.fsum(math.prod(float(verdict.metrics[each]) for each in (name, *factors)) for verdict in verdicts)

        whole = total(self.weight)
        means = {name: total(name, self.weight) / whole for name in self.means}
        return {
            **means,
            "leaderboard_score": leaderboard_score(means["cost"]),
            "gap_closed": share(means[f"cost_{self.state_of_the_art}"], means["cost"], means["cost_optimum"]),
            "late": total("late"),
            "games": total("games"),
        }


def observed(moment: Moment, **place: object) -> dict[str, Any]:
    """Columns of observations that every market shows; `place` is where the job stands, if that is part of the game."""
    return {
        "tick": moment.tick,
        "elapsed_s": moment.elapsed_s,
        "done_s": moment.done_s,
        "pending_s": moment.pending_s if moment.pending_s.any() else 0.0,
        **place,
        "last": NAMES[moment.last].tolist(),
        "current": NAMES[moment.current].tolist(),
    }


def codes(kinds: Sequence[str]) -> Codes:
    """Action codes of the words that a candidate answered."""
    return np.fromiter(map(CODE.__getitem__, kinds), np.int8, len(kinds))


def on_time(games: Sequence[AnyGame], results: Results) -> None:
    """Check that no game is late; the guard keeps every deadline, so a candidate that is late has evaded it.

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
