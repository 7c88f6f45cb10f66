"""synthetic: made-up tables with the repetition of four published ones; the fifth is in scores.py. Words are made up too.

Taken from the real table (beer) or from what is published about it (the others): columns and merged groups, how many
rows are about the same thing, which columns depend on it, lengths of cells, shares of frequent values, and the order of rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime

import numpy as np

from adrs.tasks.llm_sql.scores import pdmx
from adrs.tasks.llm_sql.table import Table
from adrs.tasks.llm_sql.words import Random, Words, around, sizes

Cells = Iterable[Sequence[str]]
"""Rows of a table before its columns are merged."""

DAY = 86_400

USERS = 9_000
"""People who may review a beer; some do so a hundred times as often as others."""


def made(kind: str, rows: int, seed: Sequence[int]) -> Table:
    """A table of a kind, with columns not merged.

    Args:
        seed: the numbers from which its randomness comes; equal numbers give equal tables.
    """
    names, make = KINDS[kind]
    random = np.random.default_rng(np.random.SeedSequence(seed))
    cells = list(make(random, rows))
    return Table(kind, names, tuple(map(tuple, zip(*cells, strict=True))))


GENRES = ("Drama", "Comedy", "Documentary", "Action & Adventure", "Romance", "Horror", "Animation", "Musical", "Western", "War")


def movies(random: Random, rows: int) -> Cells:
    """Reviews, movie by movie."""
    words = Words(random)
    companies: list[str] = []
    for count in sizes(random, rows, 41, 0.85, max(8, rows // 5)):
        title = words.name(around(random, 2.4, 0.5, 5))
        link = "m/" + title.lower().replace(" ", "_")
        plot = words.text(around(random, 455, 0.5, 1400))
        genres = ", ".join(GENRES[place] for place in random.permutation(len(GENRES))[: random.integers(1, 5)])
        if not companies or random.random() < 0.42:
            companies.append(words.name(2) + words.pick((" Films", " Pictures", "", " Entertainment Group")))
        company = words.pick(companies, 0.7)
        fresh = random.beta(3, 2)
        for _ in range(count):
            review = words.text(int(np.clip(random.normal(133, 50), 20, 260)))
            verdict = "Fresh" if random.random() < fresh else "Rotten"
            yield review, verdict, str(random.random() < 0.2), link, title, plot, genres, company


def beer(random: Random, rows: int) -> Cells:
    """Reviews, beer by beer and brewery by brewery, the latest first; a reviewer of a brewery tries several of its beers."""
    words = Words(random)
    users, until = _users(words)
    styles = [words.proper(max(11, around(random, 16.5, 0.25, 30))) for _ in range(78)]
    special = random.integers(11_500, 15_300, 20)
    famous = [int(share * rows) for share in random.uniform(0.06, 0.1, 3)]
    beers = [*sizes(random, rows - sum(famous), 4, 1.6, max(20, rows // 40)), *famous]
    for count in sizes(random, len(beers), 2.2, 1.2, 91):
        brewery = words.proper(around(random, 11, 0.35, 25))
        visits: list[tuple[str, int]] = []
        for _ in range(count):
            name = f"{brewery} {words.proper(around(random, 19, 0.45, 45))}"
            number, style = str(int(10 ** random.uniform(2.5, 5.2))), words.pick(styles, 0.8)
            known, level = len(visits), random.normal(0, 0.72)
            reviews: dict[tuple[str, int], None] = {}
            wanted = beers.pop()
            while len(reviews) < wanted:
                again = known > 0 and random.random() < 0.3
                visit = visits[int(random.integers(known))] if again else None
                if visit is None or visit in reviews:
                    user = users[int(np.searchsorted(until, random.random() * until[-1]))]
                    day = (
                        int(random.choice(special))
                        if random.random() < 0.02
                        else int(random.triangular(11_077, 14_400, 15_352))
                    )
                    visit = (user, day * DAY)
                    visits.append(visit)
                reviews[visit] = None
            for user, time in sorted(reviews, key=lambda visit: -visit[1]):
                yield user, str(time), *_judgement(random, level), name, style, number


def _users(words: Words) -> tuple[list[str], np.ndarray]:
    """Names of people, and the cumulative sum of their activity."""
    known = {words.proper(around(words.random, 9.2, 0.35, 21)) for _ in range(USERS)}
    names = sorted(name.replace(" ", "") for name in known)
    return names, np.cumsum(np.exp(1.4 * words.random.standard_normal(len(names))))


def _judgement(random: Random, level: float) -> tuple[str, str, str, str]:
    """Overall, taste, palate and appearance, with correlations of about .85, .68 and .54 with the first."""
    overall = level + 0.69 * random.standard_normal()
    both, *own = random.standard_normal(4)

    def mark(mean: float, spread: float, with_overall: float, noise: float, most: int) -> str:
        rest = np.sqrt(1 - with_overall**2) * (0.5 * both + 0.866 * noise)
        return f"{int(np.clip(round(mean + spread * (with_overall * overall + rest)), 1, most))}/{most}"

    return (
        mark(13.8, 2.98, 1.0, 0.0, 20),
        mark(6.71, 1.45, 0.88, own[0], 10),
        mark(3.37, 0.8, 0.74, own[1], 5),
        mark(3.55, 0.78, 0.59, own[2], 5),
    )


def bird(random: Random, rows: int) -> Cells:
    """Comments on posts, unordered."""
    words = Words(random)
    posts = []
    numbers = random.permutation(90_000)[:rows] + 1
    for number, count in zip(numbers.tolist(), sizes(random, rows, 2, 0.9, 24), strict=False):
        at = datetime.fromtimestamp(int(random.integers(1_285_000_000, 1_410_000_000)), UTC)
        posts += [(str(number), f"{at:%Y-%m-%d %H:%M:%S}.0", _html(words))] * count
    for place in random.permutation(rows).tolist():
        number, date, body = posts[place]
        yield words.text(around(random, 215, 0.65, 600)), number, date, body


def _html(words: Words) -> str:
    paragraphs, left = [], around(words.random, 1610, 0.6, 4750)
    while left > 20:
        length = min(left, int(words.random.integers(150, 700)))
        paragraphs.append(f"<p>{words.text(length)}</p>")
        left -= length + 9
    return "\n\n".join(paragraphs)


def products(random: Random, rows: int) -> Cells:
    """Reviews of products, unordered."""
    words = Words(random)
    stock = [words.name(int(random.integers(1, 3))) for _ in range(30)]
    goods = []
    for count in sizes(random, rows, 2, 1.2, max(8, rows // 50)):
        parts = [words.text(around(random, 140, 0.6, 500)) for _ in range(around(random, 4.3, 0.4, 9))]
        asin = "B0" + "".join("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[at] for at in random.integers(0, 36, 8))
        title = f"{words.name(around(random, 16.5, 0.3, 26))} {random.integers(100, 9999)}"
        goods += [(str(parts), asin, title)] * count
    numbers = random.permutation(6 * rows).tolist()
    for place, number in zip(random.permutation(rows).tolist(), numbers, strict=False):
        description, asin, title = goods[place]
        review = words.text(around(random, 149, 0.75, 900))
        headline = words.pick(stock, 1.1) if random.random() < 0.43 else words.name(around(random, 3.6, 0.4, 7))
        stars = random.choice(("5.0", "4.0", "3.0", "1.0", "2.0"), p=(0.665, 0.152, 0.072, 0.067, 0.044))
        yield review, description, asin, headline, str(random.random() < 0.95), str(stars), title, str(number)


KINDS: Mapping[str, tuple[tuple[str, ...], Callable[[Random, int], Cells]]] = {
    "movies": (
        tuple("reviewcontent reviewtype topcritic rottentomatoeslink movietitle movieinfo genres productioncompany".split()),
        movies,
    ),
    "beer": (
        (
            *("review/profileName", "review/time", "review/overall", "review/taste", "review/palate", "review/appearance"),
            *("beer/name", "beer/style", "beer/beerId"),
        ),
        beer,
    ),
    "bird": (("Text", "PostId", "PostDate", "Body"), bird),
    "pdmx": (
        tuple(
            "path metadata hasmetadata version isuserpro isuserpublisher isuserstaff haspaywall israted isofficial isoriginal "
            "isdraft hascustomaudio hascustomvideo ncomments nfavorites nviews nratings rating license licenseurl genres "
            "groups tags songname title subtitle artistname composername publisher complexity ntracks tracks songlength "
            "songlengthseconds songlengthbars songlengthbeats nnotes notesperbar nannotations hasannotations nlyrics "
            "haslyrics ntokens pitchclassentropy scaleconsistency grooveconsistency bestpath isbestpath bestarrangement "
            "isbestarrangement bestuniquearrangement isbestuniquearrangement subsetall subsetrated subsetdeduplicated "
            "subsetrateddeduplicated".split()
        ),
        pdmx,
    ),
    "products": (
        tuple("text description parent_asin review_title verified_purchase rating product_title id".split()),
        products,
    ),
}
"""Kind -> names of the columns, and the function that makes the rows."""
