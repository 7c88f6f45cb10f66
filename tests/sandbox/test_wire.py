"""The wire: what travels arrives as it was sent, and what does not travel is refused by name, quickly and within bounds."""

from __future__ import annotations

import enum
import itertools
import math
import struct
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adrs.sandbox import wire
from adrs.sandbox.wire import Unsendable, encode_answer, pack_array, plain, unpack_array

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


class Kind(enum.Enum):
    SPOT = "SPOT"


class SubInt(int):
    pass


class SubFloat(float):
    pass


class SubStr(str):
    __slots__ = ()


def there(value: Any) -> Any:
    return wire.decode(encode_answer(plain(value)))


@given(VALUES)
def test_plain_values_come_back_as_they_were(value: Any) -> None:
    assert there(value) == value


@pytest.mark.parametrize("dtype", "? i1 i2 i4 i8 u1 u2 u4 u8 f4 f8 >i4 >f8".split())
@pytest.mark.parametrize("shape", [(), (3,), (0,), (2, 3), (2, 0, 3), (1, 2, 1, 2)])
def test_arrays_come_back_equal_writable_and_little_endian(dtype: str, shape: tuple[int, ...]) -> None:
    array = np.arange(math.prod(shape)).reshape(shape).astype(dtype)
    extension = pack_array(array)
    back = unpack_array(extension.code, memoryview(extension.data))
    assert np.array_equal(back, array)
    assert (back.shape, back.dtype) == (array.shape, np.dtype(dtype).newbyteorder("<"))
    assert back.flags.writeable


def test_a_strided_array_travels_in_c_order() -> None:
    array = np.arange(12).reshape(3, 4).T[::2]
    assert np.array_equal(there(array), array)


@pytest.mark.parametrize(
    ("value", "same"),
    [
        (np.bool_(True), True),
        (np.int8(-3), -3),
        (np.uint64(2**64 - 1), 2**64 - 1),
        (np.float32(0.5), 0.5),
        (np.float16(0.5), 0.5),
        (np.array(7), 7),
        (np.array(2.5), 2.5),
        ((1, (2, 3)), [1, [2, 3]]),
        (Kind.SPOT, "SPOT"),
        ([Kind.SPOT, np.int64(4)], ["SPOT", 4]),
        ({"a": np.float64(1.5)}, {"a": 1.5}),
    ],
)
def test_numbers_of_numpy_tuples_and_enums_become_python_s(value: Any, same: Any) -> None:
    back = there(value)
    assert back == same
    assert type(back) is type(same)


def test_subclasses_of_list_tuple_and_dict_are_read_as_what_they_are() -> None:
    class Lying(list[int]):
        def __iter__(self) -> Any:
            return itertools.repeat(9)

        def __len__(self) -> int:
            return 10**9

    class Endless(tuple[int, ...]):
        __slots__ = ()

        def __iter__(self) -> Any:
            return itertools.repeat(9)

    class Keyed(dict[str, int]):
        def __iter__(self) -> Any:
            return iter("b")

        def keys(self) -> Any:
            return ["b"]

        def items(self) -> Any:
            return itertools.repeat(("b", 9))

    assert there(Lying([1, 2])) == [1, 2]
    assert there(Endless((1, 2))) == [1, 2]
    assert there([Lying([1, 2]), Keyed(a=1)]) == [[1, 2], {"a": 1}]


def test_who_says_to_be_a_list_and_is_none_is_refused() -> None:
    class Liar:
        __class__ = list  # type: ignore[assignment]

    with pytest.raises(Unsendable, match="of type Liar"):
        plain(Liar())


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (SubInt(3), "SubInt"),
        (SubFloat(3.0), "SubFloat"),
        (SubStr("x"), "SubStr"),
        ([1, SubInt(3)], "SubInt"),
        ({1, 2}, "a set, which has no order"),
        (frozenset({1}), "a set, which has no order"),
        ({1: 2}, "key of type int"),
        ({SubStr("a"): 2}, "key of type SubStr"),
        (1j, "complex"),
        (object(), "object"),
        (range(3), "range"),
        (bytearray(b"x"), "bytearray"),
        (np.complex64(1), "complex64"),
        (np.array(["a"]), "dtype <U1"),
        (np.array([None]), "dtype object"),
        (np.array(None), "dtype object"),
        (np.zeros(2, "f2"), "float16"),
        (np.zeros(2, "M8[s]"), "datetime64"),
        (np.zeros(2, [("a", "i4")]), "an array of dtype"),
        (np.zeros((1,) * 5), "rank 5"),
        (np.array(np.longdouble(1)), "an array of dtype"),
        (np.longdouble(1), "longdouble"),
    ],
)
def test_what_does_not_travel_is_refused_by_name(value: Any, says: str) -> None:
    with pytest.raises(Unsendable, match=says):
        encode_answer(plain(value))


def shared_bomb() -> list[Any]:
    bomb: list[Any] = [0] * 10
    for _ in range(40):
        bomb = [bomb] * 10
    return bomb


