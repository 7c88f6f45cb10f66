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
    """The mean of a - b over the workloads that both were played on.

    Args:
        low, high: ends of the interval; None where one pair says nothing about it.
        method: what computed it, in words.
        pairs: workloads.
    """

    mean: float
    low: float | None
    high: float | None
    confidence: float
    method: str
    pairs: int

    @property
    def sure(self) -> bool:
        """Whether the interval lies above 0: a is better."""
        return self.low is not None and self.low > 0


def paired_difference(a: Mapping[str, float], b: Mapping[str, float], confidence: float = 0.95, seed: int = 0) -> Difference:
    """A bootstrap interval for the mean difference: BCa (Efron 1987) by scipy where that is installed, else percentile.

    Args:
        a, b: workload -> score; only workloads of both count.
        seed: of the resampling; the same seed gives the same interval.

    Raises:
        ValueError: they have no workload in common.
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
    """None when scipy is not installed, or cannot say (nearly equal differences)."""
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
