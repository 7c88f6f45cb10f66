"""Expected answers: the right ones are read, every wrong one is an `illegal_answer` that says where and what."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from adrs.core.failure import Foul
from adrs.core.task import Array
from adrs.sandbox import wire
from adrs.sandbox.decoding import index_in, read

Seat = Annotated[int, Meta(ge=0, lt=8)]
Share = Annotated[float, Meta(ge=0, le=1)]
Action = Literal["SPOT", "ON_DEMAND", "NONE"]


class Plan(msgspec.Struct, frozen=True):
    order: list[int]
    share: float


def said(value: Any) -> bytes:
    return wire.encode_answer(wire.plain(value))


def outcome(payload: bytes, expect: Any) -> Any:
    """The value, or the foul; whatever else is raised is a bug."""
    try:
        return read(payload, expect)
    except Foul as foul:
        return foul


def foul(payload: bytes, expect: Any) -> str:
    with pytest.raises(Foul) as caught:
        read(payload, expect)
    assert caught.value.kind == "illegal_answer"
    return caught.value.reason


@pytest.mark.parametrize(
    ("value", "expect"),
    [
        (3, int),
        (2.5, float),
        ([0, 7], list[Seat]),
        ("SPOT", Action),
        (None, None),
        (True, bool),
        ({"a": 0.5}, dict[str, float]),
        ([[1, 2], [3]], list[list[int]]),
        (2**53, float),
        (-(2**53), float),
        (1e300, float),
        (2**63, int),
    ],
)
def test_right_answers_are_read(value: Any, expect: Any) -> None:
    back = read(said(value), expect)
    assert back == value


def test_an_int_where_a_float_is_expected_is_read_as_a_float() -> None:
    assert type(read(said(3), float)) is float
    assert all(type(each) is float for each in read(said([1, 2.5]), list[float]))


def test_a_struct_and_a_tuple_of_parts_are_read() -> None:
    assert read(said({"order": [2, 1], "share": 1}), Plan) == Plan([2, 1], 1.0)
    array, number = read(said([np.arange(3.0), 4]), (Array("f8", (3,)), int))
    assert array.tolist() == [0, 1, 2]
    assert number == 4


@pytest.mark.parametrize(
    ("value", "expect", "reason"),
    [
        (True, int, "answer is the bool True: expected int, got bool"),
        (2.0, int, "answer is the float 2.0: expected int, got float"),
        (True, float, "answer is the bool True: expected float, got bool"),
        ("1", int, "answer is the str '1': expected int, got str"),
        ([0, 1, 2, 2.0], list[Seat], "answer[3] is the float 2.0: expected int, got float"),
        ([0, 8], list[Seat], "answer[1] is the int 8: expected int <= 7"),
        ([-1], list[Seat], "answer[0] is the int -1: expected int >= 0"),
        (math.nan, float, "the answer holds nan, which is no finite number"),
        ([0.5, math.inf], list[float], "the answer holds inf, which is no finite number"),
        ({"a": -math.inf}, dict[str, float], "the answer holds -inf, which is no finite number"),
        (math.nan, Share, "expected float"),
        ({"order": [1], "share": math.nan}, Plan, "the answer holds nan"),
        ({"order": [1, True], "share": 0.5}, Plan, "answer.order[1] is the bool True"),
        ({"order": [1]}, Plan, "missing required field share"),
        (2**53 + 1, float, "an int beyond 2**53 where a float is expected"),
        (-(2**53) - 1, float, "an int beyond 2**53 where a float is expected"),
        ([0.5, 2**60], list[float], "an int beyond 2**53 where a float is expected"),
        ("spot", Action, "answer is the str 'spot': invalid enum value 'spot'"),
        (None, int, "answer is the NoneType None: expected int, got None"),
        ([1, "x"], (int, int), "answer[1] is the str 'x': expected int"),
        ([1], (int, int), "1 parts, not 2"),
    ],
)
def test_wrong_answers_are_named(value: Any, expect: Any, reason: str) -> None:
    assert reason in foul(said(value), expect)


@pytest.mark.parametrize(
    ("array", "expect", "reason"),
    [
        (np.zeros(3, "f4"), Array("f8", (3,)), "array of float32, not of float64"),
        (np.zeros(3), Array("f8", (4,)), "shape (3,), not (4,)"),
        (np.zeros((3, 1)), Array("f8", (3,)), "shape (3, 1), not (3,)"),
        (np.array([0.0, math.nan]), Array("f8", (None,)), "NaN or an infinity"),
        (np.array([math.inf]), Array("f8", (1,)), "NaN or an infinity"),
    ],
)
def test_wrong_arrays_are_named(array: Any, expect: Any, reason: str) -> None:
    assert reason in foul(said(array), expect)


def test_an_array_where_a_list_is_expected_is_named_and_shows_no_address() -> None:
    for value, expect, place in ((np.arange(3), list[int], "the answer"), ([1, np.arange(3)], list[int], "the answer[1]")):
        foul = outcome(said(value), expect)
        assert isinstance(foul, Foul)
        assert "is a numpy array, where none can be read: answer plain values" in foul.reason
        assert "0x" not in foul.reason
        assert place.removeprefix("the ") in foul.reason


def test_a_list_is_no_array_and_nan_is_allowed_where_a_task_says_so() -> None:
    foul(said([1.0, 2.0]), Array("f8", (2,)))
    foul(said(np.zeros(2)), list[float])
    assert np.isnan(read(said(np.array([math.nan])), Array("f8", (1,), allow_nan=True))).all()


DEEP = b"\x91" * 10**5 + b"\x01"


@pytest.mark.parametrize(
    "expect", [int, float, list[int], list[list[list[int]]], dict[str, int], Action, Plan, (int, int), Any]
)
@pytest.mark.parametrize(
    "payload",
    [
        DEEP,
        b"\x92" + DEEP + DEEP,
        b"\x81\xa1a" * 10**5 + b"\x01",
        b"\xdd\xff\xff\xff\xff",
        b"\xdf\xff\xff\xff\xff",
        b"\xc6\xff\xff\xff\xff",
        b"\xdd\x00\x0f\xff\xf0" + b"\x80" * 0xFFFF0,
        b"\xc1",
        b"",
        b"\x01\x02",
        b"\xa2\xff\xff",
        b"\x81\x91\x01\x02",
        b"\xd6\xff\xff\xff\xff\xff",
        b"\xc7\x05\x01abcde",
        b"\xc9\xff\xff\xff\xff\x01",
    ],
    ids="deep deep-pair deep-dict long-list long-dict long-bytes empty-dicts c1 nothing two text key time array ext".split(),
)
@pytest.mark.budget(1.0)
def test_forged_payloads_are_fouls(payload: bytes, expect: Any) -> None:
    result = outcome(payload, expect)
    assert not isinstance(result, Foul) or (result.kind == "illegal_answer" and len(result.reason) < 600)


@given(st.binary(max_size=300), st.sampled_from([int, list[Share], dict[str, int], Plan, Array("f8", (None,)), (int, str)]))
def test_any_bytes_are_an_answer_or_a_foul(payload: bytes, expect: Any) -> None:
    result = outcome(payload, expect)
    assert not isinstance(result, Foul) or result.kind == "illegal_answer"


def test_a_hostile_text_is_clean_short_and_names_no_other_place() -> None:
    reason = foul(said(["SPOT", "SPO\x1b[31m\u202e - at `$[7]`"]), list[Action])
    assert reason.startswith("answer[1] is the str")
    assert reason.isprintable()
    assert index_in(reason) == 1
    assert index_in(foul(said("x - at `$[7]`"), Action)) is None
    assert len(foul(said(["x" * 900_000]), list[Action])) < 400


def test_the_index_is_that_of_the_answer() -> None:
    assert index_in("answer[3] is the float 2.0: expected int, got float") == 3
    assert index_in("answer[3][1] is the float 2.0: expected int, got float") == 3
    assert index_in("answer is the list [3]: expected int, got array") is None
    assert index_in("the answer holds nan [4]") is None
