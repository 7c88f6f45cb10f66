"""Made-up tables of llm_sql beside those that they imitate, and the cost of the exact hit rate beside a trie.

ADRS_DATA=… python bench/llm_sql_likeness.py          # beer, and the look-alikes of the pack
ADRS_DATA=… python bench/llm_sql_likeness.py --speed  # CPU seconds on beer; takes half a minute
"""

from __future__ import annotations

import argparse
import gzip
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from adrs.tasks.downloads import folder
from adrs.tasks.llm_sql import real, seed, synthetic
from adrs.tasks.llm_sql.baselines import column_statistics, evolved, quick_greedy
from adrs.tasks.llm_sql.bound import most_hits
from adrs.tasks.llm_sql.metrics import lines, prefix_hits
from adrs.tasks.llm_sql.score import gained, rates, unchanged
from adrs.tasks.llm_sql.splits import synthetic_tables
from adrs.tasks.llm_sql.table import Table, merged
from adrs.tasks.llm_sql.variants import COUNT, disguised

SEEDS = range(3)


class Node:
    """A trie with an object for each character, walked and then extended, as in the public evaluator."""

    def __init__(self) -> None:
        self.children: dict[str, Node] = {}
        self.end = False

    def known(self, line: str) -> int:
        node, length = self, 0
        for character in line:
            if character not in node.children:
                break
            node = node.children[character]
            length += 1
        return length

    def add(self, line: str) -> None:
        node = self
        for character in line:
            if character not in node.children:
                node.children[character] = Node()
            node = node.children[character]
        node.end = True


def imitated(kind: str) -> Table:
    """Beer itself, or the pack's look-alike of another table."""
    groups = real.PUBLISHED[kind].groups
    if kind == "beer":
        return merged(real.read("beer"), groups)
    file: Path = folder() / "llm_sql" / f"{kind}_like_seed1.csv.gz"
    return merged(real.parse(kind, gzip.decompress(file.read_bytes()), groups), groups)


def row(name: str, table: Table) -> str:
    """One line of the table in the docs."""
    shown = list(table.names), [list(column) for column in table.columns]
    orders = [unchanged(table), *(program.reorder(*shown) for program in (column_statistics, quick_greedy, evolved))]
    shares = [prefix_hits(lines(table, order)) / table.characters for order in orders]
    ideal = 1 - sum(map(len, table.distinct)) / table.characters
    things, most = len(set(table.columns[-1])), Counter(table.columns[-1]).most_common(1)[0][1]
    numbers = [*shares, ideal, most_hits(table)[0] / table.characters]
    said = " | ".join(f"{number:.3f}" for number in numbers)
    return f"| {name} | {table.rows:,} | {table.characters / table.rows:.0f} | {things:,} | {most:,} | {said} |"


def likeness() -> Iterator[str]:
    for kind in synthetic.KINDS:
        table = imitated(kind)
        yield row(f"{kind}, {'real' if kind == 'beer' else 'pack'}", table)
        for number in SEEDS:
            made = merged(synthetic.made(kind, table.rows, (number,)), real.PUBLISHED[kind].groups)
            yield row(f"{kind}, made up, seed {number}", made)


def speed() -> Iterator[str]:
    table = imitated("beer")
    sent = lines(table, unchanged(table))
    began = time.process_time()
    hits = prefix_hits(sent)
    ours = time.process_time() - began
    began = time.process_time()
    slow, root = 0, Node()
    for line in sent:
        slow += root.known(line)
        root.add(line)
    trie = time.process_time() - began
    assert hits == slow
    yield f"beer, {table.characters:,} characters: sorted {ours:.3f} s, trie {trie:.1f} s, {trie / ours:.0f} times"


def _seed(number: int, split: str) -> int:
    """The same for every split."""
    del split
    return number


def disguises() -> Iterator[str]:
    """Share of the gain on the table itself that is reached on the worst of its disguises, the smallest over tables."""
    worst: dict[str, float] = {}
    for workload in (each for number in range(3) for each in synthetic_tables(partial(_seed, number), "small", False)):
        if workload.split != "train":
            continue
        tables = [workload.data.table, *(disguised(workload.data.table, number) for number in range(1, COUNT))]
        original = rates(tables[0], unchanged(tables[0]))["prefix_hit_rate"]
        for program in (column_statistics, quick_greedy, evolved, seed):
            answers = [program.reorder(list(table.names), [list(cells) for cells in table.columns]) for table in tables]
            pairs = zip(tables, answers, strict=True)
            plain, *others = (gained(table, answer, "prefix_hit_rate", original) for table, answer in pairs)
            name = program.__name__.rsplit(".", 1)[-1]
            worst[name] = min(worst.get(name, 9.0), min(others) / plain)
    yield from (f"{name}: {part:.3f}" for name, part in worst.items())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--disguises", action="store_true")
    asked = parser.parse_args()
    for line in speed() if asked.speed else disguises() if asked.disguises else likeness():
        print(line)
