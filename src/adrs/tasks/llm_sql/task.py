"""task: reordering a table for prefix-cache hits: the statement and the referee."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Literal

from adrs.core.failure import Refusal
from adrs.core.task import Player, Task, Verdict, Workload
from adrs.tasks.cache import Numbers, digest
from adrs.tasks.llm_sql import real, splits
from adrs.tasks.llm_sql.answer import Answer, check
from adrs.tasks.llm_sql.feedback import feedback
from adrs.tasks.llm_sql.picture import picture
from adrs.tasks.llm_sql.score import METRICS, SPEED, Metric, gained, leaderboard_hits, leaderboard_score, rates, references
from adrs.tasks.llm_sql.table import Sheet, Table
from adrs.tasks.llm_sql.terms import TERMS
from adrs.tasks.llm_sql.variants import COUNT, disguised, kept
from adrs.tasks.options import checked_seeds
from adrs.tasks.scale import share


class LlmSql(Task[Sheet]):
    """Order the rows of a table, and the cells in every row, so that LLM requests made from its rows share long prefixes.

    THE PROBLEM. A query sends every row of a table to a language model: the row's cells, one after another, as one string. An
    inference server keeps what it has computed for earlier requests, and a new request saves the longest prefix that it
    shares with an earlier one. The meaning of a request depends neither on the order of its cells nor on when its row is sent,
    so you may choose both: the order of the rows, and for every row its own order of cells. Cells cannot be changed, left
    out or joined: you return numbers of columns and rows, and the referee writes the strings.

    YOUR PROGRAM defines reorder(names, columns). `columns[c][r]` is the text of row r in column c; cells may be empty, and
    equal texts are equal in any column. You return blocks: pairs of an order of all columns and a list of
    rows. The rows of a block are written in its order of columns; rows are sent block by block. One block is one order for all
    rows; a block for each row gives every row its own order. There are 3 to 51 columns and 300 to 2,000 rows (10,000 and more
    in the large tables): reviews of films, beers and products, comments on posts, and sheet music with many short columns.
    Columns that determine one another have been merged into one, named after its parts.

    WHAT IS MEASURED, as shares of all characters. prefix_hit_rate: the hits of each row are its longest common prefix with any
    earlier row, character by character, in a cache that never evicts; this depends on the orders of cells only, not on that
    of the rows. consecutive_hit_rate: the longest common prefix with the previous row only. lru_hit_rate: a cache of 256
    blocks of 64 characters (16 tokens), which evicts the least recently used block; a block counts only as a whole, together
    with everything before it, and the remainder at the end of a row is never a hit.

    SCORE, per table: (H - H_original) / (H_bound - H_original) where H is the prefix_hit_rate unless
    the option metric names another rate. 0 is the table as given; 1 is a bound that cannot be beaten and may be out of reach.
    If run time counts: 0.95 of that plus 0.05 * T_ref / (T_ref + T), where T is your CPU time and T_ref that of QuickGreedy on
    the same machine; you are then given five disguises of the table too, T is their mean, and if you gain less on them
    than on the table itself, the score falls by as much. The leaderboard's score, from means over the tables:
    0.95 * (H - H_original) / (1 - H_original) + 0.05 * (1 - T / 10 s), neither part below 0.

    FOULS. An exception, a time-out, or an answer that is not a permutation: a block whose order does not hold every column
    once, a block without rows, or blocks that do not hold every row once.

    EXAMPLE. names = ["who", "beer"], columns = [["ann", "bob", "ann"], ["Stout", "Stout", "Stout"]]. As given, the rows are
    annStout, bobStout, annStout: of 24 characters the 8 of the third row are hits, a rate of 0.3333. The answer
    [([1, 0], [0, 2, 1])] sends Stoutann, Stoutann, Stoutbob: 8 + 5 hits, a rate of 0.5417.

    Args:
        data: "synthetic": made-up tables with the repetition of the published ones. "real": beer, and in the test any
            other published table whose file is available, beside made-up ones.
        rules: "clean", or "leaderboard": the published formula, run time included; with data=real its five tables are the test.
        metric: the rate that is scored; the leaderboard's rules allow prefix_hit_rate only.
        timed: whether run time is part of the score, which takes six calls for each table; leaderboard rules always do so.
        data_seed: selects the made-up tables of train.
        held_out_seed: the same for validation and test; none: data_seed. A run draws its own, which stays secret.
        size: "small": 300 to 2,000 rows; "large": as many as the published tables have, 10,000 to 28,479.
        vocabulary: whether generators without a model may use named terms.
    """

    interface = '''
def reorder(names: list[str], columns: list[list[str]]) -> list[tuple[list[int], list[int]]]:
    """Choose the order of the rows of a table, and of the cells in each.

    names: of the columns. columns: for each column the text of every row, columns[c][r].
    Returns blocks (order, rows): `order` holds every column number once, and these rows are written in it; over all blocks
    every row number appears once. Rows are sent in this order.
    """
'''
    seconds = 10.0
    player_seconds = 60.0
    answer_bytes = 1 << 18
    bound = 1.0
    state_of_the_art = "quick_greedy"
    sources = real.SOURCES

    def __init__(
        self,
        *,
        data: Literal["synthetic", "real"] = "synthetic",
        rules: Literal["clean", "leaderboard"] = "clean",
        metric: Metric = "prefix_hit_rate",
        timed: bool = False,
        data_seed: int = 0,
        held_out_seed: int | None = None,
        size: splits.Size = "small",
        vocabulary: bool = False,
    ) -> None:
        self.data_seed, self.held_out_seed = checked_seeds(data_seed, held_out_seed)
        self.published_test = data == "real"
        if rules == "leaderboard" and metric != "prefix_hit_rate":
            raise Refusal(f"rules=leaderboard scores the prefix_hit_rate, not metric={metric}: leave one of the two out")
        self.data = data
        self.rules = rules
        self.metric: Metric = metric
        self.timed = timed or rules == "leaderboard"
        self.size: splits.Size = size
        self.vocabulary = vocabulary
        if vocabulary:
            self.terms = TERMS
        if size == "large" or data == "real":
            self.seconds, self.player_seconds, self.memory_mb, self.answer_bytes = 60.0, 400.0, 2048, 4 << 20

    def workloads(self) -> Sequence[Workload[Sheet]]:
        return self._workloads

    @cached_property
    def _workloads(self) -> tuple[Workload[Sheet], ...]:
        if self.data == "synthetic":
            return tuple(splits.synthetic_tables(self.seed_of, self.size, self.rules == "leaderboard"))
        if self.rules == "leaderboard":
            return tuple(splits.leaderboard_tables(self.seed_of, self.size))
        return tuple(splits.real_tables(self.seed_of, self.size))

    def picture(self) -> str:
        return picture(splits.example(self.seed_of))

    def fingerprint(self) -> str:
        return digest(*(part for w in self._workloads for part in (w.name, w.split, w.data.key)))

    def judge(self, player: Player, workload: Workload[Sheet]) -> Verdict:
        table = workload.data.table
        if not self.timed:
            answer = player.call("reorder", *_shown(table), expect=Answer)
            check(answer, table)
            return self._verdict(workload.data, answer, {}, 1.0)
        tables = [table, *(disguised(table, number) for number in range(1, COUNT))]
        timing = player.timed("reorder", [_shown(each) for each in tables], Answer, self.baselines["quick_greedy"])
        for each, answer in zip(tables, timing.answers, strict=True):
            check(answer, each)
        original = _column(references(workload.data), self.metric)[0]
        plain, *others = (
            gained(each, answer, self.metric, original) for each, answer in zip(tables, timing.answers, strict=True)
        )
        times = {
            "run_seconds": statistics.fmean(timing.calls),
            "run_seconds_quick_greedy": statistics.fmean(timing.reference_calls),
        }
        return self._verdict(workload.data, timing.answers[0], times, kept(plain, others))

    def _verdict(self, sheet: Sheet, answer: Answer, times: dict[str, float], part: float) -> Verdict:
        """The verdict on an answer to the table itself; `part` of its gain is scored."""
        found = rates(sheet.table, answer)
        original, greedy, bound, ideal = _column(references(sheet), self.metric)
        rate = found[self.metric]
        metrics = {
            **{str(name): value for name, value in found.items()},
            "original": original,
            "quick_greedy": greedy,
            "bound": bound,
            "cell_ideal": ideal,
            "gap_closed": share(greedy, rate, bound, "higher") + 0.0,
            "leaderboard_hits": leaderboard_hits(original, rate),
            **times,
        }
        counted = original + part * (rate - original)
        if self.timed:
            metrics |= {"rate_counted": counted, "leaderboard_score": leaderboard_score(original, rate, times["run_seconds"])}
        lines = feedback(sheet.table, answer, self.metric, (rate, greedy, bound))
        return Verdict(self._score(original, counted, bound, times), metrics, lines)

    def _score(self, original: float, rate: float, bound: float, times: dict[str, float]) -> float:
        if self.rules == "leaderboard":
            return leaderboard_score(original, rate, times["run_seconds"]) / 100
        hits = share(original, rate, bound, "higher")
        if not self.timed:
            return hits
        ours, theirs = times["run_seconds"], times["run_seconds_quick_greedy"]
        return (1 - SPEED) * hits + SPEED * theirs / (theirs + ours)

    def total(self, verdicts: Sequence[Verdict]) -> float:
        """The mean; under the leaderboard's rules its formula, which takes means over the tables before it clips."""
        if self.rules == "clean":
            return super().total(verdicts)
        means = super().summary(verdicts)
        return leaderboard_score(means["original"], means["rate_counted"], means["run_seconds"]) / 100

    def summary(self, verdicts: Sequence[Verdict]) -> dict[str, float]:
        """Means over the tables, and derived metrics."""
        means = super().summary(verdicts)
        rate = means[self.metric]
        means["gap_closed"] = share(means["quick_greedy"], rate, means["bound"], "higher") + 0.0
        means["leaderboard_hits"] = leaderboard_hits(means["original"], rate)
        if self.timed:
            means["leaderboard_score"] = leaderboard_score(means["original"], rate, means["run_seconds"])
        return means


def _shown(table: Table) -> tuple[Any, ...]:
    return list(table.names), [list(column) for column in table.columns]


def _column(known: Numbers, metric: Metric) -> tuple[float, ...]:
    return tuple(float(number) for number in known[:, METRICS.index(metric)])
