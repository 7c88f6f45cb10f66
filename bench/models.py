"""models: a run of 300 trials at width 8 against a provider full of faults: what was lost, and whether the money agrees.

    python bench/models.py              about five minutes
    python bench/models.py --no-kill    both ledgers must then agree to the last digit
    python bench/models.py --overhead   milliseconds a trial with a model that answers at once, at width 1 and 16

A server on this machine speaks the OpenAI protocol, fails in eleven ways and keeps a ledger of its own. The run is killed twice
(SIGKILL) and resumed, under a cap of one dollar; at the end both ledgers are compared, and the run is replayed without a model.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "examples")]

import httpx  # noqa: E402
from scripted_model import answer  # noqa: E402

from adrs.core.failure import Refusal  # noqa: E402
from adrs.runs.recipe import make_recipe  # noqa: E402
from adrs.runs.replay import replay  # noqa: E402
from adrs.runs.session import start  # noqa: E402
from adrs.stores.sql import open_store  # noqa: E402
from provider_server import serving  # noqa: E402

FAULTS = ["429", "500", "503", "529", "half", "malformed", "html", "empty", "refusal", "length", "no_usage", "reset"]
PRICES = {"input": Decimal("0.3"), "cached": Decimal("0.3"), "written": Decimal("0.3"), "output": Decimal("2.5")}


def plan(number: int) -> str:
    """A fault for a quarter of the requests."""
    rng = random.Random(number)
    return rng.choice(FAULTS) if rng.random() < 0.25 else ""


_asked: Counter[str] = Counter()


def write(prompt: str) -> str:
    """The scripted model's reply; the same prompt, asked again, gets another one."""
    _asked[prompt] += 1
    return answer(prompt, _asked[prompt])[0]


def adrs(*words: object, store: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "ADRS_API_KEY": "not-a-key", "ADRS_STORE": store}
    return subprocess.Popen([sys.executable, "-m", "adrs", *map(str, words)], env=environment, stderr=subprocess.DEVNULL)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=300)
    parser.add_argument("--no-kill", action="store_true", help="let the run end by itself: both ledgers must then agree")
    parser.add_argument("--overhead", action="store_true", help="time the loop with a model that answers at once instead")
    given = parser.parse_args()
    if given.overhead:
        overhead(given.trials)
        return
    trials = given.trials
    with tempfile.TemporaryDirectory() as folder, serving(write, plan) as server:
        store, model = f"sqlite:///{folder}/models.db", server.model("openai")
        first = [
            "run",
            "spot_single_region",
            "--generator",
            f"model:name={model},max_output_tokens=4096",
            "--price",
            f"{model}=in:0.3,out:2.5",
            "--name",
            "r",
        ]
        began = time.monotonic()
        process = adrs(*first, "--trials", trials, "--dollars", 1, "--width", 8, store=store)
        for kill_at in () if given.no_kill else (trials // 3, 2 * trials // 3):
            while stored(store) < kill_at and process.poll() is None:
                time.sleep(0.2)
            process.send_signal(signal.SIGKILL)
            process.wait()
            process = adrs("resume", "r", store=store)
        process.wait()
        seconds = time.monotonic() - began
        database = open_store(store)
        row = database.run("r")
        found = list(row.trials())
        calls = row.calls()
        told, billed = server.dollars(PRICES, told=True), server.dollars(PRICES)
        measured = sum((Decimal(str(call.dollars or 0)) for call in calls if call.usage.measured), Decimal(0))
        whole = [trial.number for trial in found] == list(range(len(found)))
        faults = Counter(entry.fault for entry in server.ledger if entry.fault)
        print(f"{len(found) - 1} trials in {seconds:.0f} s, numbers without a gap: {whole}")
        print(f"requests: {len(server.ledger)}, with faults: {dict(faults)}")
        print(f"fouls: {dict(Counter(trial.evaluation.foul.kind for trial in found if trial.evaluation.foul))}")
        print(f"best: {max(trial.score for trial in found if trial.score is not None):.4f}, seed {found[0].score:.4f}")
        print(f"the server billed ${billed:.6f}, of which it told ${told:.6f}")
        counted = row.spent().dollars
        print(f"stored calls with a measured bill: ${measured:.6f}; the run counts ${counted:.6f}, its cap is $1.00")
        print(f"replay without a model: {len(replay(row, workers=2).differences)} differences")
        database.close()


TRIVIAL = str(ROOT / "bench" / "trivial_task.py")


def overhead(trials: int) -> None:
    """What a trial costs where neither the model nor the task takes any time; everything runs on this machine's cores."""
    os.environ["ADRS_API_KEY"] = "not-a-key"
    rng = random.Random(0)

    def write_any(prompt: str) -> str:
        return f"{len(prompt)} characters read.\n```python\ndef answer(number):\n    return {rng.randrange(10**9)}\n```"

    for width in (1, 16):
        with tempfile.TemporaryDirectory() as folder, serving(write_any) as server:
            bare = time.perf_counter()
            with httpx.Client() as client:
                body = {"model": "scripted", "messages": [{"role": "user", "content": "x" * 4000}]}
                for _ in range(50):
                    client.post(f"{server.url}/v1/chat/completions", json=body).raise_for_status()
            bare = (time.perf_counter() - bare) / 50
            database = open_store(f"sqlite:///{folder}/models.db")
            spans = []
            for count in (20, 20 + trials):
                began = time.perf_counter()
                given = {"task": TRIVIAL, "trials": count, "width": width, "workers": 2}
                start(make_recipe({**given, "generator": f"model:name={server.model('openai')}"}), database)
                spans.append(time.perf_counter() - began)
            each = (spans[1] - spans[0]) / trials
            print(f"width {width}: {1000 * each:.2f} ms a trial, {each / bare:.1f} times a bare request ({1000 * bare:.2f} ms)")
            database.close()


def stored(store: str) -> int:
    try:
        database = open_store(store, create=False)
        count = database.run("r").count()
    except Refusal:  # it is not there yet
        return 0
    database.close()
    return count


if __name__ == "__main__":
    main()
