"""doctor: checks whether this machine can run adrs, and names a remedy for each gap."""

from __future__ import annotations

import os
import platform
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from adrs.core.failure import Fault, Refusal
from adrs.sandbox import ALL_LAYERS, LANDLOCK, RLIMITS, SECCOMP, Layers, Sandbox, SandboxOptions

KEYS = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GOOGLE_API_KEY", "GEMINI_API_KEY", "OPENROUTER_API_KEY", "MISTRAL_API_KEY")
REMEDIES = {
    "seccomp": "apt install libseccomp2",
    "landlock": "use Linux 5.13 or later with landlock in its lsm= list",
    "bwrap": "apt install bubblewrap; on Ubuntu 24.04 install its AppArmor profile too",
    "uid": "applies only if adrs runs as root",
    "rlimits": "report this bug: every Linux has rlimits",
    "interpreter": "report this bug",
}
REPEATS = 15


@dataclass(frozen=True)
class Finding:
    """One line of the checkup.

    Args:
        ok: None for plain information.
        required: no run can start if this is missing.
    """

    name: str
    ok: bool | None
    says: str
    remedy: str = ""
    required: bool = False


def checkup(store: str, models: Sequence[str] = ()) -> list[Finding]:
    """All findings, in a few hundred milliseconds plus the time that models need to answer."""
    return [
        Finding("python", sys.version_info >= (3, 11), f"{platform.python_version()} on {platform.platform()}", "", True),
        Finding("cores", None, f"{len(os.sched_getaffinity(0))} available for games"),
        *_isolation(),
        *(Finding(f"key {name}", None, "set" if os.environ.get(name) else "not set") for name in KEYS),
        *_models(models),
        *_data(),
        _store(store),
    ]


def _isolation() -> Iterator[Finding]:
    try:
        sandbox = Sandbox(SandboxOptions(unsafe=True))
    except (Fault, Refusal) as failure:
        yield Finding("sandbox", False, str(failure), "see docs/sandbox.md", True)
        return
    try:
        added = _added(sandbox)
        yield from _layers(sandbox.layers, added)
    finally:
        sandbox.close()


def _layers(layers: Layers, added: dict[str, str]) -> Iterator[Finding]:
    safe = layers.level != "unsafe"
    yield Finding(
        "isolation", safe, f"level {layers.level}; {added['player']}", "" if safe else "a required layer is missing", True
    )
    for name, says in layers.on.items():
        yield Finding(f"  {name}", True, f"{says} {added.get(name, '')}".strip())
    for name, says in layers.off.items():
        either = name in {"landlock", "bwrap"} and bool(layers.on.keys() & {"landlock", "bwrap"})
        optional = either or name == "uid"
        yield Finding(f"  {name}", None if optional else False, says, REMEDIES.get(name, ""), not optional)


def _added(sandbox: Sandbox) -> dict[str, str]:
    """The start-up time that each layer adds to a player, in words."""
    masks = {"rlimits": RLIMITS, "landlock": LANDLOCK, "seccomp": SECCOMP}
    times: dict[str, list[float]] = {name: [] for name in ("none", "all", *masks)}
    for _ in range(REPEATS):
        for name, mask in {"none": 0, "all": ALL_LAYERS, **masks}.items():
            times[name].append(sandbox.start_seconds(mask))
    median = {name: 1e3 * statistics.median(values) for name, values in times.items()}
    words = {name: f"(adds {median[name] - median['none']:+.2f} ms to a player's start)" for name in masks}
    return {**words, "player": f"a player starts in {median['all']:.1f} ms ({median['none']:.1f} ms without any layer)"}


def _models(names: Sequence[str]) -> Iterator[Finding]:
    """Whether each model answers one short request."""
    from adrs.llm import Client, RetryPolicy, Settings, redact

    if not names:
        yield Finding("models", None, "not tested", "test one: adrs doctor --model openai:NAME")
    for name in names:
        shown = f"model {redact(name)}"
        try:
            with Client(RetryPolicy(tries=1, give_up=1.0)) as provider:
                reply = provider.call(name, "", "Answer with one word: ready", Settings(max_output_tokens=256, timeout=60.0))
        except Refusal as refusal:
            says, _, remedy = str(refusal).rpartition(": ")
            yield Finding(shown, False, says.removeprefix(f"{shown} ") or remedy, remedy if says else "", True)
            continue
        except Fault as fault:
            yield Finding(shown, False, f"does not answer: {fault}", "start the server, or check the address", True)
            continue
        took = f"in {reply.seconds:.1f} s, {reply.usage.input_tokens} tokens in, {reply.usage.output_tokens} out"
        remedy = "check the address" if reply.error else ""
        yield Finding(shown, not reply.error, reply.error or f"answers {took}", remedy, True)


def _data() -> Iterator[Finding]:
    from adrs import catalog
    from adrs.tasks.downloads import folder

    for name in catalog.task_names():
        if not catalog.load_task(name).sources:
            continue
        try:
            task = catalog.load_task(name, {"data": "real"})
            count = len(catalog.workloads_of(task))
            yield Finding(f"data {name}", True, f"{count} real workloads in {folder()}")
        except Refusal:
            yield Finding(f"data {name}", None, "real data not fetched (synthetic data works)", f"adrs data fetch {name}")


def _store(url: str) -> Finding:
    from adrs.stores.sql import open_store

    try:
        database = open_store(url, create=False)
        database.check_writable()
    except Refusal as refusal:
        says, _, remedy = str(refusal).partition(": ")
        missing = says.startswith("there is no store")
        return Finding("store", None if missing else False, says, remedy, not missing)
    count = len(database.runs())
    database.close()
    return Finding("store", True, f"{url}, {count} {'run' if count == 1 else 'runs'}")
