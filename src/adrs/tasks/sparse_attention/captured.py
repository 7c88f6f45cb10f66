"""captured: heads from tensors recorded from a language model, in a user's file. It does not record them."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from pathlib import Path

import numpy as np

from adrs.core.failure import Refusal
from adrs.core.task import SPLITS, Workload
from adrs.tasks.cache import digest
from adrs.tasks.sparse_attention.heads import PAGE, Floats, Head, Layer, sketch

LEAST_HEADS = 3
LARGEST = 1e100
"""Above this, sums of squares overflow; real tensors stay below 1e5."""


def layers(path: str) -> Iterator[Workload[Layer]]:
    """One layer for each split; every head belongs to one split alone.

    Heads that share keys (grouped-query attention) stay together. Train, validation and test take the groups in turn.

    Args:
        path: an .npz with arrays q (heads, queries, d), k (groups, keys, d) and v (groups, keys, e); heads is a multiple of
            groups. All queries see all keys. The logits are q k / sqrt(d).

    Raises:
        Refusal: the file is missing, or is not of that form.
    """
    query, key, value = _read(path)
    seal = sha256(query.tobytes() + key.tobytes() + value.tobytes()).hexdigest()
    per_group = len(query) // len(key)
    for number, split in enumerate(SPLITS):
        members = [head for head in range(len(query)) if (head // per_group) % len(SPLITS) == number]
        make = partial(_heads, query, key, value, members)
        yield Workload(f"captured-{split}", Layer(digest(seal, split), (number,), ("captured",), make), split)


def _heads(query: Floats, key: Floats, value: Floats, members: list[int]) -> Iterator[Head]:
    for member in members:
        group = member * len(key) // len(query)
        asked = query[member].astype(np.float64) / np.sqrt(query.shape[2])
        keys = key[group].astype(np.float64)
        nothing = [np.zeros(0, np.int64) for _ in asked]
        make = partial(sketch, asked, keys, np.zeros(len(keys)), nothing, 0.0)
        yield Head("captured", asked @ keys.T, value[group].astype(np.float64), make)


def _read(path: str) -> tuple[Floats, Floats, Floats]:
    if not path:
        raise Refusal("data=captured needs tensors=FILE.npz, a file with the arrays q, k and v")
    file = Path(path).expanduser()
    if not file.is_file():
        raise Refusal(f"tensors={path}: there is no such file")
    try:
        with np.load(file, allow_pickle=False) as held:
            query, key, value = (np.asarray(held[name]) for name in ("q", "k", "v"))
    except (OSError, ValueError, KeyError, EOFError, AttributeError, TypeError, zipfile.BadZipFile) as error:
        raise Refusal(f"tensors={path} is not an .npz file with the arrays q, k and v ({type(error).__name__})") from None
    fits = (
        query.ndim == key.ndim == value.ndim == 3
        and all(array.dtype.kind == "f" for array in (query, key, value))
        and query.shape[2] == key.shape[2]
        and key.shape[:2] == value.shape[:2]
        and query.size
        and value.size
        and len(query) % len(key) == 0
    )
    if not fits:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in zip("qkv", (query, key, value), strict=True))
        raise Refusal(f"tensors={path}: q (heads, queries, d), k (groups, keys, d), v (groups, keys, e) do not fit: {shapes}")
    if len(key) < LEAST_HEADS or key.shape[1] < PAGE:
        raise Refusal(f"tensors={path} has {key.shape[:2]} groups and keys: at least {LEAST_HEADS} and {PAGE} are needed")
    if not all(np.isfinite(array).all() for array in (query, key, value)):
        raise Refusal(f"tensors={path} holds NaN or an infinity")
    if float(np.abs(query).max()) * float(np.abs(key).max()) > LARGEST or float(np.abs(value).max()) > LARGEST:
        raise Refusal(f"tensors={path} holds numbers too large for attention: q k or v above {LARGEST:g}")
    return query, key, value
