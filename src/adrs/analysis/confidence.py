"""confidence: confidence interval for the difference between two programs, from their scores on the same workloads."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

RESAMPLES = 9_999


@dataclass(frozen=True)
class Difference:
    """The mean of a - b over the workloads on which both programs were played.

    Args:
        low, high: ends of the interval; None for a single pair.
        method: the name of the method.
        pairs: number of workloads.
    """

    mean: float
    low: float | None
    high: float | None
    confidence: float
    method: str
    pairs: int

    @property
    def sure(self) -> bool:
        """Whether the whole interval is above 0, so that a is better."""
        return self.low is not None and self.low > 0


def paired_difference(a: Mapping[str, float], b: Mapping[str, float], confidence: float = 0.95, seed: int = 0) -> Difference:
    """A bootstrap interval for the mean difference: BCa (Efron 1987) if scipy is installed, else percentile.

    Args:
        a, b: workload -> score; only workloads in both count.
        seed: random seed of the resampling; the same seed gives the same interval.

    Raises:
        ValueError: the programs have no workload in common.
    """
    import numpy as np

    names = [name for name in a if name in b]
    if not names:
        raise ValueError("no workload was played by both programs")
    differences = np.array([a[name] - b[name] for name in names])
    mean = math.fsum(differences.tolist()) / len(names)
    if len(names) == 1:
        return Difference(mean, None, None, confidence, "none: one pair says nothing about the spread", 1)
    if bool(np.all(differences == differences[0])):
        return Difference(mean, mean, mean, confidence, "none needed: all differences are equal", len(names))
    low, high, method = _bca(differences, confidence, seed) or _percentile(differences, confidence, seed)
    return Difference(mean, low, high, confidence, method, len(names))


def _bca(differences: np.ndarray[Any, Any], confidence: float, seed: int) -> tuple[float, float, str] | None:
    """The BCa interval; None if scipy is not installed or has no result (nearly equal differences)."""
    import numpy as np

    try:
        from scipy.stats import bootstrap
    except ImportError:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = bootstrap(
            (differences,),
            np.mean,
            n_resamples=RESAMPLES,
            confidence_level=confidence,
            method="BCa",
            random_state=np.random.default_rng(seed),
        ).confidence_interval
    if not (math.isfinite(found.low) and math.isfinite(found.high)):
        return None
    return float(found.low), float(found.high), f"paired bootstrap, BCa, {RESAMPLES} resamples"


def _percentile(differences: np.ndarray[Any, Any], confidence: float, seed: int) -> tuple[float, float, str]:
    import numpy as np

    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, len(differences), size=(RESAMPLES, len(differences)))
    tail = (1 - confidence) / 2
    low, high = np.quantile(differences[drawn].mean(axis=1), [tail, 1 - tail])
    return float(low), float(high), f"paired bootstrap, percentile, {RESAMPLES} resamples"
