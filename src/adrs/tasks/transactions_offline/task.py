"""task: ordering a batch of transactions that is known as a whole: the statement and the referee."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from random import Random

from adrs.core.failure import Foul, Refusal
from adrs.core.task import Player, Task, Verdict, Workload
from adrs.tasks.cache import digest
from adrs.tasks.options import checked_seeds
from adrs.tasks.transactions import batches, real, schedules
from adrs.tasks.transactions.reference import SEED, smf
from adrs.tasks.transactions_offline import splits
from adrs.tasks.transactions_offline.feedback import feedback
from adrs.tasks.transactions_offline.leaderboard import published, published_score
from adrs.tasks.transactions_offline.picture import picture
from adrs.tasks.transactions_offline.splits import Data, Job, Rules, Size

START_SECONDS = 0.1
"""CPU seconds that starting a process and loading the program may take on top of the budget."""


class TransactionsOffline(Task[Job]):
    """Order a batch of database transactions so that the last of them ends as soon as possible.

    THE PROBLEM. You get n transactions (100 to 500). Each is a text of tokens with one blank between them: `r-K` reads the
    key K, `w-K` writes it, `*` is private work. Every token takes one unit of time, and tokens run back to back: a
    transaction that starts at time s does its p-th token (p from 1) at s + p - 1. Any number of transactions run at once,
    nothing is ever aborted. You choose the serialisation order: a permutation of 0 … n-1. It is not a list of start times;
    start times follow from it.

    THE RULE. One transaction after another, in your order, starts as early as it can, at 1 or later. Each key has two
    clocks, the time of the latest write so far and of the latest read so far. A read must come strictly after the latest
    write; a write strictly after the latest write and the latest read. So readers of a key may share a time unit, and a
    transaction later in the order may well run earlier in time, but never before a conflicting access of one
    that is ahead of it in the order. A transaction does not conflict with itself. The makespan is the time unit in which
    the last transaction ends.

    YOUR PROGRAM defines schedule(transactions, seconds); see the interface. `from kit import Batch, Clocks` gives you the
    rule to search with: Batch(transactions).makespan(order) for one order (about 0.3 ms for 100 transactions of 16 keys),
    .makespans(orders) for an int array of many orders at once (about 4 µs each, in calls of some hundred),
    Clocks().start(needs) and .append(needs) to build an order step by step, batch.needs[i], and batch.delays[a, b], the least
    number of units by which b starts after a if a is ahead of it. The referee ignores the kit's results and computes the
    makespan itself.

    SCORE, per batch: (F - m) / (F - L), with m your makespan, F that of first come first served (the order 0, 1, …), and L
    a proven lower bound of the makespan, reached or not. 0 is first come first served, 1 the bound; worse is
    below 0.

    FOULS. An answer that does not hold every number from 0 to n-1 exactly once, or that holds anything but ints. More than
    `seconds` of CPU time, by the kernel's clock of your process. Stay well below it: machines differ. A program that counts
    its steps scores the same every time; one that looks at the clock does not.

    EXAMPLE. "w-1 * *", "r-2 w-1", "r-1". In the order 0, 1, 2: 0 starts at 1 and writes 1 at time 1; 1 writes 1 in its
    second unit, so that it may start at 1 and write at 2; 2 reads 1 after that, at 3. Makespan 3. In the order 1, 0, 2: 1
    starts at 1 and writes at 2, 0 must write at 3 and so ends at 5, 2 reads at 4. Makespan 5.

    Args:
        data: "synthetic": batches of eight families, from two micro-benchmarks to TPC-C. "real": batches like the three that
            the ADRS leaderboard publishes; these themselves are the test split.
        rules: "clean", or "leaderboard" (with data=real): its score, and its ten minutes for three batches.
        data_seed: selects the synthetic batches of train.
        held_out_seed: the same for validation and test; none: data_seed. A run draws its own, which stays secret.
        size: "small": train has 11 batches of 100 transactions, with 0.25 CPU seconds each. "large": also 300 and 500
            transactions, with 0.8 CPU seconds for a hundred.
    """

    interface = '''
def schedule(transactions: list[str], seconds: float) -> list[int]:
    """A serialisation order.

    transactions: texts of tokens, "r-17 w-5 * r-3": read and write keys, or private work (`*`), one time unit each.
    seconds: CPU seconds that this call may take, by the kernel's clock.
    Returns every number from 0 to len(transactions) - 1 once: the transaction ahead of all others first.
    """
'''
    bound = 1.0
    state_of_the_art = "smf"
    sources = real.SOURCES
    hints = (
        "On some families the longest transactions must come early, on others the hot keys decide.",
        "makespans() of some hundred orders costs about as much as four to twelve calls of makespan().",
    )

    def __init__(
        self,
        *,
        data: Data = "synthetic",
        rules: Rules = "clean",
        data_seed: int = 0,
        held_out_seed: int | None = None,
        size: Size = "small",
    ) -> None:
        self.data_seed, self.held_out_seed = checked_seeds(data_seed, held_out_seed)
        self.published_test = data == "real"
        if rules == "leaderboard" and data != "real":
            raise Refusal("rules=leaderboard scores the leaderboard's own batches: give data=real too")
        self.data: Data = data
        self.rules: Rules = rules
        self.size: Size = size
        self.kit = batches.kit()
        self.seconds = splits.longest(data, rules, size)
        self.player_seconds = self.seconds + 5
        self._usual: dict[str, list[int]] = {}

    def workloads(self) -> Sequence[Workload[Job]]:
        return self._workloads

    @cached_property
    def _workloads(self) -> tuple[Workload[Job], ...]:
        if self.data == "real":
            return tuple(splits.published(self.seed_of, self.rules, self.size))
        return tuple(splits.synthetic(self.seed_of, self.size))

    def picture(self) -> str:
        return picture(next(workload.data.requests for workload in self._workloads if workload.split == "train"))

    def fingerprint(self) -> str:
        return digest(*(f"{w.name} {w.data.requests.digest} {w.data.seconds}" for w in self._workloads))

    def judge(self, player: Player, workload: Workload[Job]) -> Verdict:
        job = workload.data
        before = player.cpu_seconds
        order = player.call("schedule", job.requests.texts, job.seconds, expect=list[int])
        spent = player.cpu_seconds - before
        if spent > job.seconds + START_SECONDS:
            raise Foul(
                "timeout",
                f"schedule took {spent:.2f} CPU seconds for {len(job.requests.texts)} transactions, {job.seconds} allowed",
            )
        check(order, job.requests.batch.n)
        starts = job.requests.batch.starts(order)
        makespan = max(start + job.requests.batch.lengths[number] - 1 for start, number in zip(starts, order, strict=True))
        if job.requests.digest not in self._usual:
            self._usual[job.requests.digest] = smf(job.requests.batch, Random(SEED))
        metrics = schedules.metrics(job.requests, makespan, self._usual[job.requests.digest]) | published(job.requests)
        score = schedules.score(job.requests, makespan)
        if self.rules == "leaderboard":
            score = min(1.0, published_score([metrics]))
        return Verdict(score, metrics, feedback(job.requests, order, starts, makespan))

    def total(self, verdicts: Sequence[Verdict]) -> float:
        """The mean; under the leaderboard's rules its score of the sum of all makespans, clamped as there."""
        if self.rules != "leaderboard":
            return super().total(verdicts)
        return min(1.0, max(0.0, published_score([verdict.metrics for verdict in verdicts])))

    def summary(self, verdicts: Sequence[Verdict]) -> dict[str, float]:
        """Sums over the batches of a split, and derived metrics."""
        reached = published_score([verdict.metrics for verdict in verdicts])
        return {**schedules.summary(verdicts), "leaderboard_score": 100 * reached}


def check(order: Sequence[int], size: int) -> None:
    """Check that an order holds every transaction once.

    Raises:
        Foul: it does not; the message gives the first reason.
    """
    if len(order) != size:
        raise Foul("illegal_answer", f"the order holds {len(order)} numbers for {size} transactions")
    seen: set[int] = set()
    for place, number in enumerate(order):
        if not 0 <= number < size:
            raise Foul("illegal_answer", f"order[{place}] is {number}: transactions are numbered from 0 to {size - 1}")
        if number in seen:
            raise Foul("illegal_answer", f"order[{place}] is {number}, which appears twice")
        seen.add(number)
