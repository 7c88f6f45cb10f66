"""task: adaptive weight compression: the statement and the referee."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Literal, NotRequired, TypedDict

import numpy as np

from adrs.core.failure import Foul, Refusal
from adrs.core.task import Player, Split, Task, Verdict, Workload
from adrs.tasks.cache import digest
from adrs.tasks.options import checked_seeds
from adrs.tasks.scale import share
from adrs.tasks.weight_compression.feedback import feedback
from adrs.tasks.weight_compression.picture import picture
from adrs.tasks.weight_compression.score import WIDTHS, Choice, Track, marks, outcome, utility
from adrs.tasks.weight_compression.subject import DRAWS, Layer, Subject, bench

COUNTS: dict[Split, int] = {"train": 2, "validation": 2, "test": 4}


class Answer(TypedDict):
    """The answer of a candidate for one layer."""

    order: list[int]
    bits: list[int]
    feedback: NotRequired[bool]


class WeightCompression(Task[Subject]):
    """Choose how many bits each column of a transformer's weights keeps, so that it predicts well and is small.

    THE PROBLEM. A small transformer that predicts text byte by byte is stored with few bits a weight, after training and
    without retraining. Its linear layers (y = W x, W is rows x columns, columns are input channels) are quantised; the
    rest stays as it is. Some input channels are outliers: their inputs are up to 30 times larger than the others and their
    columns of W smaller by the same factor, so a rounding error in such a column costs hundreds of times as much, although the
    weights in it look unimportant. You decide, for every layer, in which order its columns are quantised and which of them
    get more bits.

    THE QUANTISER is fixed. It takes a layer's columns in your order and cuts them into segments of `segment` columns (8). All
    weights of a segment have the same number of bits: b bits are 2^b evenly spaced levels around zero. Every row has a scale
    of its own in each segment, chosen from six clip factors for the least squared error: so a segment that mixes large and
    small columns is coarse for the small ones. Columns are quantised one after another, and the error of each is
    compensated in the columns after it by means of the Hessian (GPTQ, damping 1 %), unless you answer "feedback": False (round
    to nearest).

    YOUR PROGRAM defines allocate(layers, rules); see the interface. It is asked once for each of three calibration draws of a
    workload, with the statistics of that draw; the layers are quantised with the same draw, and the mean of the three counts.
    The module `kit` is the quantiser: kit.quantise(weights, hessian, order, bits, segment, feedback), kit.stored_bits(stored,
    entropy), kit.damage(layer, stored), which estimates the loss that a stored layer adds. numpy is available.

    BITS are what must be stored: the symbols (their segment's bits each; on the entropy track the ideal code length of all
    symbols of a layer that have equal bits, and 16 bits for each symbol of the code's table), a scale of 8 bits for each row
    and segment with at least 1 bit, 3 bits for each segment's width, and ceil(log2(columns)) bits a column for the order,
    unless the order is 0, 1, 2, ... They are divided by the number of weights. With 2 bits everywhere that is about 3.0.

    SCORE. Perplexity is measured on text of the kind that the network was trained on (home) and on text of another kind
    (away); neither text is ever shown. With s(p) = 1 - log2(p / perplexity in full precision), at most 1, and below -1
    falling only a tenth as fast, utility U = 0.5 s(home) + 0.3 s(away) + 0.2 min(1, 1 - (bits - smallest) / 0.6), where
    `smallest` is what 2 bits everywhere take (on the entropy track, 0.5 less). The score of a workload is (U - U0) / (1 - U0),
    with U the mean of the draws and U0 that of rounding everything to the nearest of 4 levels (on the entropy track, that of
    storing nothing where this is better). No program can score more than 1.

    FOULS. An exception, a time-out, an answer of another form, another number of layers, an order that is not a permutation, a
    wrong number of segments or a width that is not in rules["widths"] ends the workload. Workloads differ in the network, in
    the order of its channels and in which of them are outliers: decide from the numbers, not from positions.

    EXAMPLE. A layer has 144 rows and 48 columns. With rules["segment"] = 8 it has 6 segments. The answer {"order": [columns
    by descending hessian_score], "bits": [4, 2, 2, 2, 2, 2]} takes 144 * 8 * (4 + 5 * 2) = 16,128 bits of symbols,
    144 * 6 * 8 = 6,912 of scales, 18 of widths and 48 * 6 = 288 for the order: 23,346 bits for 6,912 weights, 3.378 each.

    Args:
        size: "small": two blocks of width 48, trained in seconds; "large": width 96, hidden width 384, segments of 24 columns,
            trained in minutes when it is first played.
        track: "columns": segments have 2 or 4 bits; "entropy": 0, 2, 3, 4 or 8, and symbols are counted as an ideal entropy
            code stores them.
        data_seed: selects the networks, texts and outliers of train.
        held_out_seed: the same for validation and test; none: data_seed. A run draws its own, which stays secret.
    """

    interface = '''
def allocate(layers: list, rules: dict) -> list:
    """One dict for each layer, in the order of `layers`:
    {"order": a permutation of range(columns), "bits": bits of each segment of `segment` columns in that order,
    "feedback": optional, False to round to the nearest level instead of GPTQ}.

    layers: dicts, from the input of the network to its output: {"name": "0.qkv" | "0.out" | "0.up" | "0.down" | "1.qkv" ...,
    "rows": int, "columns": int, "weights": float64 array (rows, columns), "hessian": float64 array (columns, columns), the mean
    of x x^T over calibration inputs x, "sensitivity": array (rows,), mean squared gradient of the loss by each output,
    "hessian_score": array (columns,), the diagonal of the hessian, "magnitude_score": array (columns,), mean |w| of a column,
    "weight_kurtosis": float, of all weights of the layer, "input_kurtosis": float, of the root mean squares of its inputs}.
    rules: {"segment": columns of a segment, "widths": list of bits that a segment may have, "track": "columns" | "entropy"}.
    """
'''
    seconds = 10.0
    player_seconds = 60.0
    packages = ("numpy",)
    bound = 1.0
    state_of_the_art = "hessian_order"
    hints = (
        "Columns with similar root mean square inputs and similar weights belong in one segment, because a scale is shared.",
        "Perplexity is not monotone in bits: fewer columns with 4 bits in a better order can beat more of them.",
        "kit.damage compares layers on one scale, so bits can go to where the network loses most.",
    )

    def __init__(
        self,
        *,
        size: Literal["small", "large"] = "small",
        track: Track = "columns",
        data_seed: int = 0,
        held_out_seed: int | None = None,
    ) -> None:
        if size not in ("small", "large"):
            raise Refusal(f"size={size!r} is not known: give small or large")
        if track not in WIDTHS:
            raise Refusal(f"track={track!r} is not known: give columns or entropy")
        self.data_seed, self.held_out_seed = checked_seeds(data_seed, held_out_seed)
        self.size = size
        self.track: Track = track

    def workloads(self) -> Sequence[Workload[Subject]]:
        return self._workloads

    @cached_property
    def _workloads(self) -> tuple[Workload[Subject], ...]:
        """Give every split its own language and network; its workloads are that network in several disguises."""
        return tuple(
            Workload(f"{split}-{number}", Subject(self.size, (self.seed_of(split), place), number), split)
            for place, (split, count) in enumerate(COUNTS.items())
            for number in range(count)
        )

    def picture(self) -> str:
        return picture(bench(self._workloads[0].data))

    def fingerprint(self) -> str:
        return digest(*(part for w in self._workloads for part in (w.name, w.split, w.data.digest)), self.track)

    def judge(self, player: Player, workload: Workload[Subject]) -> Verdict:
        subject = bench(workload.data)
        rules = {"segment": workload.data.segment, "widths": list(WIDTHS[self.track]), "track": self.track}
        outcomes, answered = [], []
        for draw in range(DRAWS):
            layers = subject.layers(draw)
            answers = player.call("allocate", [layer.shown() for layer in layers], rules, expect=list[Answer])
            answered.append(checked(answers, layers, workload.data.segment, WIDTHS[self.track]))
            outcomes.append(outcome(subject, layers, answered[-1], self.track))
        known = marks(subject, self.track)
        utilities = [utility(got, known.home, known.away, known.smallest) for got in outcomes]
        reached = float(np.mean(utilities))
        metrics = {
            "perplexity_home": float(np.mean([got.home for got in outcomes])),
            "perplexity_away": float(np.mean([got.away for got in outcomes])),
            "perplexity_home_full": known.home,
            "perplexity_away_full": known.away,
            "perplexity_home_spread": float(np.std([got.home for got in outcomes])),
            "stored_bits": float(np.mean([got.stored for got in outcomes])),
            "code_bits": float(np.mean([got.code for got in outcomes])),
            "utility": reached,
            "gap_closed": share(known.usual, reached, 1.0, "higher"),
        }
        said = feedback(subject.layers(0), answered[0], outcomes, known)
        return Verdict(share(known.trivial, reached, 1.0, "higher"), metrics, said)


def checked(answers: Sequence[Answer], layers: Sequence[Layer], segment: int, widths: Sequence[int]) -> list[Choice]:
    """The choices of an answer, checked.

    Raises:
        Foul: `illegal_answer`, with the first layer that cannot be stored that way.
    """

    def foul(reason: str) -> Foul:
        return Foul("illegal_answer", reason)

    if len(answers) != len(layers):
        raise foul(f"allocate answered {len(answers)} layers, but there are {len(layers)}")
    choices = []
    for layer, answer in zip(layers, answers, strict=True):
        columns = layer.weights.shape[1]
        order, bits = answer["order"], answer["bits"]
        if len(order) != columns or sorted(order) != list(range(columns)):
            raise foul(f"the order of layer {layer.name} is not a permutation of its {columns} columns 0 to {columns - 1}")
        if len(bits) != columns // segment:
            raise foul(f"layer {layer.name} has {columns // segment} segments of {segment} columns, not {len(bits)}")
        if wrong := [width for width in bits if width not in widths]:
            raise foul(f"a segment of layer {layer.name} has {wrong[0]} bits; allowed are {', '.join(map(str, widths))}")
        choices.append(Choice(list(order), list(bits), answer.get("feedback", True)))
    return choices


def as_answer(choice: Choice) -> dict[str, Any]:
    """A choice in the form of a candidate's answer."""
    return {"order": choice.order, "bits": choice.bits, "feedback": choice.feedback}
