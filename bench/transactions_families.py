"""transactions_families: synthetic batches of 100 transactions beside instances that were made elsewhere, family by family.

ADRS_DATA=… python bench/transactions_families.py (without the folder txn_scheduling/ it shows ours only)
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from random import Random
from statistics import mean

from adrs.tasks.downloads import locate
from adrs.tasks.transactions.batches import FAMILIES
from adrs.tasks.transactions.bound import single_key
from adrs.tasks.transactions.kit import Batch
from adrs.tasks.transactions.reference import smf

SEEDS = 30


def row(batches: Sequence[Batch]) -> str:
    """First come first served (least to most, mean), a random order, SMF, bound of one key or transaction, length."""
    first = [batch.makespan(range(batch.n)) for batch in batches]
    anyhow = [batch.makespan(Random(seed).sample(range(batch.n), batch.n)) for batch in batches for seed in range(5)]
    usual = [batch.makespan(smf(batch, Random(1))) for batch in batches]
    bound = [max(*batch.lengths, single_key(batch)) for batch in batches]
    length = mean(mean(batch.lengths) for batch in batches)
    means = " | ".join(f"{mean(numbers):.0f}" for numbers in (first, anyhow, usual, bound))
    return f"{min(first)}–{max(first)} | {means} | {length:.1f}"


def main() -> None:
    path = locate("transactions_offline", "offline_train.json.gz", "txn_scheduling")
    held = json.loads(gzip.decompress(path.read_bytes())) if path else {}
    for family, make in FAMILIES.items():
        if theirs := [Batch(list(held[f"{family}_{seed}"].values())) for seed in range(1, 5) if held]:
            print(f"| `{family}` | instances, {len(theirs)} | {row(theirs)} |")
        ours = [Batch([request.text for request in make(Random(seed), 100)]) for seed in range(SEEDS)]
        print(f"| `{family}` | ours, {SEEDS} | {row(ours)} |")


if __name__ == "__main__":
    main()
