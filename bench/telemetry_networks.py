"""telemetry_networks: made-up networks and counters of Telemetry Repair beside the published and measured ones.

ADRS_DATA=... python bench/telemetry_networks.py
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from adrs.tasks.telemetry_repair import real
from adrs.tasks.telemetry_repair.network import Link, Network, anonymous, distances, network
from adrs.tasks.telemetry_repair.snapshot import RX, TX, Traffic, state
from adrs.tasks.telemetry_repair.synthetic import links, made

SEEDS = 40


def shape(net: Network) -> list[float]:
    """Degree sd, largest degree, diameter, mean hops, clustering."""
    degrees = np.array([len(each) for each in net.neighbours])
    hops = np.array([distances(net, router) for router in range(len(net.routers))])
    pairs = [(a, b) for each in net.neighbours for a, b in combinations(each, 2)]
    size = len(net.routers)
    closed = sum(pair in net.at for pair in pairs) / len(pairs)
    return [float(degrees.std()), float(degrees.max()), float(hops.max()), hops.sum() / size / (size - 1), closed]


def reported(net: Network) -> str:
    return ", ".join(f"{value:.2f}" for value in shape(net))


def spread(many: list[Traffic]) -> str:
    """Deviations of readings from predicted loads, and of the two ends of a flow, in percent."""
    off, ends = [], []
    for one in many:
        true = state(one)
        off.append(100 * (one.factors[true.rates > 0] - 1))
        tx, rx = true.rates[:, TX], true.rates[true.network.partner, RX]
        ends.append(100 * np.abs(tx - rx)[tx > 0] / np.maximum(tx, rx)[tx > 0])
    a, b = np.concatenate(off), np.concatenate(ends)
    low, high = np.percentile(a, [25, 75])
    return (
        f"sd {a.std():.2f}, quartiles {low:.2f} {high:.2f}, most {np.abs(a).max():.1f}; "
        f"two ends differ by {np.median(b):.2f} (median), {b.max():.1f} (most)"
    )


def main() -> None:
    moments = real.abilene()
    names = ("polska", "nobel-germany", "geant", "germany50")
    known: dict[str, tuple[int, list[Link]]] = {"abilene": (12, [end for end in moments[0].network.ends if end[0] < end[1]])}
    known |= {name: real.shape(name) for name in names}
    print("degree sd, largest degree, diameter, mean hops, clustering")
    for name, (size, joined) in known.items():
        print(f"{name:14} {size:3}/{len(joined):3} published  {reported(network(anonymous(size), joined))}")
        drawn = [links(size, len(joined), np.random.default_rng(seed))[1] for seed in range(SEEDS)]
        means = np.mean([shape(network(anonymous(size), each)) for each in drawn], axis=0)
        print(f"{'':14} {'':7} made       {', '.join(f'{value:.2f}' for value in means)}")
    print("counters, percent")
    print("measured ", spread(moments))
    print("made     ", spread([made((12, None), 1, np.random.default_rng(seed))[0] for seed in range(SEEDS)]))


if __name__ == "__main__":
    main()
