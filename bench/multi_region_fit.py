"""multi_region_fit: fits the synthetic zones of `spot_multi_region` to the real ones, and shows how alike they are.

    ADRS_DATA=... python bench/multi_region_fit.py          # the tables of docs/tasks/spot_multi_region.md
    ADRS_DATA=... python bench/multi_region_fit.py --fit    # the numbers in synthetic.py

Fitted on what the real train and validation windows show, and on nothing that the leaderboard's windows do: the stretches
by expectation maximisation; then shift, season and weather, so that mean and spread of the availability of 52 h windows and
its correlation within a region come out right; prices by their moments.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from spot_synthetic_fit import expectation_maximisation, stretches

from adrs.catalog import load_task
from adrs.tasks.spot.availability import Pool
from adrs.tasks.spot.rules import Bools, Floats
from adrs.tasks.spot_multi_region import synthetic
from adrs.tasks.spot_multi_region.simulator import TICK_S
from adrs.tasks.spot_multi_region.synthetic import Zone
from adrs.tasks.spot_multi_region.task import SpotMultiRegion
from adrs.tasks.spot_multi_region.windows import LENGTH, SETS, ZONES, Window
from adrs.tasks.spot_single_region.simulator import TICK_S as STEP_S

SHOWN = 962
"""Ticks of a 52 h window."""

MANY = 200
"""Synthetic windows in fits and tables; they come from seeds that no split uses."""

SEEDS = [(7, 7, 7, number) for number in range(MANY)]


def seen() -> list[Window]:
    """The real train and validation windows, those of size=large included."""
    task = load_task("spot_multi_region", {"data": "real", "size": "large"})
    assert isinstance(task, SpotMultiRegion)
    return [workload.data for workload in task.workloads() if workload.split != "test"]


def timeline(windows: Sequence[Window]) -> Bools:
    """(zones, steps of 600 s) the content of the windows, each moment once, without gaps."""
    ticks = int(max(window.end for window in windows) // TICK_S) + 1
    up, known = np.zeros((len(ZONES), ticks), bool), np.zeros(ticks, bool)
    for window in windows:
        first = round(window.start / TICK_S)
        part = slice(first, first + window.ticks)
        up[:, part], known[part] = window.up[:, : window.ticks], True
    every = (np.arange(int(ticks * TICK_S / STEP_S)) * STEP_S / TICK_S).astype(int)
    return up[:, every[known[every]]]


def alike(up: Bools) -> dict[str, float]:
    """Region -> mean correlation of its zones, tick by tick, over (windows, zones, ticks)."""
    whole: Floats = np.asarray(np.corrcoef(up.transpose(1, 0, 2).reshape(len(ZONES), -1)))
    found = {}
    for region in synthetic.WEATHER:
        members = [at for at, zone in enumerate(ZONES) if zone[:-1] == region]
        found[region] = float(np.mean([whole[a, b] for a in members for b in members if a < b]))
    return found


def moments(up: Bools) -> tuple[Floats, Floats]:
    """(zones,) mean and spread over windows of the availability of (windows, zones, ticks)."""
    mean = up.mean(axis=2)
    return mean.mean(axis=0), mean.std(axis=0)


def fit(windows: Sequence[Window], rounds: int = 14) -> tuple[list[Zone], dict[str, float]]:
    """Zones and weather fitted to the windows."""
    line = timeline(windows)
    shown = np.stack([window.up[:, :SHOWN] for window in windows])
    price = np.stack([window.price[:, :SHOWN] for window in windows]) / 1e4
    zones = []
    for at, name in enumerate(ZONES):
        length, chance = expectation_maximisation(line[at])
        down, ups, after_down, after_up = ((round(float(a), 2), round(float(b), 2)) for a, b in (*length, *chance))
        pool = Pool(name, down, ups, after_down, after_up, 0.0, 0.0, 0.0, 0.0)
        p = price[:, at]
        level = float(p.mean())
        drift = float((p[:, -1] - p[:, 0]).std() * LENGTH / SHOWN)
        zones.append(Zone(pool, round(level, 3), round(float(p.mean(axis=1).std()), 3), round(drift, 3)))
    weather = dict.fromkeys(synthetic.WEATHER, 0.5)
    mean, spread = line.mean(axis=1), moments(shown)[1]
    wanted = alike(shown)
    for turn in range(rounds):
        synthetic.WEATHER.update(weather)
        made, prices = synthetic.windows(SEEDS, SHOWN, zones)
        now, wide = moments(made)
        pace = 1.0 if turn < rounds // 2 else 0.5
        for at, zone in enumerate(zones):
            odds = np.log(mean[at] / (1 - mean[at])) - np.log(now[at] / (1 - now[at]))
            season = max(0.0, zone.pool.season + 2 * pace * float(spread[at] - wide[at]))
            off = float(price[:, at].mean() - prices[:, at].mean() / 1e4)
            pool = replace(zone.pool, shift=zone.pool.shift + pace * 0.4 * float(odds), season=season)
            zones[at] = replace(zone, pool=pool, price=zone.price + pace * off)
        together = alike(made)
        weather = {
            region: max(0.0, size + 1.5 * pace * (wanted[region] - together[region])) for region, size in weather.items()
        }
    tidy = [
        replace(
            zone,
            pool=replace(zone.pool, shift=round(zone.pool.shift, 2), season=round(zone.pool.season, 2)),
            price=round(zone.price, 3),
        )
        for zone in zones
    ]
    return tidy, {region: round(size, 2) for region, size in weather.items()}


def quartiles(up: NDArray[np.bool_], state: int) -> str:
    """Quartiles and 90 % of the lengths of stretches, in ticks, over (windows, ticks)."""
    lengths = np.concatenate([length[kind == state] for kind, length in map(stretches, up)])
    return " ".join(f"{x:.0f}" for x in np.quantile(lengths, [0.25, 0.5, 0.75, 0.9]))


def table(windows: Sequence[Window]) -> None:
    """Print how alike the zones are."""
    shown = np.stack([window.up[:, :SHOWN] for window in windows])
    price = np.stack([window.price[:, :SHOWN] for window in windows]) / 1e4
    made, prices = synthetic.windows(SEEDS, SHOWN)
    print("| zone | | available | spread | up: quartiles, 90 % | down: quartiles, 90 % | price | spread |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for at, zone in enumerate(ZONES):
        for name, up, dollars in (("real", shown, price), ("synthetic", made, prices / 1e4)):
            mean, spread = (float(x[at]) for x in moments(up))
            cost = dollars[:, at]
            print(
                f"| {zone} | {name} | {mean:.2f} | {spread:.2f} | {quartiles(up[:, at], 1)} | {quartiles(up[:, at], 0)} "
                f"| {cost.mean():.3f} | {cost.mean(axis=1).std():.3f} |"
            )
    print("\ncorrelation of zones in a region, tick by tick")
    for region, value in alike(shown).items():
        print(f"| {region} | real {value:.2f} | synthetic {alike(made)[region]:.2f} |")
    print("\nshare of ticks in which some zone of a set has spot")
    for name, zones in SETS.items():
        rows = [ZONES.index(zone) for zone in zones]
        shares = [float(up[:, rows].any(axis=1).mean()) for up in (shown, made)]
        print(f"| {name} | {shares[0]:.3f} | {shares[1]:.3f} |")


def main() -> None:
    reader = argparse.ArgumentParser()
    reader.add_argument("--fit", action="store_true")
    windows = seen()
    if reader.parse_args().fit:
        zones, weather = fit(windows)
        print("WEATHER =", weather)
        for zone in zones:
            print(f"    {zone},")
    else:
        table(windows)


if __name__ == "__main__":
    main()