@pytest.mark.budget(2.0)
def test_a_shared_reference_bomb_ends_at_the_bound() -> None:
    with pytest.raises(Unsendable, match="too large"):
        plain(shared_bomb())
    with pytest.raises(Unsendable, match="too large"):
        plain({"a": shared_bomb()})


def test_empty_containers_count_too() -> None:
    inner: list[Any] = []
    for _ in range(40):
        inner = [inner, inner]
    with pytest.raises(Unsendable, match="too large"):
        plain(inner, room=1000)


def test_deep_nesting_ends_in_a_recursion_error_and_not_in_a_crash() -> None:
    deep: list[Any] = []
    for _ in range(10**5):
        deep = [deep]
    with pytest.raises((RecursionError, Unsendable)):
        encode_answer(plain(deep))
    while deep:  # taken apart by hand
        deep = deep[0]


def test_an_array_larger_than_the_bound_is_refused_before_it_is_copied() -> None:
    with pytest.raises(Unsendable, match="too large"):
        plain(np.broadcast_to(np.float64(0), (10**6, 10**6)))


@pytest.mark.parametrize(
    "value",
    ["x" * 1001, b"x" * 1001, ["x" * 600, "y" * 600], [["x" * 600]] * 2, {"a": "x" * 1001}, ["x" * 10**6] * 10**5],
    ids="str bytes list shared dict much".split(),
)
def test_text_larger_than_the_bound_is_refused_before_it_is_encoded(value: Any) -> None:
    with pytest.raises(Unsendable, match="too large"):
        plain(value, room=1000)


@given(VALUES)
def test_what_fits_is_not_refused(value: Any) -> None:
    plain(value, room=len(encode_answer(value)))


@pytest.mark.parametrize("value", [2**64, -(2**63) - 1, 10**200_000], ids=["2**64", "-2**63-1", "10**200000"])
def test_integers_beyond_64_bits_fail_in_the_encoder(value: int) -> None:
    with pytest.raises(OverflowError):
        encode_answer(plain(value))


def test_a_lone_surrogate_fails_in_the_encoder() -> None:
    with pytest.raises(UnicodeEncodeError):
        encode_answer(plain("\ud800"))


def array_bytes(code: int, shape: tuple[int, ...], data: bytes = b"", rank: int | None = None) -> bytes:
    return struct.pack("<BB", code, len(shape) if rank is None else rank) + struct.pack(f"<{len(shape)}q", *shape) + data


@pytest.mark.parametrize(
    "view",
    [
        b"",
        b"\x00",
        array_bytes(11, (1,), b"x"),
        array_bytes(255, (1,), b"x"),
        array_bytes(0, (), b"", rank=200),
        array_bytes(0, (1,), b"x", rank=2),
        array_bytes(0, (1,) * 5, b"x"),
        array_bytes(0, (-1,), b""),
        array_bytes(0, (-1, -1), b"x"),
        array_bytes(4, (2,), b"x" * 15),
        array_bytes(4, (2,), b"x" * 17),
        array_bytes(4, (2**62, 2**62), b""),
        array_bytes(4, (2**63 - 1,) * 4, b"x"),
        array_bytes(4, (0,), b"x"),
    ],
)
def test_broken_arrays_are_value_errors_and_allocate_nothing(view: bytes) -> None:
    with pytest.raises(ValueError):
        unpack_array(1, memoryview(view))


def test_a_huge_length_beside_a_zero_is_an_empty_array_or_an_error() -> None:
    with pytest.raises(ValueError):
        unpack_array(1, memoryview(array_bytes(4, (0, 2**63 - 1, 2**63 - 1, 2))))
    with pytest.raises(ValueError):
        unpack_array(2, memoryview(array_bytes(0, (1,), b"x")))


@given(st.binary(max_size=200))
def test_any_bytes_are_an_array_or_a_value_error(view: bytes) -> None:
    try:
        array = unpack_array(1, memoryview(view))
    except ValueError:
        return
    assert array.nbytes <= len(view)


def test_what_the_referee_sends_may_hold_arrays_anywhere() -> None:
    back = wire.decode(wire.encode({"rows": [np.arange(3), np.int16(2)], "x": np.float32(0.5)}))
    assert back["rows"][0].tolist() == [0, 1, 2]
    assert (back["rows"][1], back["x"]) == (2, 0.5)
    with pytest.raises(TypeError, match="cannot send a complex"):
        wire.encode([1j])
    with pytest.raises(TypeError, match="cannot send a longdouble"):
        wire.encode([np.longdouble(1)])


def test_a_frame_is_length_nonce_and_payload() -> None:
    made = wire.frame(b"12345678", b"payload")
    assert made == b"\x07\x00\x00\x0012345678payload"
    assert wire.HEADER.unpack_from(made) == (7, b"12345678")


def test_the_decoder_runs_nothing() -> None:
    with pytest.raises((ValueError, msgspec.DecodeError)):
        wire.decode(msgspec.msgpack.encode(msgspec.msgpack.Ext(5, b"cos\nsystem\n(S'true'\ntR.")))
