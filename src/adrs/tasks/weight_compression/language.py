"""language: made-up text to train and test a byte model on: a lexicon and a chain of word classes, all from a seed.

Domain "home" is what the model is trained on. Domain "away" has the same words in other proportions and another grammar, as a
second corpus would have.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Tokens = NDArray[np.int64]
Domain = Literal["home", "away"]

ALPHABET = "abcdefghijklmnopqrstuvwxyz .,()=\n"
CODE = {letter: code for code, letter in enumerate(ALPHABET)}
CLASSES, WORDS = 7, 12
_BETWEEN = (" ", " ", " ", ", ", " = ", " (", ") ")


def text(seed: tuple[int, ...], domain: Domain, part: int, length: int) -> Tokens:
    """(length,) codes of letters.

    Args:
        seed: of the language; its parts differ only by chance.
        part: the stretch of text; parts share no random numbers.
    """
    rng = np.random.default_rng([*seed, 101])
    lexicon = [[_word(rng) for _ in range(WORDS)] for _ in range(CLASSES)]
    chain = rng.dirichlet(np.full(CLASSES, 0.35), size=CLASSES)
    other = rng.dirichlet(np.full(CLASSES, 0.6), size=CLASSES)
    power = 1.1 if domain == "home" else 0.4
    if domain == "away":
        chain = 0.6 * chain + 0.4 * other
    popular = 1.0 / np.arange(1, WORDS + 1) ** power
    steps, words = np.cumsum(chain, axis=1), np.cumsum(popular / popular.sum())
    draws = np.random.default_rng([*seed, 202, 1 if domain == "away" else 0, part])
    pieces: list[str] = []
    size, kind, since = 0, 0, 0
    while size < length:
        move, pick, stop = draws.random(3)
        kind = min(int(np.searchsorted(steps[kind], move)), CLASSES - 1)
        since += 1
        end = since > 3 and stop < 0.25
        since = 0 if end else since
        piece = lexicon[kind][min(int(np.searchsorted(words, pick)), WORDS - 1)] + (".\n" if end else _BETWEEN[kind])
        pieces.append(piece)
        size += len(piece)
    return np.array([CODE[letter] for letter in "".join(pieces)[:length]], dtype=np.int64)


def _word(rng: np.random.Generator) -> str:
    """One to three syllables."""
    syllables = int(rng.integers(1, 4))
    return "".join("bcdfghklmnprstvwz"[rng.integers(17)] + "aeiouy"[rng.integers(6)] for _ in range(syllables)) + (
        "lnrst"[rng.integers(5)] if rng.random() < 0.4 else ""
    )
