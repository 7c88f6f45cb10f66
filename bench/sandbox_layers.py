"""sandbox_layers: what the sandbox costs an evaluation, layer by layer, and what starting it costs.

    python bench/sandbox_layers.py            about a minute
    python bench/sandbox_layers.py --quick    fewer repeats

An evaluation here is all that a player costs: fork, lock down, load a program, one call, kill. Layers are applied by masks, in
turn and not one after another, so that a machine that grows busy harms all alike.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import time
from collections.abc import Callable

from adrs.sandbox import wire
from adrs.sandbox.isolation import Sandbox, SandboxOptions
from adrs.sandbox.layers import ALL_LAYERS, LANDLOCK, RLIMITS, SECCOMP

PROGRAM = "def answer(number):\n    return number\n"
MASKS = {
    "no layer": 0,
    "rlimits": RLIMITS,
    "rlimits, seccomp": RLIMITS | SECCOMP,
    "rlimits, Landlock": RLIMITS | LANDLOCK,
    "all": ALL_LAYERS,
}
OPTIONS = {"full": SandboxOptions(), "standard (no bwrap)": SandboxOptions(without=frozenset({"bwrap"}))}


def evaluate(sandbox: Sandbox, mask: int) -> None:
    """One player's life."""
    process = sandbox.process(512, 30.0, mask)
    for request in (("load", 1000, PROGRAM, "", 0, False), ("call", 1000, "answer", [1])):
        process.post(wire.encode(request))
        assert process.collect(2.0, 1000)[:1] == wire.ANSWER
    process.close()


def in_milliseconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return 1e3 * (time.perf_counter() - began)


def row(name: str, taken: list[float], base: float | None = None) -> None:
    median, p95 = statistics.median(taken), statistics.quantiles(taken, n=20)[18]
    added = "" if base is None else f"{median - base:+10.3f}"
    print(f"  {name:40} {median:8.3f} {p95:8.3f} {added}")


def evaluations(name: str, sandbox: Sandbox, repeats: int) -> None:
    taken: dict[str, list[float]] = {mask: [] for mask in MASKS}
    for _ in range(repeats):
        for mask, bits in MASKS.items():
            taken[mask].append(in_milliseconds(lambda bits=bits: evaluate(sandbox, bits)))  # type: ignore[misc]
    base = statistics.median(taken["no layer"])
    for mask, each in taken.items():
        row(f"{name}: {mask}", each, base)


def calls(name: str, sandbox: Sandbox, repeats: int) -> None:
    """A small call there and back, in a player that lives."""
    process = sandbox.process(512, 30.0, ALL_LAYERS)
    process.post(wire.encode(("load", 1000, PROGRAM, "", 0, False)))
    process.collect(2.0, 1000)

    def ask() -> None:
        process.post(wire.encode(("call", 1000, "answer", [1])))
        process.collect(2.0, 1000)

    row(f"{name}: a small call there and back", [in_milliseconds(ask) for _ in range(20 * repeats)])
    process.close()


def starts(name: str, options: SandboxOptions, repeats: int) -> None:
    """A zygote with its probes, from nothing to the first player."""
    taken = []
    for _ in range(repeats):
        began = time.perf_counter()
        sandbox = Sandbox(options)
        taken.append(1e3 * (time.perf_counter() - began))
        sandbox.close()
    row(f"{name}: start, probes included", taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    repeats = 40 if parser.parse_args().quick else 300
    print(f"  {'milliseconds':40} {'median':>8} {'p95':>8} {'added':>10}")
    for name, options in OPTIONS.items():
        sandbox = Sandbox(options)
        print(f"  -- {', '.join(sandbox.layers.names())}")
        for _ in range(10):
            evaluate(sandbox, ALL_LAYERS)
        before = resource.getrusage(resource.RUSAGE_SELF)
        evaluations(name, sandbox, repeats)
        after = resource.getrusage(resource.RUSAGE_SELF)
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        print(f"  {f'{name}: CPU of the referee, an evaluation':40} {1e3 * used / repeats / len(MASKS):8.2f}")
        calls(name, sandbox, repeats)
        sandbox.close()
        starts(name, options, max(5, repeats // 20))


if __name__ == "__main__":
    main()
