"""my_generator: a generator of your own in one file. It asks an HTTP endpoint, pays under --dollars and tries programs.

    python examples/my_generator.py --serve 8124 &       # a test endpoint: it sells rules for examples/job_order.py
    adrs run examples/job_order.py --trials 60 --dollars 0.20 \\
        --generator "./examples/my_generator.py:url=http://127.0.0.1:8124,most=0.01"

The run guarantees that --dollars is never exceeded, that a killed run loses no record of spending, and that `adrs resume`
continues where it stopped. The endpoint takes {"program": …} and answers {"program": …, "dollars": …}.
"""

from __future__ import annotations

import argparse
import json
import random
import time
import urllib.request
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from adrs import Call, Candidate, Fault, Foul, Prompt, Refusal, Resources, SolutionGenerator, Spend, Usage


class Endpoint(SolutionGenerator):
    """Sends the parent to an HTTP endpoint and proposes the program that comes back.

    Args:
        url: the endpoint.
        most: dollars that one answer can cost at most; reserved before each request.
        seconds: wall seconds to wait for an answer.
    """

    spends = True  # --dollars alone can end a run
    wants_tries = True  # plays a program on train before it proposes one

    def __init__(self, *, url: str, most: float = 0.01, seconds: float = 60.0) -> None:
        self.url, self.most, self.seconds = url, Decimal(str(most)), seconds
        self.resources = Resources()

    def attach(self, resources: Resources) -> None:
        if not self.url.startswith(("http://", "https://")):
            raise Refusal(f"generator my_generator: url is {self.url!r}: give an address that begins with http://")
        self.resources = resources

    def propose(self, prompt: Prompt) -> Candidate:
        parent = prompt.selection.parent
        first, second = self._ask(parent.candidate.source), None
        tried = self.resources.try_out(first.reply)  # None when no attempt is left for a try
        if tried is not None and (tried.score or 0.0) <= (parent.score or 0.0):
            second = self._ask(parent.candidate.source)  # the first answer is no better than the parent: pay for another
        calls = tuple(call for call in (first, second) if call is not None)
        dollars = sum(call.dollars or 0.0 for call in calls)
        spend = Spend(dollars, calls=len(calls), seconds=sum(call.seconds for call in calls), tries=int(tried is not None))
        foul = None if calls[-1].reply.strip() else Foul("syntax", "the endpoint sent no program")
        note = f"answer {len(calls)} of the endpoint"
        made = (parent.number,), prompt.selection.niche, "my_generator", note
        return Candidate(calls[-1].reply, *made, spend=spend, foul=foul, calls=calls)

    def _ask(self, program: str) -> Call:
        """One paid request. Leaving the block without settling books the whole reservation: the answer may have been billed."""
        began = time.monotonic()
        with self.resources.ledger.reserve(self.most, 0) as reservation:
            try:
                body = json.dumps({"program": program}).encode()
                with urllib.request.urlopen(self.url, body, self.seconds) as answer:
                    got = json.load(answer)
            except (OSError, ValueError) as error:
                raise Fault(f"the endpoint {self.url} did not answer: {error}") from error
            reservation.settle(Decimal(str(got["dollars"])), 0)
        seconds = time.monotonic() - began
        usage = Usage(measured=False)
        return Call("my_generator", "answer", "", program, got["program"], "stop", usage, got["dollars"], "", seconds)


RULES = [
    "price / length",
    "-left",
    "price / max(1, left)",
    "price / length - left / {0}",
    "price / (length + max(0, left) / {0})",
]


class Shop(BaseHTTPRequestHandler):
    """The test endpoint: sells a random rule for a tenth of a cent."""

    price = 0.001

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        rule = random.choice(RULES).format(random.randint(2, 40))
        head, _, tail = asked["program"].rpartition("    return ")  # the rule is the last line that returns
        program = f"{head}    return {rule}\n{tail.partition(chr(10))[2]}"
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"program": program, "dollars": self.price}).encode())

    def log_message(self, format: str, *arguments: object) -> None:
        """Print nothing for a request."""


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="An endpoint for examples/my_generator.py.")
    parser.add_argument("--serve", type=int, metavar="PORT", required=True)
    ThreadingHTTPServer(("127.0.0.1", parser.parse_args().serve), Shop).serve_forever()
