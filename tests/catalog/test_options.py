"""Options: texts into keyword arguments, with the types of the signature."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from adrs.catalog.options import arguments, options_of, split_pairs, split_spec
from adrs.core.failure import Refusal


class Strategy:
    def __init__(
        self,
        task: object,
        *,
        count: int = 4,
        rate: float = 0.5,
        rules: Literal["fixed", "leaderboard"] = "fixed",
        size: Literal[3, 4, 5] = 4,
        noisy: bool = False,
        cap: int | None = None,
        weights: tuple[float, ...] = (),
        share: Annotated[float, Field(ge=0, le=1)] = 0.1,
    ) -> None: ...


def test_a_spec_is_a_name_and_options() -> None:
    assert split_spec("islands") == ("islands", {})
    assert split_spec("islands:count=4,migrate=20") == ("islands", {"count": "4", "migrate": "20"})
    assert split_spec("./my:odd/mine.py:count=4") == ("./my:odd/mine.py", {"count": "4"})
    assert split_spec("command:run=python gen.py, twice,limit=3") == (
        "command",
        {"run": "python gen.py, twice", "limit": "3"},
    )
    assert split_spec("model:name=openai:gpt-5") == ("model", {"name": "openai:gpt-5"})


@pytest.mark.parametrize("pairs", [["count"], ["=4"], ["count=4", "count=5"]])
def test_what_is_no_option_is_refused(pairs: list[str]) -> None:
    with pytest.raises(Refusal, match="islands"):
        split_pairs(pairs, "islands")


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ({"count": "7"}, 7),
        ({"rate": "0.25"}, 0.25),
        ({"rules": "leaderboard"}, "leaderboard"),
        ({"size": "5"}, 5),
        ({"noisy": "yes"}, True),
        ({"cap": "none"}, None),
        ({"cap": "12"}, 12),
        ({"weights": "[1, 2.5]"}, (1.0, 2.5)),
        ({"weights": [1, 2]}, (1.0, 2.0)),
        ({"count": 9}, 9),
    ],
)
def test_texts_become_the_types_of_the_signature(typed: dict[str, Any], value: object) -> None:
    (result,) = arguments(Strategy, typed, "selector x").values()
    assert result == value
    assert type(result) is type(value)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"coutn": "4"}, ["coutn", "did you mean count"]),
        ({"task": "4"}, ["no option 'task'"]),
        ({"count": "four"}, ["count", "'four'", "int"]),
        ({"count": True}, ["count", "not true or false"]),
        ({"rate": "nan"}, ["rate", "finite"]),
        ({"rate": "inf"}, ["rate", "finite"]),
        ({"rules": "fixd"}, ["rules", "fixd", "leaderboard"]),
        ({"size": "6"}, ["size", "'6'"]),
        ({"share": "1.5"}, ["share", "less than or equal to 1"]),
    ],
)
def test_a_wrong_option_is_refused_in_one_sentence(typed: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(Refusal) as refusal:
        arguments(Strategy, typed, "selector x")
    assert "selector x" in str(refusal.value)
    assert all(word in str(refusal.value) for word in words), str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_required_option_is_asked_for() -> None:
    class Needs:
        def __init__(self, *, table: str) -> None: ...

    with pytest.raises(Refusal, match="table"):
        arguments(Needs, {}, "task x")
    assert options_of(Needs, "task x")["table"].required


def test_a_class_without_a_constructor_takes_no_options() -> None:
    class Plain: ...

    with pytest.raises(Refusal, match="takes no options"):
        arguments(Plain, {"a": "1"}, "selector plain")


def test_types_are_shown_as_a_person_writes_them() -> None:
    shown = {option.name: option.type for option in options_of(Strategy, "x").values()}
    assert shown["count"] == "int"
    assert shown["rules"] == "Literal['fixed', 'leaderboard']"
    assert shown["cap"] == "int | None"


def test_a_type_that_nothing_can_be_checked_against_is_named() -> None:
    class Odd:
        def __init__(self, *, rng: Strategy | None = None) -> None: ...

    with pytest.raises(Refusal, match=r"option rng .*Strategy"):
        arguments(Odd, {"rng": "4"}, "task odd")
