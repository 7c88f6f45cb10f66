"""words: a made-up language for made-up tables. It contains no existing text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Random = np.random.Generator

ONSETS = ("b", "c", "d", "f", "g", "h", "j", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "z", "br", "st", "tr", "pl")
CODAS = ("", "", "", "", "n", "l", "r", "s", "t", "k", "m")
VOWELS = "aeiou"
SYLLABLES = (0.28, 0.42, 0.22, 0.08)
"""Shares of words with one to four syllables."""

SIZE = 8_000
"""Words that are drawn; about 6,000 of them differ. The r-th has a weight of 1 / r, as in any language."""


class Words:
    """A vocabulary, and texts in it.

    Args:
        random: the source of randomness.
    """

    def __init__(self, random: Random) -> None:
        self.random = random
        self.known = self._words(SIZE)
        self._until = np.cumsum(1 / np.arange(1, SIZE + 1))

    def _words(self, count: int) -> list[str]:
        """New words of one to four syllables."""
        syllables = self.random.choice(4, count, p=SYLLABLES) + 1
        onsets = self.random.integers(0, len(ONSETS), (count, 4)).tolist()
        vowels = self.random.integers(0, len(VOWELS), (count, 4)).tolist()
        codas = self.random.integers(0, len(CODAS), (count, 4)).tolist()
        return [
            "".join([ONSETS[a] + VOWELS[b] + CODAS[c] for a, b, c in zip(first[:many], second, third, strict=False)])
            for many, first, second, third in zip(syllables.tolist(), onsets, vowels, codas, strict=True)
        ]

    def some(self, count: int) -> list[str]:
        """Words of running text."""
        places = np.searchsorted(self._until, self.random.random(count) * self._until[-1])
        return [self.known[place] for place in places.tolist()]

    def name(self, count: int) -> str:
        """A name of a few words, "Kuno Batil"."""
        return " ".join(map(str.capitalize, self.some(count)))

    def proper(self, characters: int) -> str:
        """A name of about a given number of characters, made of equally frequent words."""
        places = self.random.integers(0, SIZE, characters // 6 + 2).tolist()
        words = [self.known[place].capitalize() for place in places]
        while len(words) > 1 and sum(map(len, words)) + len(words) - 1 > characters + 2:
            words.pop()
        return " ".join(words)

    def text(self, characters: int) -> str:
        """Sentences of six to fourteen words, at most a given number of characters in all."""
        words = self.some(characters // 5 + 20)
        sentences: list[str] = []
        done = 0
        while done < characters:
            count = int(self.random.integers(6, 15))
            words = words if len(words) >= count else self.some(characters // 5 + 20)
            sentence, words = " ".join(words[:count]), words[count:]
            sentences.append(sentence[:1].upper() + sentence[1:] + ".")
            done += len(sentences[-1]) + 1
        return " ".join(sentences)[:characters].strip()

    def pick(self, among: Sequence[str], power: float = 1.0) -> str:
        """One of several, the r-th with a weight of 1 / r ** power."""
        until = np.cumsum(np.arange(1, len(among) + 1, dtype=float) ** -power)
        return among[int(np.searchsorted(until, self.random.random() * until[-1]))]


def sizes(random: Random, rows: int, median: float, spread: float, most: int) -> list[int]:
    """Numbers of rows of each thing that a table is about: log-normal, at least one and at most `most`, `rows` in all."""
    found: list[int] = []
    left = rows
    while left > 0:
        drawn = int(np.ceil(median * np.exp(spread * random.standard_normal()) - 0.5))
        found.append(min(max(1, drawn), most, left))
        left -= found[-1]
    return found


def around(random: Random, mean: float, spread: float, most: int) -> int:
    """A length: log-normal with a mean and a spread of its logarithm, from 3 to `most`."""
    drawn = mean * np.exp(spread * random.standard_normal() - spread**2 / 2)
    return int(min(max(3, drawn), most))
