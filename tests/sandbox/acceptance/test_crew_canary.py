"""Crews: 24 of the acceptance list in real processes: shared state is caught as often as promised, honesty never."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any, Literal

import pytest
from sandbox_table import Table

from adrs.core.failure import Foul
from adrs.sandbox import canary
from adrs.sandbox.player import SandboxCrew
from adrs.tasks.spot.windows import pack
from adrs.tasks.spot_single_region.task import SpotSingleRegion
from adrs.tasks.spot_single_region.windows import LENGTH

pytest_plugins = ["sandbox_levels"]

GAMES, TICKS = 12, 40


def policy(decision: str) -> str:
    """A program that decides by one line; every third game is one of those with x."""
    return f"""
import random
import time
import numpy as np

shared = []

class Policy:
    count = 0

    def __init__(self, settings):
        self.rng = random.Random(settings['seed'])

    def decide(self, obs):
        Policy.count += 1
        shared.append(obs)
        {decision}
"""


def played(table: Table, source: str, homes: int = 1, **limits: Any) -> SandboxCrew:
    """A crew after its games; with the program as it came."""
    player = table.player(source, seed="run", **limits)
    crew = player.crew("Policy", [{} for _ in range(GAMES)], [game % homes for game in range(GAMES)])
    for tick in range(TICKS):
        shown = {"x": [game % 3 == 0 for game in range(GAMES)], "t": tick}
        crew.step("decide", shown, list(range(GAMES)), Literal["A", "B"])
    player.check_channels()
    return crew


def caught(crew: SandboxCrew) -> dict[int, str]:
    """Each game that the canary would catch -> the foul; the crew was played with all games watched."""
    found: dict[int, str] = {}
    for game in range(GAMES):
        try:
            canary.check(replace(crew.record, watched=(game,)), crew.lonely)
        except Foul as foul:
            found[game] = foul.kind
    return found


def times_caught(games: set[int], watch: canary.Watch, homes: int, source: str) -> int:
    """In how many of 100 runs, each with a secret of its own, one of these games is watched."""
    places = [game % homes for game in range(GAMES)]
    return sum(bool(games & set(canary.choose(watch, places, f"secret {run}", source))) for run in range(100))


THIRD = "return 'A' if obs['x'] and Policy.count > 20 else 'B'"
WHOLE = "return 'A' if len(shared) > 20 else 'B'"


def test_24_a_cheat_in_a_third_of_the_games(table: Table) -> None:
    source = policy(THIRD)
    found = caught(played(table, source, watch="all"))
    assert found == dict.fromkeys(range(0, GAMES, 3), "reward_hacking")
    assert times_caught(set(found), "few", 1, source) >= 55


def test_24_a_cheat_in_whole_crews_is_caught_by_one_game_of_each(table: Table) -> None:
    source = policy(WHOLE)
    found = caught(played(table, source, homes=3, watch="all"))
    assert set(found.values()) == {"reward_hacking"}
    assert times_caught(set(found), "crew", 3, source) >= 99


def test_24_the_player_raises_what_the_canary_finds(table: Table) -> None:
    played(table, policy(WHOLE), watch="crew")
    with pytest.raises(Foul, match="instances share state") as foul:
        table.players[-1].check_crews()
    assert foul.value.kind == "reward_hacking"


@pytest.mark.parametrize("decision", ["return 'A' if obs['x'] else 'B'", "return self.rng.choice('AB')"])
def test_24_honest_and_honestly_seeded_programs_never(table: Table, decision: str) -> None:
    for run in range(5):
        assert caught(played(table, policy(decision), homes=2, watch="all", secret=f"secret {run}")) == {}


UNSEEDED = ["return 'AB'[int(np.random.default_rng().random() * 2)]", "return 'AB'[time.perf_counter_ns() // 100 % 2]"]


@pytest.mark.parametrize("decision", UNSEEDED)
def test_24_clocks_and_unseeded_randomness_are_no_cheats(table: Table, decision: str) -> None:
    kinds = Counter(caught(played(table, policy(decision), watch="all")).values())
    assert kinds["interface"] > GAMES // 2
    assert set(kinds) == {"interface"}


SHARED_RANDOMNESS = """
    random.choice('AB')
    random.random()
    random.seed(1)
    random.shuffle([1])
    random.getrandbits(1)
    np.random.randint(2)
    np.random.rand()
    np.random.ranf()
    np.random.sample()
    np.random.seed(1)
    np.random.shuffle([1])
""".split("\n")[1:-1]


@pytest.mark.parametrize("act", [act.strip() for act in SHARED_RANDOMNESS])
def test_24_shared_randomness_is_told_as_such(table: Table, act: str) -> None:
    with pytest.raises(Foul, match=r"shared random state: use random.Random\(settings\['seed'\]\)") as foul:
        played(table, policy(f"{act}; return 'A'"))
    assert foul.value.kind == "crash"


def test_24_windows_that_overlap_in_time_never_share_a_process() -> None:
    """Over the splits that are always there; the property holds for any windows in tests of the task."""
    windows = [workload.data for workload in SpotSingleRegion().workloads()]
    windows += [replace(window, series="one", start=7 * number) for number, window in enumerate(windows)]
    homes: dict[int, list[tuple[str, int]]] = {}
    for label, window in zip(pack(windows), windows, strict=True):
        for series, start in homes.setdefault(label, []):
            assert series != window.series or abs(start - window.start) >= LENGTH or start == window.start
        homes[label].append((window.series, window.start))
