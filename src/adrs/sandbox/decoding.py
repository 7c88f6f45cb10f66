"""decoding: decodes an answer into a value of the type that the referee expects, or raises a foul."""

from __future__ import annotations

import math
import re
import reprlib
from collections.abc import Hashable
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np

from adrs.core.failure import Foul
from adrs.core.task import Array
from adrs.core.text import clean
from adrs.sandbox import wire

_PLACE = re.compile(r" - at `(\$[^`]*)`$")
"""The end of a msgspec message; a similar text before it is part of the answer."""
_STEP = re.compile(r"\[(\d+)\]|\.(\w+)|\[(\.\.\.)\]")
_INDEX = re.compile(r"\[(\d+)\]")
EXPLAINED_BYTES = 1 << 20
"""Larger answers are not decoded a second time to show the wrong value."""


def read(payload: bytes, expect: Any, name: str = "answer") -> Any:
    """Decode `payload` into a value of type `expect`: a msgspec type, an `Array`, or a tuple of these.

    Args:
        name: the name of the value in fouls.

    Raises:
        Foul: `illegal_answer`, naming the position and the value there.
    """
    try:
        return _reader(expect).read(payload)
    except msgspec.ValidationError as error:
        raise Foul("illegal_answer", _explain(str(error), payload, name)) from None
    except (msgspec.DecodeError, ValueError, OverflowError, RecursionError) as error:
        raise Foul("illegal_answer", f"the {name} cannot be read: {clean(str(error), 200)}") from None


@lru_cache(maxsize=256)
def _reader(expect: Hashable) -> _Reader:
    return _Reader(expect)


class _Reader:
    """A decoder for one expected type; made once."""

    def __init__(self, expect: Any) -> None:
        self.expect = expect
        self.parts = [_reader(part) for part in expect] if isinstance(expect, tuple) else []
        typed = list[msgspec.Raw] if self.parts else (msgspec.msgpack.Ext if isinstance(expect, Array) else expect)
        self.decoder: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(typed, strict=True)
        self.floats = not self.parts and not isinstance(expect, Array) and _may_hold_floats(msgspec.inspect.type_info(expect))

    def read(self, payload: bytes) -> Any:
        if isinstance(self.expect, Array):
            return self._array(payload, self.expect)
        value = self.decoder.decode(payload)
        if self.parts:
            if len(value) != len(self.parts):
                raise Foul("illegal_answer", f"the answer has {len(value)} parts, not {len(self.parts)}")
            return tuple(
                read(bytes(raw), part.expect, f"answer[{at}]")
                for at, (part, raw) in enumerate(zip(self.parts, value, strict=True))
            )
        if self.floats:
            self._finite(value, payload)
        return value

    def _array(self, payload: bytes, expect: Array) -> np.ndarray[Any, Any]:
        extension = self.decoder.decode(payload)
        array = wire.unpack_array(extension.code, memoryview(extension.data))
        wanted = np.dtype(expect.dtype)
        if array.dtype != wanted:
            raise Foul("illegal_answer", f"the answer is an array of {array.dtype}, not of {wanted}")
        fits = len(array.shape) == len(expect.shape) and all(
            length is None or length == given for length, given in zip(expect.shape, array.shape, strict=True)
        )
        if not fits:
            raise Foul("illegal_answer", f"the answer is an array of shape {array.shape}, not {expect.shape}")
        if array.dtype.kind == "f" and not expect.allow_nan and not np.isfinite(array).all():
            raise Foul("illegal_answer", "the answer holds NaN or an infinity")
        return array

    def _finite(self, value: Any, payload: bytes) -> None:
        large = False
        for number in _floats(value):
            if not math.isfinite(number):
                raise Foul("illegal_answer", f"the answer holds {number}, which is no finite number")
            large = large or abs(number) >= wire.MAX_EXACT_FLOAT  # 2**53 + 1 is read as 2**53
        if large and any(abs(number) > wire.MAX_EXACT_FLOAT for number in _integers(msgspec.msgpack.decode(payload))):
            raise Foul("illegal_answer", "the answer holds an int beyond 2**53 where a float is expected")


def _leaves(value: Any) -> list[Any]:
    """All scalars in a value, without recursion."""
    found, waiting = [], [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, (list, tuple)):
            waiting.extend(each)
        elif isinstance(each, dict):
            waiting.extend(each.values())
        elif isinstance(each, msgspec.Struct):
            waiting.extend(msgspec.structs.astuple(each))
        else:
            found.append(each)
    return found


def _floats(value: Any) -> list[float]:
    return [each for each in _leaves(value) if type(each) is float]


def _integers(value: Any) -> list[int]:
    return [each for each in _leaves(value) if type(each) is int]


def _may_hold_floats(kind: Any) -> bool:
    """Whether a type, as msgspec describes it, can contain a float; True for unknown types."""
    if isinstance(kind, (list, tuple)):
        return any(_may_hold_floats(each) for each in kind)
    if isinstance(kind, (msgspec.inspect.FloatType, msgspec.inspect.AnyType, msgspec.inspect.CustomType)):
        return True
    if isinstance(kind, msgspec.Struct):
        return any(_may_hold_floats(each) for each in msgspec.structs.astuple(kind))
    return False


def _explain(message: str, payload: bytes, name: str) -> str:
    """msgspec's message in plain words, with the value at the reported position."""
    found = _PLACE.search(message)
    place = found.group(1) if found else "$"
    says = clean(_PLACE.sub("", message).replace("`", ""), 200)
    says = says[:1].lower() + says[1:]
    place_said = clean(place.replace("$", name, 1), 100)
    try:
        value = _at(payload, place)
        if isinstance(value, msgspec.msgpack.Ext):
            return f"{place_said} is a numpy array, where none can be read: answer plain values, with .tolist() or .item()"
        shown = clean(reprlib.repr(value), 100)
    except (msgspec.DecodeError, ValueError, LookupError, TypeError, RecursionError):
        return f"{place_said}: {says}"
    return f"{place_said} is the {type(value).__name__} {shown}: {says}"


def _at(payload: bytes, place: str) -> Any:
    """The value in a payload at a position such as "$[3].name".

    Raises:
        LookupError, ValueError, TypeError, RecursionError: the value cannot be found.
    """
    if len(payload) > EXPLAINED_BYTES:
        raise ValueError("too large to be decoded again")
    value = msgspec.msgpack.decode(payload)
    for index, field, unknown in _STEP.findall(place):
        if unknown:
            raise LookupError("a place without a number")
        value = value[field] if field else value[int(index)]
    return value


def index_in(reason: str) -> int | None:
    """The first index in the position that `read` reports, "answer[3] is …"."""
    found = _INDEX.search(reason.partition(" is ")[0]) if reason.startswith("answer[") else None
    return int(found.group(1)) if found else None
