"""wire: encodes frames and values between referee and player. Imports no other adrs module, because both sides load it.

A frame is a 4-byte little-endian payload length, an 8-byte nonce and the payload, MessagePack by msgspec. A reply echoes the
nonce of the one open request; its first payload byte says whether an answer or an error follows.
"""

from __future__ import annotations

import enum
import struct
from typing import Any

import msgspec
import numpy as np

HEADER = struct.Struct("<I8s")
LOCKED = b"L"
"""The first byte: the child is locked down and has read nothing yet. A failure before it is not the candidate's."""
ANSWER, ERROR = b"\x00", b"\x01"
MAX_REQUEST = 64 << 20
MAX_REPLY = 1 << 20
MAX_ERROR_TEXT = 2_000
MAX_EXACT_FLOAT = 1 << 53

_ARRAY = 1
_ARRAY_HEAD = struct.Struct("<BB")
DTYPES = tuple(np.dtype(name) for name in "? i1 i2 i4 i8 u1 u2 u4 u8 f4 f8".split())
"""The supported dtypes, little-endian; the position is the code on the wire."""
MAX_RANK = 4
_SCALARS = frozenset({bool, int, float, str, bytes, type(None)})
_TEXTS = frozenset({str, bytes})


class Unsendable(Exception):  # noqa: N818
    """An answer contains a value that cannot be sent; the text names it."""


def pack_array(array: np.ndarray[Any, Any]) -> msgspec.msgpack.Ext:
    """An array as an extension value: dtype code, rank, shape (8 bytes each), C-order little-endian bytes."""
    dtype = array.dtype.newbyteorder("<")
    if dtype not in DTYPES:
        raise Unsendable(f"an array of dtype {array.dtype}; allowed are bool, int8 to int64, uint8 to uint64, float32, float64")
    if array.ndim > MAX_RANK:
        raise Unsendable(f"an array of rank {array.ndim}; at most {MAX_RANK} is allowed")
    head = _ARRAY_HEAD.pack(DTYPES.index(dtype), array.ndim) + struct.pack(f"<{array.ndim}q", *array.shape)
    return msgspec.msgpack.Ext(_ARRAY, head + np.ascontiguousarray(array, dtype).tobytes())


def unpack_array(code: int, view: memoryview) -> np.ndarray[Any, Any]:
    """The writable array of an extension value.

    Raises:
        ValueError: the bytes are not such an array.
    """
    if code != _ARRAY or len(view) < _ARRAY_HEAD.size:
        raise ValueError("an unknown extension value")
    dtype_code, rank = _ARRAY_HEAD.unpack_from(view)
    start = _ARRAY_HEAD.size + 8 * rank
    if dtype_code >= len(DTYPES) or rank > MAX_RANK or len(view) < start:
        raise ValueError("a broken array header")
    shape, dtype = struct.unpack_from(f"<{rank}q", view, _ARRAY_HEAD.size), DTYPES[dtype_code]
    size = dtype.itemsize
    for length in shape:
        if length < 0:
            raise ValueError("a negative array length")
        size *= length
    if size != len(view) - start:
        raise ValueError("an array whose bytes do not match its shape")
    return np.frombuffer(view, dtype, offset=start).reshape(shape).copy()


def _is_number(dtype: np.dtype[Any]) -> bool:
    """Whether `item()` returns a bool, an int or a float; for a long double it returns a long double."""
    return dtype.kind in "biuf" and dtype.itemsize <= 8


def plain(value: Any, room: int = MAX_REPLY) -> Any:
    """`value` as sendable types: None, bool, int, float, str, bytes, list, dict with str keys, arrays.

    numpy scalars become Python scalars, tuples lists, Enum members values, torch tensors arrays; dict and list subclasses are
    read as dict and list. Everything else, including sets and subclasses of int, float and str, is refused.

    Args:
        room: maximal number of leaves, characters and bytes in it; each takes at least one byte on the wire.

    Raises:
        Unsendable: a value in it cannot be sent, or it is too large.
    """
    return _plain(value, [room])


def _take(left: list[int], count: int) -> None:
    left[0] -= count
    if left[0] < 0:
        raise Unsendable("an answer that is too large")


def _plain(value: Any, left: list[int]) -> Any:
    kind = type(value)
    _take(left, 1)
    if kind in _SCALARS:
        if kind in _TEXTS:
            _take(left, len(value))
        return value
    if issubclass(kind, (list, tuple)):
        if kind is not list:
            value = list(list.__iter__(value) if issubclass(kind, list) else tuple.__iter__(value))
        kinds = set(map(type, value))
        if kinds <= _SCALARS:
            _take(left, len(value))
            if kinds & _TEXTS:
                _take(left, sum(len(each) for each in value if type(each) in _TEXTS))
            return value
        return [_plain(each, left) for each in value]
    if issubclass(kind, dict):
        for key in dict.keys(value):
            if type(key) is not str:
                raise Unsendable(f"a dict with a key of type {type(key).__name__}; keys must be str")
            _take(left, 1 + len(key))
        return {key: _plain(each, left) for key, each in dict.items(value)}
    if isinstance(value, np.ndarray):
        if value.ndim == 0 and _is_number(value.dtype):
            return value.item()
        _take(left, value.nbytes)
        return pack_array(value)
    if isinstance(value, np.generic) and _is_number(value.dtype):
        return value.item()
    if isinstance(value, enum.Enum):
        return _plain(value.value, left)
    if (kind.__module__, kind.__name__) == ("torch", "Tensor"):
        return _plain(value.detach().cpu().numpy(), left)
    if isinstance(value, (set, frozenset)):
        raise Unsendable("a set, which has no order; return a list")
    raise Unsendable(f"a value of type {kind.__name__}; allowed are None, bool, int, float, str, bytes, list, dict and arrays")


def _outgoing(value: Any) -> Any:
    """Encode arrays and numpy scalars, which requests of the referee may contain anywhere."""
    if isinstance(value, np.ndarray):
        return pack_array(value)
    if isinstance(value, np.generic) and _is_number(value.dtype):
        return value.item()
    raise TypeError(f"a task cannot send a {type(value).__name__} to a player")


_encoder = msgspec.msgpack.Encoder(enc_hook=_outgoing)
encode = _encoder.encode
"""A value as MessagePack."""
encode_answer = msgspec.msgpack.Encoder().encode
decode = msgspec.msgpack.Decoder(ext_hook=unpack_array).decode
"""An untyped value from MessagePack; used by the player, which trusts the referee."""


def frame(nonce: bytes, payload: bytes) -> bytes:
    """One message as bytes."""
    return HEADER.pack(len(payload), nonce) + payload
