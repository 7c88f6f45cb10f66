"""synthetic: made-up regions of three clouds, with price lists and bandwidths like the real ones.

A region lies on a continent. A cloud charges by the continents at both ends (within a cloud) or by that of the sender (to other
clouds); every tariff of a network is shifted a little, so that no two networks have the same price list. Bandwidths are
log-normal around a level for each pair of clouds, near (same continent) or far. `bench/cloudcast_fit.py` compares.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from adrs.tasks.cloudcast.network import Network

CONTINENTS: dict[str, dict[str, int]] = {
    "aws": {"eu": 8, "as": 7, "na": 5, "me": 2, "oc": 1, "sa": 1, "af": 1},
    "gcp": {"as": 8, "eu": 6, "na": 5, "oc": 2, "sa": 2, "me": 1},
    "azure": {"na": 7, "eu": 7, "as": 3, "me": 2, "oc": 1, "sa": 1, "af": 1},
}
"""Number of regions of a cloud on a continent: 71 in all."""

Tariff = dict[str, float]

AWS_HOME: Tariff = {"na": 0.02, "eu": 0.02, "as": 0.09, "oc": 0.098, "me": 0.098, "sa": 0.138, "af": 0.147}
AWS_AWAY: Tariff = {"na": 0.09, "eu": 0.09, "as": 0.118, "oc": 0.114, "me": 0.113, "sa": 0.15, "af": 0.154}
GCP_NEAR: Tariff = {"na": 0.01, "eu": 0.02, "as": 0.05, "oc": 0.08, "me": 0.08, "sa": 0.08}
GCP_AWAY: Tariff = {"na": 0.12, "eu": 0.12, "as": 0.135, "oc": 0.19, "me": 0.12, "sa": 0.12}
AZURE_NEAR: Tariff = {"na": 0.02, "eu": 0.02, "as": 0.08, "oc": 0.08, "me": 0.08, "sa": 0.16, "af": 0.08}
AZURE_FAR: Tariff = {"na": 0.05, "eu": 0.05, "as": 0.08, "oc": 0.08, "me": 0.08, "sa": 0.16, "af": 0.08}
AZURE_AWAY: Tariff = {"na": 0.0875, "eu": 0.0875, "as": 0.12, "oc": 0.12, "me": 0.12, "sa": 0.181, "af": 0.12}
"""Dollars a gigabyte by the sender's continent: within the cloud (near, far) and to other clouds (away)."""

GCP_FAR = 0.08
GCP_OCEANIA = 0.15
GCP_AWAY_OCEANIA = 0.19
"""Dollars a gigabyte where gcp charges by the receiver too."""

SHIFT = 0.08
"""Standard deviation of the log factor of a tariff in one network."""

GBIT_S: dict[tuple[str, str], tuple[float, float, float, float]] = {
    ("aws", "aws"): (5.0, 0.02, 5.0, 0.04),
    ("aws", "gcp"): (5.1, 0.03, 5.2, 0.03),
    ("aws", "azure"): (5.0, 0.02, 5.1, 0.03),
    ("gcp", "aws"): (7.2, 0.03, 6.2, 0.25),
    ("gcp", "gcp"): (32.1, 0.06, 21.1, 0.30),
    ("gcp", "azure"): (7.5, 0.04, 8.3, 0.12),
    ("azure", "aws"): (9.1, 0.24, 3.1, 0.51),
    ("azure", "gcp"): (14.7, 0.16, 6.2, 0.50),
    ("azure", "azure"): (17.7, 0.18, 13.9, 0.18),
}
"""Clouds -> (median near, log deviation near, median far, log deviation far), one VM."""

MOST_GBIT_S: dict[tuple[str, str], float] = {
    ("aws", "aws"): 5.5,
    ("aws", "gcp"): 5.6,
    ("aws", "azure"): 5.7,
    ("gcp", "aws"): 8.4,
    ("gcp", "gcp"): 33.2,
    ("gcp", "azure"): 9.1,
    ("azure", "aws"): 9.7,
    ("azure", "gcp"): 33.7,
    ("azure", "azure"): 27.7,
}


def network(rng: np.random.Generator, regions: int | None = None) -> Network:
    """A new network.

    Args:
        regions: of each cloud; None: as many as the real clouds have, 71 in all.
    """
    places = [(cloud, continent) for cloud, continent in _regions(rng, regions)]
    names, count = [], dict[tuple[str, str], int]()
    for place in places:
        count[place] = count.get(place, 0) + 1
        names.append(f"{place[0]}:{place[1]}-{count[place]}")
    shifts: dict[tuple[str, float], float] = {}
    size = len(places)
    dollars, gbit_s = np.zeros((2, size, size))
    for i, here in enumerate(places):
        for j, there in enumerate(places):
            if i != j:
                tariff = (here[0], _dollars(here, there))
                if tariff not in shifts:
                    shifts[tariff] = float(np.exp(SHIFT * rng.standard_normal()))
                dollars[i, j] = round(tariff[1] * shifts[tariff], 4)
                near, near_spread, far, far_spread = GBIT_S[here[0], there[0]]
                level, spread = (near, near_spread) if here[1] == there[1] else (far, far_spread)
                drawn = level * float(np.exp(spread * rng.standard_normal()))
                gbit_s[i, j] = round(min(drawn, MOST_GBIT_S[here[0], there[0]]), 3)
    return Network(tuple(names), dollars, gbit_s)


def _regions(rng: np.random.Generator, regions: int | None) -> Iterator[tuple[str, str]]:
    """(cloud, continent) of every region; a small network draws some of each cloud's, in the order of the list."""
    for cloud, counts in CONTINENTS.items():
        whole = [continent for continent, count in counts.items() for _ in range(count)]
        chosen = range(len(whole)) if regions is None else sorted(rng.permutation(len(whole))[:regions].tolist())
        yield from ((cloud, whole[at]) for at in chosen)


def _dollars(here: tuple[str, str], there: tuple[str, str]) -> float:
    """The tariff before its shift."""
    (cloud, at), (other, to) = here, there
    if cloud == "aws":
        return AWS_HOME[at] if other == "aws" else AWS_AWAY[at]
    if cloud == "azure":
        return AZURE_AWAY[at] if other != "azure" else (AZURE_NEAR if at == to else AZURE_FAR)[at]
    if other != "gcp":
        return GCP_AWAY_OCEANIA if to == "oc" else GCP_AWAY[at]
    if at == to:
        return GCP_NEAR[at]
    return GCP_OCEANIA if "oc" in (at, to) else GCP_FAR
