"""cloudcast_fit: compares the made-up networks of `cloudcast` with the measured one: prices, bandwidths, possible gains.

ADRS_DATA=... python bench/cloudcast_fit.py
"""

from __future__ import annotations

import time
from collections.abc import Iterable

import numpy as np

from adrs.core.failure import Refusal
from adrs.tasks.cloudcast import real, synthetic
from adrs.tasks.cloudcast.baselines import mdst, steiner
from adrs.tasks.cloudcast.bound import least_seconds, references, steiner_price
from adrs.tasks.cloudcast.kit import Model
from adrs.tasks.cloudcast.network import Floats, Network
from adrs.tasks.cloudcast.transfers import KINDS, draw, tree_price

NETWORKS, DRAWS = 20, 100
CLOUDS = ("aws", "gcp", "azure")


def block(net: Network, table: Floats, here: str, there: str) -> Floats:
    """The numbers of all edges from one cloud to another."""
    clouds = np.array(net.clouds)
    found: Floats = table[np.ix_(clouds == here, clouds == there)]
    return found[found > 0]


def show(title: str, tables: Iterable[tuple[str, Floats]]) -> None:
    for name, numbers in tables:
        low, half, high = np.quantile(numbers, [0.1, 0.5, 0.9])
        print(f"| {title} | {name} | {numbers.mean():.4g} | {low:.4g} | {half:.4g} | {high:.4g} |")


def worth(name: str, networks: list[Network]) -> None:
    """Properties of the drawn transfers on one network, and on others."""
    for kind in KINDS:
        gains, shares, scores = [], [], []
        for number in range(DRAWS):
            net = networks[number % len(networks)]
            rng = np.random.default_rng((7, number))
            transfer = draw(rng, net, kind, range(len(net.names)))
            if transfer is None:
                continue
            case = (net.dollars, transfer.source, transfer.destinations)
            known = references(transfer)
            problem = transfer.problem()
            flat = Model(problem).bill(mdst.broadcast(problem)).dollars
            gains.append(tree_price(*case) / steiner_price(*case) - 1)
            shares.append(1 - known.egress / known.steiner)
            scores.append([(known.direct - paid) / (known.direct - known.bound) for paid in (flat, known.steiner)])
        low, half, high = np.quantile(shares, [0.1, 0.5, 0.9])
        of_mdst, of_steiner = np.mean(scores, axis=0)
        print(
            f"| {name} | {kind} | {len(gains)} | {np.median(gains):.3f} | {low:.3f} {half:.3f} {high:.3f} "
            f"| {of_mdst:.3f} | {of_steiner:.3f} |"
        )


def speed(net: Network) -> None:
    """CPU milliseconds of the referee's parts for one transfer."""
    transfer = draw(np.random.default_rng(1), net, "tight", range(len(net.names)))
    assert transfer is not None
    problem = transfer.problem()
    plan, model = steiner.broadcast(problem), Model(problem)
    case = (net.dollars, transfer.source, transfer.destinations)
    for name, work in (
        ("problem", transfer.problem),
        ("model", lambda: Model(problem)),
        ("bill", lambda: model.bill(plan)),
        ("Steiner price", lambda: steiner_price(*case)),
        ("least seconds", lambda: least_seconds(transfer)),
        ("program steiner", lambda: steiner.broadcast(problem)),
    ):
        began = time.process_time()
        for _ in range(20):
            work()
        print(
            f"{name}: {1e3 * (time.process_time() - began) / 20:.2f} ms ({len(net.names)} regions, {len(case[2])} destinations)"
        )


def main() -> None:
    made = [synthetic.network(np.random.default_rng(seed)) for seed in range(NETWORKS)]
    small = [synthetic.network(np.random.default_rng(seed), 8) for seed in range(DRAWS)]
    named = {"synthetic": made}
    try:
        named = {"real": [real.network()], **named}
    except Refusal as missing:
        print(f"without the measured network: {missing}")
    print("| network | edges | mean | 10 % | median | 90 % |\n| --- | --- | --- | --- | --- | --- |")
    for name, nets in named.items():
        for unit in ("dollars", "gbit_s"):
            tables = (
                (f"{a} > {b}, {unit}", np.concatenate([block(net, getattr(net, unit), a, b) for net in nets]))
                for a in CLOUDS
                for b in CLOUDS
            )
            show(name, tables)
    print("| network | kind | drawn | relays pay | instances 10/50/90 % | mdst | steiner |\n" + "| --- " * 7 + "|")
    for name, nets in {**named, "synthetic, 24 regions": small}.items():
        worth(name, nets)
    speed(made[0])
    speed(small[0])


if __name__ == "__main__":
    main()
