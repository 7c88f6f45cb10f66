"""cache: keeps numbers that are expensive to compute and never change, such as the optimum of a workload, on disk.

One small file for each workload, named by a digest of everything that the numbers depend on, in `ADRS_CACHE` or the
platform's cache folder. With a damaged file or a folder that cannot be written, numbers are computed again.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_dir

Numbers = NDArray[np.float64]


def digest(*parts: bytes | str) -> str:
    """Hex digest of parts; their order and their boundaries count."""
    whole = sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        whole.update(len(raw).to_bytes(8, "little") + raw)
    return whole.hexdigest()


def cached(task: str, key: str, shape: Sequence[int], compute: Callable[[], Numbers]) -> Numbers:
    """Return `compute()`, from the cache if it is known; of several processes that need it at once, one computes it.

    Args:
        task: the owner of the numbers; a folder of the cache.
        key: a digest of all that the numbers depend on, the algorithm's version included.
        shape: of the result; a cached result of another shape is ignored.
    """
    file = Path(os.environ.get("ADRS_CACHE") or user_cache_dir("adrs")).expanduser() / "bounds" / task / f"{key}.json"
    known = _read(file, tuple(shape))
    if known is not None:
        return known
    with _alone(file):
        known = _read(file, tuple(shape))  # another process may have been first
        if known is None:
            known = compute()
            _write(file, known)
    return known


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Let in one process at a time; where locking is impossible, all at once, which only costs time."""
    lock = file.with_name(f"{file.name}.lock")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        held = os.open(lock, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError:
        yield
        return
    try:
        with suppress(OSError):
            fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        with suppress(OSError):
            lock.unlink()
        os.close(held)


def _read(file: Path, shape: tuple[int, ...]) -> Numbers | None:
    try:
        held = json.loads(file.read_text("utf-8"))
        numbers = np.array(held["numbers"], dtype=np.float64)
        sound = numbers.shape == shape and held["sha256"] == _seal(numbers)
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return numbers if sound else None


def _write(file: Path, numbers: Numbers) -> None:
    text = json.dumps({"sha256": _seal(numbers), "numbers": numbers.tolist()})
    part = file.with_name(f"{file.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, "utf-8")
        os.replace(part, file)
    except OSError:
        with suppress(OSError):
            part.unlink()


def _seal(numbers: Numbers) -> str:
    return sha256(np.ascontiguousarray(numbers).tobytes()).hexdigest()
