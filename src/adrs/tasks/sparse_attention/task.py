"""task: Sparse attention: the statement and the referee."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Literal

import numpy as np

from adrs.core.failure import Refusal
from adrs.core.task import Player, Task, Verdict, Workload
from adrs.tasks.cache import digest
from adrs.tasks.options import checked_seeds
from adrs.tasks.programs import baseline
from adrs.tasks.scale import share
from adrs.tasks.sparse_attention import captured, splits
from adrs.tasks.sparse_attention.asking import Track
from adrs.tasks.sparse_attention.feedback import feedback
from adrs.tasks.sparse_attention.heads import Layer
from adrs.tasks.sparse_attention.picture import picture
from adrs.tasks.sparse_attention.score import References, combined, play, references

ORACLE = '''
def select(logits: np.ndarray, sketch: dict, meta: dict) -> list[tuple[np.ndarray, np.ndarray]]:
    """Which keys each query of one head reads: for each query (keys, probabilities).

    logits: float64 (queries, keys), all of them; key 0 is the oldest, the last key the newest. sketch: empty.
    meta: {"queries": int, "keys": int, "page": 16, "seed": int, derived from this head, "round": 0, "rounds": 2}.
    keys: int64 (m,), distinct. probabilities: float64 (m,), each in [1e-6, 1], adding up to at least 1. Keys that are not
    named are never read. The referee draws; it draws systematically along the order in which you name the keys.
    """
'''
BUDGETED = '''
def ask(logits: np.ndarray, sketch: dict, meta: dict) -> list[np.ndarray]:
    """Which keys each query reads to learn their logits: for each query int64 (m,), distinct; empty for none.

    logits: float64 (queries, keys), NaN where a logit is not known; key 0 is the oldest, the last key the newest.
    sketch: {"distance": uint8 (queries, keys), Hamming distance of 32-bit sign hashes of query and key; "page_upper",
    "page_lower": float64 (queries, pages), bounds on the logits of the 16 keys of a page}.
    meta: {"queries": int, "keys": int, "page": 16, "seed": int, derived from this head, "round": 0 or 1, "rounds": 2}.
    Called for round 0 and, unless round 0 asked for nothing, for round 1.
    """

def select(logits: np.ndarray, sketch: dict, meta: dict) -> list[tuple[np.ndarray, np.ndarray]]:
    """Which keys each query of one head uses: for each query (keys, probabilities).

    Arguments as for ask, with round 2; the keys asked for are known now. keys: int64 (m,), distinct, known or not.
    probabilities: float64 (m,), each in [1e-6, 1], adding up to at least 1. The referee draws systematically along the order
    in which you name them.
    """
'''


class SparseAttention(Task[Layer]):
    """Choose which keys each attention query reads, so that the output hardly changes and few keys are read.

    THE PROBLEM. A language model decodes one token. In each attention head a query has a logit for each of n keys; dense
    attention is o = sum(w_i v_i) / sum(w_i), w_i = exp(logit_i), v_i the 64-vector of key i. The cost of
    decoding is reading all keys and values. You name keys, and for each the probability with which it is read. The referee
    draws, and estimates o' = sum(w_i v_i / p_i) / sum(w_i / p_i) over the keys that it drew. You never see values.

    YOUR PROGRAM answers for one head and a batch of its queries at a time; see the interface. A key with probability 1 is
    read for certain. All others are drawn systematically: the probabilities are laid end to end in the order in which you
    name the keys, and a ruler with marks at distance 1 and a random start picks the keys. So each key is drawn with exactly
    its probability, about sum(p) keys are drawn, and the order stratifies: keys sorted by logit give a sample with all
    sizes in it, shuffled keys a plain random one. Every answer is unbiased by construction; a probability only moves variance.

    HEADS are of four kinds, which are not named to you: retrieval (sharp on one topic of the context, and one to four needles
    anywhere), topic (softly on one topic), local (recent keys), flat (nearly alike everywhere). The first four keys are
    sinks: large logits, small values. Held-out contexts are longer with another mix of heads.

    TRACKS. oracle: all logits are known and free, as in the published search; only drawn keys are counted. budgeted: you see
    sign hashes and page bounds, and ask in up to two rounds for keys whose exact logits you want; every key that is read,
    asked for or drawn, is counted once.

    SCORE, per workload. error = |o' - o| / |o|, at most 1 for each of two draws; density = share of the n keys that were
    read. Both are averaged over the queries of each kind of head, then over the kinds. combined = -(error + density) / 2,
    the published score. The score is linear in it: 0 is four sinks and a window of 10 %, and 1 is a good policy in hindsight:
    for each query the best of many choices of "k top keys and a sample of the others". 1 is not a bound: better samples may
    beat it.

    FOULS, which end the workload: wrong types or shapes; a key out of range or named twice; a probability outside [1e-6, 1];
    probabilities of a query that add up to less than 1 (reading nothing is not allowed). Take randomness from meta["seed"].

    EXAMPLE. Six keys with weights w = 8, 4, 1, 1, 1, 1. The answer keys [0, 1, 2, 3, 4, 5], probabilities [1, 1, 0.5, 0.5,
    0.5, 0.5] reads keys 0 and 1 and two of the others, say 2 and 4 (density 4/6). o' = (8 v0 + 4 v1 + 2 v2 + 2 v4) / 16,
    and the true denominator is 16 too. With error 0.05, combined is -(0.05 + 0.667) / 2 = -0.358.

    Args:
        track: "oracle" or "budgeted".
        data: "synthetic": made-up heads. "captured": tensors of a language model, from a file of your own.
        tensors: for data=captured, an .npz with q (heads, queries, d), k (groups, keys, d) and v (groups, keys, e).
        size: "small": 8 heads x 6 queries, 2048 keys to train on. "large": 16 heads x 12 queries, 4096 keys.
        data_seed: selects the synthetic contexts of train.
        held_out_seed: the same for validation and test; none: data_seed. A run draws its own, which stays secret.
    """

    seed = baseline(__file__, "vattention")
    state_of_the_art = "vattention"
    seconds = 5.0
    answer_bytes = 16 << 20

    def __init__(
        self,
        *,
        track: Track = "oracle",
        data: Literal["synthetic", "captured"] = "synthetic",
        tensors: str = "",
        size: splits.Size = "small",
        data_seed: int = 0,
        held_out_seed: int | None = None,
    ) -> None:
        self.data_seed, self.held_out_seed = checked_seeds(data_seed, held_out_seed)
        if tensors and data != "captured":
            raise Refusal("tensors is only read with data=captured: give that too, or leave it out")
        self.interface = ORACLE if track == "oracle" else BUDGETED
        self.track: Track = track
        self.data = data
        self.tensors = tensors
        self.size: splits.Size = size
        if data == "captured":
            self.workloads()
        self._known: dict[str, References] = {}

    def workloads(self) -> Sequence[Workload[Layer]]:
        return self._workloads

    @cached_property
    def _workloads(self) -> tuple[Workload[Layer], ...]:
        if self.data == "captured":
            return tuple(captured.layers(self.tensors))
        return tuple(splits.synthetic_layers(self.size, self.seed_of))

    def picture(self) -> str:
        return picture(next(workload.data for workload in self._workloads if workload.split == "train"))

    def fingerprint(self) -> str:
        return digest(*(part for w in self._workloads for part in (w.name, w.split, w.data.digest)))

    def judge(self, player: Player, workload: Workload[Layer]) -> Verdict:
        layer = workload.data
        outcome = play(player.call, layer, self.track)
        if layer.digest not in self._known:
            self._known[layer.digest] = references(layer, self.track)
        known = self._known[layer.digest]
        by_kind = outcome.by_kind(layer.kinds)
        trivial, vattention, hindsight = (combined(each) for each in (known.trivial, known.vattention, known.hindsight))
        mine = combined(by_kind)
        metrics = {
            "combined": mine,
            "error": float(by_kind[:, 0].mean()),
            "density": float(by_kind[:, 1].mean()),
            "error_p90": float(np.quantile(outcome.errors, 0.9)),
            "error_unclipped": float(outcome.errors.mean()),
            "asked": float(outcome.looked.mean()),
            "combined_over_heads": outcome.over_heads,
            "combined_vattention": vattention,
            "combined_hindsight": hindsight,
            "gap_closed": share(vattention, mine, hindsight, "higher"),
        }
        score = share(trivial, mine, hindsight, "higher") + 0.0  # no -0.0
        return Verdict(score, metrics, feedback(layer.kinds, outcome, by_kind, known))

    def summary(self, verdicts: Sequence[Verdict]) -> dict[str, float]:
        """Means over workloads, and the gap closed computed from them."""
        means = super().summary(verdicts)
        gap = share(means["combined_vattention"], means["combined"], means["combined_hindsight"], "higher")
        return {**means, "gap_closed": gap}
