"""A scripted model: an OpenAI-compatible server on this machine that improves `spot_single_region`, so that every flag can be
tried without a key. It has a dozen good and bad edits. Its reply depends only on the prompt and on how often it was sent.

    python examples/scripted_model.py --port 8123 &
    adrs run spot_single_region --generator model:name=openai:scripted@http://127.0.0.1:8123/v1 --trials 40 \\
        --dollars 0.50 --price "scripted=in:0.3,out:2.5"
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
import sys
import threading
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LAST = '        return "SPOT" if obs["spot_available"] else "NONE"'
HURRY = '            return "ON_DEMAND"'
TWICE = '        need_twice = math.ceil((remaining + 2 * job["restart_s"]) / job["tick_s"])'


def edit(search: str, replace: str, why: str) -> str:
    return f"{why}\n\n<<<<<<< SEARCH\n{search}\n=======\n{replace}\n>>>>>>> REPLACE\n"


# good edits: (program, rng) -> reply, or "" if the program has no place for the edit


def pace(program: str, rng: random.Random) -> str:
    factor = rng.choice([0.6, 0.8, 0.9, 1.0, 1.1])
    behind = f'        behind = obs["done_s"] < {factor} * obs["elapsed_s"] * job["work_s"] / job["deadline_s"]\n'
    more = behind + '        if behind and not obs["spot_available"]:\n            return "ON_DEMAND"\n' + LAST
    why = "Waiting is only free while the job keeps pace with the clock, so pay for on-demand as soon as it falls behind."
    return "" if "behind =" in program or LAST not in program else edit(LAST, more, why)


def retune(program: str, rng: random.Random) -> str:
    line = re.search(r'^ +behind = obs\["done_s"\] < ([\d.]+) \*.*$', program, re.MULTILINE)
    factor = f"{rng.uniform(0.4, 1.2):.2f}"
    why = f"Let the pace be {factor} of the clock's: spot comes back, and some of the lost time is made up."
    return edit(line[0], line[0].replace(line[1], factor, 1), why) if line else ""


def keep(program: str, _: random.Random) -> str:
    kept = '            return "SPOT" if obs["current"] == "SPOT" and obs["pending_s"] < 1e-3 else "ON_DEMAND"'
    first = f"        if need >= left:\n{HURRY}"
    why = "A spot instance that already runs needs no restart, so near the deadline it is kept."
    return edit(first, f"        if need >= left:\n{kept}", why) if first in program else ""


def stick(program: str, rng: random.Random) -> str:
    ahead = rng.choice([1, 2, 4])
    rule = (
        f'        ahead = obs["done_s"] - obs["elapsed_s"] * job["work_s"] / job["deadline_s"]\n'
        f'        if obs["current"] == "ON_DEMAND" and ahead < {ahead} * job["restart_s"]:\n{HURRY}\n{LAST}'
    )
    why = "Leaving on-demand costs a restart, so stay there until the lead pays for it."
    return "" if "ahead =" in program or LAST not in program else edit(LAST, rule, why)


def margin(program: str, rng: random.Random) -> str:
    times = rng.choice([1, 2.5, 3, 4])
    why = f"A margin of {times} restarts before the deadline may serve better than two."
    return edit(TWICE, TWICE.replace("2 *", f"{times} *"), why) if TWICE in program else ""


# bad replies such as models give


PROSE = "I would weigh the price of waiting against the price of on-demand, and then tune the threshold."
STRANGER = 'A function is simpler than a class.\n\n```python\ndef decide(obs):\n    return "SPOT"\n```\n'
CUT_OFF = "Let me rewrite the whole program.\n\n```python\nimport math\n\n\nclass Policy:\n    def __init__(self"
MISSING = edit("        if need > left:", "        if need >= left + 1:", "The comparison is off by one.")
AMBIGUOUS = edit(HURRY, '            return "SPOT"', "Spot is cheaper.")  # not ambiguous in the start program
CRASH = edit(LAST, LAST.replace('"NONE"', '1 / (obs["done_s"] - obs["done_s"])'), "Divide the remaining work evenly.")

GOOD: list[Callable[[str, random.Random], str]] = [pace, retune, retune, keep, stick, margin]
BAD = [PROSE, STRANGER, CUT_OFF, MISSING, AMBIGUOUS, CRASH]


def answer(prompt: str, asked: int) -> tuple[str, str]:
    """(reply, finish reason) for a prompt that was sent `asked` times before."""
    rng = random.Random(hashlib.sha256(f"{asked}\n{prompt}".encode()).digest())
    fences = re.findall(r"^```+python\n(.*?)^```", prompt, re.MULTILINE | re.DOTALL)
    program = next((text for text in fences if "class Policy" in text and "EVOLVE-BLOCK" in text), "")
    if rng.random() < 0.25:
        reply = rng.choice(BAD)
        return reply, "length" if reply is CUT_OFF else "stop"
    replies = [reply for write in rng.sample(GOOD, len(GOOD)) if (reply := write(program, rng))]
    return (replies or [PROSE])[0], "stop"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen: Counter[str] = Counter()
    lock = threading.Lock()

    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing for a request."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        prompt = "\n".join(str(message["content"]) for message in body["messages"])
        with self.lock:
            asked, self.seen[prompt] = self.seen[prompt], self.seen[prompt] + 1
        text, finish = answer(prompt, asked)
        message = {"role": "assistant", "content": text}
        usage = {"prompt_tokens": len(prompt) // 4, "completion_tokens": len(text) // 4 + 1}
        usage["total_tokens"] = sum(usage.values())
        reply = {"id": "scripted", "object": "chat.completion", "created": 0, "model": body["model"], "usage": usage}
        reply["choices"] = [{"index": 0, "message": message, "finish_reason": finish}]
        payload = json.dumps(reply).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="An OpenAI-compatible server with a script instead of a model.")
    parser.add_argument("--port", type=int, default=8123)
    port = parser.parse_args().port
    sys.stdout.write(f"openai:scripted@http://127.0.0.1:{port}/v1\n")
    sys.stdout.flush()
    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
