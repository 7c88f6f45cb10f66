"""scores: rows about sheet music with 57 columns, most of them short and of little value; the kind "pdmx"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from adrs.tasks.llm_sql.words import Random, Words, around

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
GENRES = ("folk", "soundtrack", "pop", "classical", "religiousmusic")
PROGRAMS = ("52", "40", "73")
LICENCES = (("publicdomain", "mark"), ("cc-zero", "zero"))


def pdmx(random: Random, rows: int) -> Iterator[Sequence[str]]:
    """Scores; a song may have several, one of them marked as the best."""
    words = Words(random)
    artists = [words.name(2) for _ in range(400)]
    names = ["".join(BASE58[at] for at in random.integers(0, 58, 44)) for _ in range(rows)]
    best_of: list[str] = []
    while len(best_of) < rows:
        best_of += [names[len(best_of)]] * int(random.geometric(0.45))
    numbers = np.cumsum(random.integers(1, 86, rows)) + 4_000_000
    for number, place in zip(numbers.tolist(), random.permutation(rows).tolist(), strict=True):
        title = words.name(1) if random.random() < 0.08 else words.name(around(random, 3.2, 0.4, 6))
        own, best = names[place], best_of[place]
        kind = random.random()
        arrangement = own if kind < 0.194 else best
        unique = own if kind < 0.356 else best
        file = f"{own[0]}/{own[1]}/Qm{own}"
        rated = random.random() < 0.117
        first = (f"./data/{file}.json", f"./metadata/{random.integers(10)}/{number}.json", *_page(random, rated))
        yield (
            *first,
            *_texts(words, title, artists),
            *_music(random),
            *_best(own, (best, arrangement, unique)),
            "True",
            *_subsets(random, rated),
        )


def _page(random: Random, rated: bool) -> tuple[str, ...]:
    """From hasmetadata to genres."""
    chance = random.random(8)
    flags = ("False", "False", "False", str(rated), "False", str(chance[0] < 0.104), "False", "False", str(chance[1] < 0.023))
    favourites = 0 if chance[2] < 0.7 else int(min(7, random.geometric(0.31)))
    views = int(min(np.exp(1.7 + 1.5 * random.standard_normal()), 999))
    rating = (str(random.integers(3, 11)), str(round(4 + 0.99 * random.random(), 2))) if rated else ("0", "0.0")
    licence, page = LICENCES[int(chance[3] > 0.647)]
    url = f"https://creativecommons.org/publicdomain/{page}/1.0/"
    genre = "" if chance[4] < 0.29 else GENRES[int(random.integers(len(GENRES)))]
    version, professional = "3.01" if chance[5] < 0.845 else "2.06", str(chance[6] < 0.909)
    counts = (str(int(chance[7] < 0.082)), str(favourites), str(views), *rating)
    return "True", version, professional, *flags, *counts, licence, url, genre


def _texts(words: Words, title: str, artists: Sequence[str]) -> tuple[str, ...]:
    """From groups to publisher."""
    chance = words.random.random(5)
    artist = words.pick(artists)
    group = words.some(1)[0] if chance[0] < 0.1 else ""
    tags = "-".join(words.some(3)) if chance[1] < 0.193 else ""
    full = title if chance[2] < 0.5 else f"{title} - {artist}"
    subtitle = words.name(3) if chance[3] < 0.4 else ""
    return group, tags, title, full, subtitle, artist, artist if chance[4] < 0.49 else "", ""


def _music(random: Random) -> tuple[str, ...]:
    """From complexity to grooveconsistency."""
    bars, beats = int(min(np.exp(3.4 + 0.75 * random.standard_normal()) + 2, 400)), int(random.integers(2, 6))
    notes = int(bars * random.uniform(2, 18)) + 1
    seconds = bars * beats * random.uniform(0.35, 0.8)
    tracks = 1 if random.random() < 0.43 else int(random.integers(2, 6))
    complexity = "" if random.random() < 0.1 else f"{random.choice(4, p=(0.33, 0.325, 0.345, 0.0))}.0"
    programs = "-".join("0" if random.random() < 0.49 else PROGRAMS[int(random.integers(len(PROGRAMS)))] for _ in range(tracks))
    lyrics = int(random.integers(5, 390)) if random.random() < 0.25 else 0
    shape = (str(tracks), programs, str(int(seconds * 600)), repr(float(seconds)), str(bars), str(bars * beats), str(notes))
    said = (repr(notes / bars), str(random.integers(1, 40)), "True", str(lyrics), str(lyrics > 0), str(int(notes * 1.2)))
    entropy, scale, groove = 2.6 + 0.3 * random.standard_normal(), 1 - 0.2 * random.random(), 1 - 0.15 * random.random()
    return complexity, *shape, *said, repr(float(entropy)), repr(float(scale)), repr(float(groove))


def _best(own: str, best: Sequence[str]) -> Iterator[str]:
    """From bestpath to isbestuniquearrangement."""
    for name in best:
        yield f"/data2/scores/{name[0]}/{name[1]}/Qm{name}.mscz"
        yield str(name == own)


def _subsets(random: Random, rated: bool) -> tuple[str, str, str]:
    return str(rated), str(random.random() < 0.488), str(rated and random.random() < 0.5)
