"""splits: which snapshots are for training, validation and test, and why no split reveals anything about another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from adrs.core.task import SPLITS, SeedOf, Split, Workload
from adrs.tasks.cache import digest
from adrs.tasks.telemetry_repair import published, real
from adrs.tasks.telemetry_repair.corruption import FAMILIES, Family, corrupted
from adrs.tasks.telemetry_repair.network import Link, anonymous, network
from adrs.tasks.telemetry_repair.snapshot import Snapshot, Traffic, renamed, state
from adrs.tasks.telemetry_repair.synthetic import made, traffics

Size = tuple[int, int | None]
"""Routers and links; None: as many links as usual for that size."""
SIZES: dict[Split, tuple[Size, ...]] = {
    "train": tuple((routers, None) for routers in (10, 11, 12, 13, 14, 15)) * 2,
    "validation": tuple((routers, None) for routers in (12, 14, 15, 16, 18, 20)) * 2,
    "test": ((12, 18), (17, 26), (22, 36), (50, 88)) * 3,
}
"""One snapshot of a workload for each size; those of the test are the sizes of polska, nobel-germany, geant and germany50."""
MOMENTS: dict[Split, slice] = {"train": slice(0, 16), "validation": slice(16, 24), "test": slice(24, 40)}
"""Of Abilene's forty, in order of time. Half of them are shown; a stale counter shows one of the other half."""
SHAPES: dict[Split, tuple[str, ...]] = {"train": (), "validation": ("polska", "nobel-germany"), "test": ("geant", "germany50")}
"""Networks that only validation or test use."""
EACH = 2
"""Snapshots of each of these in a workload."""
DRAWS = 3
"""How many times the leaderboard rules corrupt all forty moments with every bug."""
LARGE = 4
"""Workloads of size=large for each one of size=small."""


@dataclass(frozen=True, eq=False)
class Scenario:
    """The data of a workload: snapshots, made when they are first needed. No two of them show the same moment.

    Args:
        key: a digest of everything that they are made of.
    """

    key: str
    make: Callable[[], Iterable[Snapshot]]

    @cached_property
    def snapshots(self) -> tuple[Snapshot, ...]:
        return tuple(self.make())


def synthetic_workloads(seed_of: SeedOf, draws: int) -> Iterator[Workload[Scenario]]:
    """Every snapshot has a network of its own."""
    for number, split in enumerate(SPLITS):
        for draw in range(draws):
            for place, family in enumerate(FAMILIES):
                seed = (seed_of(split), number, draw, place)
                make = partial(_synthetic, family, SIZES[split], seed)
                yield Workload(_name(split, family, draw), Scenario(_key(seed, SIZES[split]), make), split, family)


def real_workloads(seed_of: SeedOf, draws: int) -> Iterator[Workload[Scenario]]:
    """Abilene, split by time, and whole networks that train never sees."""
    moments = real.abilene()
    shapes = {name: real.shape(name) for names in SHAPES.values() for name in names}
    for number, split in enumerate(SPLITS):
        for draw in range(draws):
            for place, family in enumerate(FAMILIES):
                seed = (seed_of(split), number, draw, place, 0)
                make = partial(_abilene, family, moments[MOMENTS[split]], seed)
                yield Workload(_name(split, f"abilene-{family}", draw), Scenario(_key(seed, "abilene"), make), split)
        for draw in range(draws if SHAPES[split] else 0):
            for place, family in enumerate(FAMILIES):
                seed = (seed_of(split), number, draw, place, 1)
                make = partial(_held_out, family, [shapes[name] for name in SHAPES[split]], seed)
                yield Workload(_name(split, f"transfer-{family}", draw), Scenario(_key(seed, SHAPES[split]), make), split)


def published_workloads(seed_of: SeedOf, draws: int, measured: bool) -> Iterator[Workload[Scenario]]:
    """Workloads of the leaderboard's rules: counters and topology only, one kind of bug for each workload.

    Args:
        measured: whether the test is Abilene, all forty moments, as in the public evaluator; train and validation are
            synthetic in any case, so that the test stays held out.
    """
    for number, split in enumerate(SPLITS):
        if measured and split == "test":
            continue
        for draw in range(draws):
            for place, bug in enumerate(published.BUGS):
                seed = (seed_of(split), number, draw, place, 2)
                make = partial(_published, bug, SIZES[split], seed)
                yield Workload(_name(split, bug.replace(" ", "-"), draw), Scenario(_key(seed, SIZES[split]), make), split)
    if measured:
        moments = real.abilene()
        for draw in range(DRAWS):
            for place, bug in enumerate(published.BUGS):
                seed = (seed_of("test"), 2, draw, place, 3)
                make = partial(_published_moments, bug, moments, seed)
                name = f"test-abilene-{bug.replace(' ', '-')}-{draw + 1}"
                yield Workload(name, Scenario(_key(seed, "published"), make), "test")
        yield Workload(LEGACY, Scenario(_key((), LEGACY), partial(published.legacy, moments)), "test")


LEGACY = "test-published-seed-42"
"""The thirty snapshots that the public leaderboard scores, drawn as it draws them."""


def _name(split: Split, what: str, draw: int) -> str:
    return f"{split}-{what}" + (f"-{draw + 1}" if draw else "")


def _key(seed: Sequence[int], what: object) -> str:
    return digest(repr(tuple(seed)), repr(what))


def _numbered(seed: Sequence[int], count: int) -> list[tuple[int, np.random.Generator]]:
    """A number and a generator for each of a workload's snapshots; the order of calls does not reveal the number."""
    first, *children = np.random.SeedSequence(seed).spawn(1 + count)
    order = np.random.default_rng(first).permutation(count).tolist()
    return list(zip(order, map(np.random.default_rng, children), strict=True))


def _synthetic(family: Family, sizes: Sequence[Size], seed: Sequence[int]) -> Iterator[Snapshot]:
    for size, (number, rng) in zip(sizes, _numbered(seed, len(sizes)), strict=True):
        now, other = made(size, 2, rng)
        yield corrupted(family, number, now, other, rng)


def _held_out(family: Family, shapes: Sequence[tuple[int, list[Link]]], seed: Sequence[int]) -> Iterator[Snapshot]:
    places = [shape for shape in shapes for _ in range(EACH)]
    for (routers, links), (number, rng) in zip(places, _numbered(seed, len(places)), strict=True):
        new = rng.permutation(routers).tolist()
        net = network(anonymous(routers), [(new[a], new[b]) for a, b in links])
        now, other = traffics(net, 2, rng)
        yield corrupted(family, number, now, other, rng)


def _abilene(family: Family, moments: Sequence[Traffic], seed: Sequence[int]) -> Iterator[Snapshot]:
    order = np.random.default_rng(seed).permutation(len(moments)).tolist()
    half = len(order) // 2
    for shown, stale, (number, rng) in zip(order[:half], order[half:], _numbered(seed, half), strict=True):
        now, other = renamed((moments[shown], moments[stale]), rng)
        yield corrupted(family, number, now, other, rng)


def _published(bug: str, sizes: Sequence[Size], seed: Sequence[int]) -> Iterator[Snapshot]:
    for size, (_, rng) in zip(sizes, _numbered(seed, len(sizes)), strict=True):
        yield published.corrupted(state(made(size, 1, rng)[0]), bug, rng)


def _published_moments(bug: str, moments: Sequence[Traffic], seed: Sequence[int]) -> Iterator[Snapshot]:
    for moment, (_, rng) in zip(moments, _numbered(seed, len(moments)), strict=True):
        yield published.corrupted(state(moment), bug, rng)
