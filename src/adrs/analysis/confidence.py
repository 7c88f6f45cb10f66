"""confidence: confidence interval for the difference between two programs, from their scores on the same workloads."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

RESAMPLES = 9_999
MIN_PAIRS = 6
"""With fewer workloads no interval is given: the spread is too uncertain to decide anything."""
EQUAL = 1e-12
"""Differences that spread by less than this share of the largest score count as equal."""


@dataclass(frozen=True)
class Difference:
    """The mean of a - b over the workloads on which both programs were played.

    Args:
        low, high: ends of the interval; None where it is undecided.
        method: the name of the method, or the reason why it is undecided.
        pairs: number of workloads.
        p: two-sided p-value of no difference; None where it is undecided.
    """

    mean: float
    low: float | None
    high: float | None
    confidence: float
    method: str
    pairs: int
    p: float | None = None

    @property
    def sure(self) -> bool:
        """Whether the whole interval is above 0, so that a is better."""
        return self.low is not None and self.low > 0


def paired_difference(
    a: Mapping[str, float], b: Mapping[str, float], kinds: Mapping[str, str] | None = None, confidence: float = 0.95
) -> Difference:
    """The wider of two intervals for the mean difference: paired t (Student 1908) and bootstrap t (Efron 1982).

    The first alone misses the mean of skewed differences too often, the second that of heavy tails; `bench/evidence.py`
    measures how often the wider one misses. With kinds both are stratified (degrees of freedom: Satterthwaite 1946): each
    kind keeps its share of the workloads, so only the spread within kinds counts.

    Args:
        a, b: workload -> score; only workloads in both count.
        kinds: workload -> kind. Used if there are several kinds, each with at least two workloads.

    Raises:
        ValueError: the programs have no workload in common.
    """
    names = [name for name in a if name in b]
    if not names:
        raise ValueError("no workload was played by both programs")
    differences = {name: a[name] - b[name] for name in names}
    mean = math.fsum(differences.values()) / len(names)
    if len(names) < MIN_PAIRS:
        return _undecided(mean, confidence, f"{len(names)} workloads; at least {MIN_PAIRS} are needed", len(names))
    scale = max(abs(score[name]) for score in (a, b) for name in names)
    if max(differences.values()) - min(differences.values()) <= EQUAL * scale:
        return _undecided(mean, confidence, "all differences are equal, so their spread is unknown", len(names))
    groups = _groups(differences, kinds or {})
    return _interval(groups, mean, confidence)


def _undecided(mean: float, confidence: float, reason: str, pairs: int) -> Difference:
    return Difference(mean, None, None, confidence, f"undecided: {reason}", pairs)


def _groups(differences: Mapping[str, float], kinds: Mapping[str, str]) -> list[list[float]]:
    """The differences by kind; one group if a kind has a single workload, which says nothing about its spread."""
    labelled = sorted((kinds.get(name, ""), value) for name, value in differences.items())
    groups = [[value for _, value in group] for _, group in groupby(labelled, key=lambda pair: pair[0])]
    return groups if all(len(group) > 1 for group in groups) else [sorted(differences.values())]


def _interval(groups: Sequence[Sequence[float]], mean: float, confidence: float) -> Difference:
    """The wider of both intervals around `mean`, and the larger of their p-values.

    Args:
        groups: the differences by kind, each of at least two workloads.
    """
    import numpy as np
    from scipy.special import stdtr, stdtrit

    pairs, values = sum(map(len, groups)), [np.array(group) for group in groups]
    parts = np.array([_part(group[None], pairs)[0] for group in values])
    if not parts.any():
        return _undecided(mean, confidence, "all differences within a kind are equal, so their spread is unknown", pairs)
    error = math.sqrt(float(parts.sum()))
    freedom = float(parts.sum() ** 2 / (parts**2 / [len(group) - 1 for group in groups]).sum())
    tail = (1 - confidence) / 2
    quantile = float(stdtrit(freedom, 1 - tail))
    ratios = _resampled(values, mean, pairs)
    above, below = (float(x) for x in np.quantile(ratios, [1 - tail, tail])) if len(ratios) else (quantile, -quantile)
    low, high = mean - max(quantile, above) * error, mean - min(-quantile, below) * error
    seen = mean / error
    more = (1 + min(int((ratios >= seen).sum()), int((ratios <= seen).sum()))) / (1 + len(ratios))
    p = min(1.0, 2 * max(float(stdtr(freedom, -abs(seen))), more if len(ratios) else 0.0))
    stratified = f", stratified by {len(groups)} kinds" if len(groups) > 1 else ""
    method = f"the wider of paired t and bootstrap t ({RESAMPLES} resamples){stratified}"
    return Difference(mean, low, high, confidence, method, pairs, p)


def _part(samples: Floats, pairs: int) -> Floats:
    """A group's part of the squared standard error, (its share)² · variance / size, for each row of samples."""
    size = samples.shape[1]
    part: Floats = (size / pairs) ** 2 * samples.var(axis=1, ddof=1) / size
    return part


def _resampled(groups: Sequence[Floats], mean: float, pairs: int) -> Floats:
    """(mean - true mean) / standard error in resamples within groups; those without any spread are left out."""
    import numpy as np

    rng = np.random.default_rng(0)
    samples = [group[rng.integers(0, len(group), (RESAMPLES, len(group)))] for group in groups]
    errors = np.sqrt(sum(_part(each, pairs) for each in samples))
    means = sum(each.sum(axis=1) for each in samples) / pairs
    spread = errors > EQUAL * max(abs(group).max() for group in groups)
    ratios: Floats = (means[spread] - mean) / errors[spread]
    return ratios


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """p-values adjusted for several comparisons (Holm 1979): those below a level are wrong together at most at that rate."""
    adjusted: dict[str, float] = {}
    so_far = 0.0
    for rank, name in enumerate(sorted(p_values, key=lambda name: p_values[name])):
        so_far = max(so_far, min(1.0, (len(p_values) - rank) * p_values[name]))
        adjusted[name] = so_far
    return adjusted
