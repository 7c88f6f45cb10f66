"""Players as a task sees them: crews of several methods and processes, and the canary that plays their games again."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Iterator
from typing import Any, Literal

import pytest

from adrs.core.failure import Fault, Foul
from adrs.sandbox.canary import Watch
from adrs.sandbox.isolation import Sandbox
from adrs.sandbox.player import PlayerLimits, SandboxPlayer

Start = Callable[..., SandboxPlayer]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    made = Sandbox()
    yield made
    made.close()


@pytest.fixture
def start(sandbox: Sandbox) -> Iterator[Start]:
    players: list[SandboxPlayer] = []

    def one(source: str, watch: Watch = "all") -> SandboxPlayer:
        limits = PlayerLimits(seconds=1.0, player_seconds=30.0, memory_mb=512, seed="run", watch=watch)
        players.append(SandboxPlayer(sandbox, source, "", limits))
        return players[-1]

    yield one
    for player in players:
        player.close()


ECHO = "class Policy:\n    def __init__(self, settings): pass\n    def decide(self, obs): return obs['x']\n"


@pytest.fixture
def few_descriptors() -> Iterator[None]:
    """As many as most systems give a process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(256, hard), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_the_canary_plays_more_games_than_there_are_descriptors(start: Start, few_descriptors: None) -> None:
    player = start(ECHO)
    games = list(range(300))
    crew = player.crew("Policy", [{} for _ in games], [game % 3 for game in games])
    crew.step("decide", {"x": games}, games, int)
    before, charged = len(os.listdir("/proc/self/fd")), player.cpu_seconds
    player.check_channels()
    player.check_crews()
    assert len(os.listdir("/proc/self/fd")) - before < 10
    assert player.cpu_seconds > charged  # what the canary costs is charged, though its players are gone


def test_a_process_without_descriptors_left_is_a_fault(start: Start, few_descriptors: None) -> None:
    kept: list[int] = []
    start(ECHO).crew("Policy", [{}])
    free = resource.getrlimit(resource.RLIMIT_NOFILE)[0] - len(os.listdir("/proc/self/fd"))
    failed = []
    try:
        for left in range(9):  # at each step of a start there is one too few; in the end there are enough
            while len(kept) < free - left:
                kept.append(os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC))
            while len(kept) > free - left:
                os.close(kept.pop())
            try:
                start(ECHO).crew("Policy", [{}])
                break
            except Fault:
                failed.append(left)
    finally:
        for each in kept:
            os.close(each)
    assert 4 < len(failed) < 9
    assert start(ECHO).crew("Policy", [{}]).step("decide", {"x": [3]}, [0], int) == [3]


TWO_METHODS = """
class Policy:
    def __init__(self, settings):
        self.seen = 0

    def look(self, obs):
        self.seen += obs['x']

    def decide(self, obs):
        return 'A' if self.seen > 3 else 'B'
"""


def test_each_method_is_played_again_with_its_own_type(start: Start) -> None:
    player = start(TWO_METHODS)
    crew = player.crew("Policy", [{} for _ in range(4)])
    said: list[Any] = []
    for tick in range(4):
        crew.step("look", {"x": [tick] * 4}, [0, 1, 2, 3], None)
        said.append(crew.step("decide", {}, [0, 1, 2, 3], Literal["A", "B"])[0])
    crew.step("look", {"x": 1}, [0, 2], None)
    assert said == ["B", "B", "B", "A"]
    player.check_channels()
    player.check_crews()


FEWER_ALONE = """
import os
import struct
import sys

class Policy:
    count = 0

    def __init__(self, settings):
        Policy.count += 1

    def decide(self, obs):
        if Policy.count > 1:
            return 1
        step = sys._getframe()
        while step:
            for value in step.f_locals.values():
                if isinstance(value, bytes) and len(value) == 8:
                    os.write(4, struct.pack('<I8s', 2, value) + bytes([0, NUMBER]))
            step = step.f_back
        os.read(3, 1)
"""


@pytest.mark.parametrize("number", [0x90, 0xC0, 0xA0])
def test_a_forged_list_alone_is_a_foul_and_no_bug(start: Start, number: int) -> None:
    player = start(FEWER_ALONE.replace("NUMBER", str(number)))
    crew = player.crew("Policy", [{}, {}])
    crew.step("decide", {}, [0, 1], int)
    with pytest.raises(Foul, match="alone") as caught:
        player.check_crews()
    assert caught.value.kind == "reward_hacking"


COUNTING = """
count = []

class Policy:
    def __init__(self, settings):
        self.settings = settings
        count.append(1)

    def decide(self, obs):
        return [len(count), 2.5, self.settings['seed']][obs['what']]
"""


def test_instances_of_one_label_share_a_process_and_of_two_do_not(start: Start) -> None:
    crew = start(COUNTING, "none").crew("Policy", [{}] * 5, ["a", "b", "a", "c", "a"])
    assert crew.step("decide", {"what": 0}, range(5), int) == [3, 1, 3, 1, 3]
    assert crew.step("decide", {"what": 0}, [1, 2], int) == [1, 3]


def test_a_foul_names_the_instance(start: Start) -> None:
    crew = start(COUNTING, "none").crew("Policy", [{}] * 4, [0, 1, 1, 0])
    with pytest.raises(Foul, match=r"answer is the float 2\.5") as caught:
        crew.step("decide", {"what": [0, 0, 1, 0]}, range(4), int)
    assert caught.value.who == (2,)
    crew = start(COUNTING, "none").crew("Policy", [{}] * 4, [0, 1, 1, 0])
    with pytest.raises(Foul, match="IndexError") as caught:
        crew.step("decide", {"what": [0, 7, 0]}, [0, 2, 3], int)
    assert caught.value.who == (2,)


def test_every_game_has_a_seed_of_its_own_and_the_same_again(start: Start) -> None:
    settings = [{"seed": "game one"}, {"seed": "game two"}, {}]
    first, again = (start(COUNTING, "none").crew("Policy", settings).step("decide", {"what": 2}, range(3), int) for _ in "ab")
    assert first == again
    assert len(set(first)) == 3
    (moved,) = start(COUNTING, "none").crew("Policy", settings[1:2]).step("decide", {"what": 2}, [0], int)
    assert moved == first[1]  # it depends on the game, not on its place


LRU = """
class Cache:
    def __init__(self, settings):
        self.room = settings["room"]

    def victim(self, obs):
        return obs["resident"][0] if len(obs["resident"]) >= self.room[0] else -1
"""


def test_a_referee_may_change_what_it_passed_afterwards(start: Start) -> None:
    """Observations count as they were sent: a judge that goes on with its own lists makes nobody a cheat."""
    player = start(LRU, watch="all")
    room, resident, limits = [3], [[1], [1]], {"most": [9]}
    crew = player.crew("Cache", [{"room": room}, {"room": room}])
    for tick in range(2, 8):
        answers = crew.step("victim", {"resident": resident, "limits": limits}, [0, 1], int)
        for held, answer in zip(resident, answers, strict=True):
            if answer >= 0:
                held.remove(answer)
            held.append(tick)
        limits["most"].append(tick)
    room[0] = 100
    player.check_crews()
