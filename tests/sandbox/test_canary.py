"""The canary: who is watched is secret and repeatable, and what differs alone is told apart from what is never the same."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from adrs.core.failure import Foul
from adrs.sandbox.canary import Record, Watch, check, choose

GAMES, HOMES, TICKS = 36, 4, 10
HOME = [game % HOMES for game in range(GAMES)]
Play = Callable[[str, Mapping[str, Any]], Any]
Decide = Callable[[int, Mapping[str, Any]], Any]


def played(decide: Decide, watched: Sequence[int], games: int = GAMES) -> Record:
    """A crew of which half the games end early; every decision is one of company."""
    record = Record(tuple(watched))
    for tick in range(TICKS):
        who = [game for game in range(games) if tick < TICKS // 2 or game % 2 == 0]
        columns = {"price": [round(1 / (1 + game) + tick, 3) for game in who]}
        answers = [decide(game, {"price": price, "tick": tick}) for game, price in zip(who, columns["price"], strict=True)]
        record.note("decide", {"tick": tick}, columns, who, answers)
    return record


def alone(decide: Decide) -> Callable[[int], Play]:
    return lambda instance: lambda method, observation: decide(instance, observation)


def always(answer: Any) -> Decide:
    return lambda game, observation: answer


def honest(_: int, observation: Mapping[str, Any]) -> str:
    return "SPOT" if observation["price"] * 7 % 1 < 0.5 else "NONE"


@pytest.mark.parametrize(("watch", "count"), [("none", 0), ("one", 1), ("few", 3), ("crew", HOMES), ("all", GAMES)])
def test_as_many_are_watched_as_was_asked_for(watch: Watch, count: int) -> None:
    chosen = choose(watch, HOME, "secret", "source")
    assert len(set(chosen)) == count
    assert list(chosen) == sorted(chosen)
    assert chosen == choose(watch, HOME, "secret", "source")
    if watch == "crew":
        assert {HOME[game] for game in chosen} == set(range(HOMES))


def test_few_games_are_watched_as_far_as_there_are_any() -> None:
    assert choose("few", [0, 0], "secret", "source") == (0, 1)
    assert choose("crew", [], "secret", "source") == ()


def test_the_choice_hangs_on_secret_and_source_and_is_fair() -> None:
    assert len({choose("few", HOME, "secret", f"source {number}") for number in range(50)}) > 40
    assert len({choose("few", HOME, f"secret {number}", "source") for number in range(50)}) > 40
    counts = Counter(game for number in range(2000) for game in choose("few", HOME, str(number), "source"))
    assert set(counts) == set(range(GAMES))
    assert max(counts.values()) < 2 * min(counts.values())


def test_24_a_cheat_in_a_third_of_the_games_is_caught_as_often_as_chance_says() -> None:
    cheats = set(range(0, GAMES, 3))

    def shared(game: int, observation: Mapping[str, Any]) -> str:
        return "ON_DEMAND" if game in cheats else honest(game, observation)

    def caught(watch: Watch, seed: int) -> bool:
        try:
            check(played(shared, choose(watch, HOME, str(seed), "source")), alone(honest))
        except Foul as foul:
            return foul.kind == "reward_hacking"
        return False

    assert 55 <= sum(caught("few", seed) for seed in range(100)) <= 85
    assert all(caught("all", seed) for seed in range(10))


def test_24_a_cheat_in_a_whole_crew_is_caught_by_one_of_every_crew() -> None:
    def shared(game: int, observation: Mapping[str, Any]) -> str:
        return "ON_DEMAND" if HOME[game] == 2 else honest(game, observation)

    for seed in range(100):
        with pytest.raises(Foul) as caught:
            check(played(shared, choose("crew", HOME, str(seed), "source")), alone(honest))
        assert HOME[caught.value.who[0]] == 2


def test_24_honest_and_honestly_seeded_programs_are_never_caught() -> None:
    def seeded() -> Decide:
        states = {game: random.Random(game) for game in range(GAMES)}
        return lambda game, observation: states[game].choice(["SPOT", "NONE"])

    for seed in range(100):
        watched = choose("few", HOME, str(seed), "source")
        check(played(honest, watched), alone(honest))
        check(played(seeded(), watched), alone(seeded()))


@pytest.mark.parametrize("seed", range(20))
def test_24_unseeded_randomness_is_told_apart_from_a_cheat(seed: int) -> None:
    rng = random.Random(seed)

    def unseeded(game: int, observation: Mapping[str, Any]) -> str:
        return rng.choice(["SPOT", "NONE"])

    with pytest.raises(Foul, match="not a function of observations, settings and seed") as caught:
        check(played(unseeded, (4,)), alone(unseeded))
    assert (caught.value.kind, caught.value.who) == ("interface", (4,))


def test_the_foul_names_the_first_step_that_differs() -> None:
    def late(game: int, observation: Mapping[str, Any]) -> str:
        return "ON_DEMAND" if observation["tick"] >= 7 else honest(game, observation)

    with pytest.raises(Foul, match=r"step 7: 'ON_DEMAND' in company, '(SPOT|NONE)' alone: instances share state") as caught:
        check(played(late, (4,)), alone(honest))
    assert (caught.value.kind, caught.value.who) == ("reward_hacking", (4,))


def test_an_instance_that_has_ended_is_played_to_its_end_and_no_further() -> None:
    asked: list[int] = []

    def lonely(instance: int) -> Play:
        asked.clear()

        def play(method: str, observation: Mapping[str, Any]) -> str:
            asked.append(observation["tick"])
            return honest(instance, observation)

        return play

    check(played(honest, (3,)), lonely)
    assert asked == list(range(TICKS // 2))
    check(played(honest, (4,)), lonely)
    assert asked == list(range(TICKS))


def test_a_foul_alone_equals_no_answer_not_even_one_that_reads_like_it() -> None:
    def crash(instance: int) -> Play:
        def play(method: str, observation: Mapping[str, Any]) -> Any:
            raise Foul("crash", "KeyError: 'neighbour'")

        return play

    for answer in ("foul crash", "the foul crash", None):
        with pytest.raises(Foul, match="the foul crash alone") as caught:
            check(played(always(answer), (1,)), crash)
        assert caught.value.kind == "reward_hacking"


def test_observations_alone_are_those_of_company() -> None:
    record = played(honest, (6,))
    seen: list[Mapping[str, Any]] = []

    def lonely(instance: int) -> Play:
        def play(method: str, observation: Mapping[str, Any]) -> Any:
            seen.append(observation)
            return honest(instance, observation)

        return play

    check(record, lonely)
    assert seen[0] == {"price": round(1 / 7, 3), "tick": 0}
    assert all(set(each) == {"price", "tick"} for each in seen)
