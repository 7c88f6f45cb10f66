"""A model's replies become candidates; every dollar is counted as the server counts it, and no cap is passed at any width."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest

from adrs.core.failure import Exhausted, Fault, Refusal
from adrs.core.ledger import Broke, Ledger
from adrs.core.parts import Prompt
from adrs.core.resources import Resources
from adrs.core.selection import Selection
from adrs.core.trial import Candidate, Evaluation, Trial
from adrs.generators.model import Model, spend_of
from adrs.llm.circuit_breaker import RetryPolicy
from adrs.llm.client import Client
from adrs.llm.summary import first_sentence
from provider_server import Plan, Script, Server, serving

pytest.importorskip("pydantic_ai")

PARENT = "def f(x):\n    return x\n"
GOOD = (
    "Sure!\n\nDoubling the answer serves **late** jobs earlier. It costs nothing.\n\n"
    "<<<<<<< SEARCH\n    return x\n=======\n    return 2 * x\n>>>>>>> REPLACE\n"
)
QUICK = RetryPolicy(first_pause=0.005, longest_pause=0.02, down_after=50, give_up=5, grace=0.1, malformed=10_000, tries=50)
STATED = ["scripted=in:2,out:10,cached:0.5,write:2.5"]
PRICES = {"input": Decimal(2), "cached": Decimal("0.5"), "written": Decimal("2.5"), "output": Decimal(10)}
PROTOCOLS = ["openai", "openai-responses", "anthropic", "google"]


def prompt(text: str = "make it better", parent: str = PARENT) -> Prompt:
    trial = Trial(3, Candidate(parent), Evaluation(score=1.0))
    return Prompt("you improve programs", text, Selection(trial, (), "island 2"), "0:4")


@contextmanager
def modelling(
    script: Script, plan: Plan = (), protocol: str = "openai", ledger: Ledger | None = None, **options: Any
) -> Iterator[tuple[Server, Model]]:
    prices = options.pop("prices", STATED)
    quick = patch("adrs.generators.model._client", lambda resources: Client(QUICK))
    with serving(script, plan, drip_seconds=5.0) as server, quick:
        model = Model(name=server.model(protocol), **{"max_output_tokens": 500, "timeout": 300, **options})
        resources = Resources(ledger=ledger or Ledger(), prices=tuple(prices))
        try:
            model.attach(resources)
            yield server, model
        finally:
            resources.close()


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_usable_reply_is_a_candidate_with_its_bill(protocol: str) -> None:
    with modelling([GOOD], protocol=protocol) as (server, model):
        made = model.propose(prompt())
        billed = server.dollars(PRICES)
    assert made.source == "def f(x):\n    return 2 * x\n"
    assert (made.parents, made.niche, made.phase, made.foul) == ((3,), "island 2", "search", None)
    assert made.author == f"{protocol}:scripted"
    assert made.note == "Doubling the answer serves late jobs earlier."
    assert made.spend.dollars == pytest.approx(float(billed), abs=1e-12)
    assert model.ledger.spent.dollars == billed
    entry, (call,) = server.ledger[0], made.calls
    assert (made.spend.input_tokens, made.spend.output_tokens, made.spend.calls) == (entry.input, entry.output, 1)
    assert (call.system, call.text, call.reply) == ("you improve programs", "make it better", GOOD)
    assert (call.purpose, call.finish, call.error, call.attempts, call.answered) == ("propose", "stop", "", 1, "scripted")


@pytest.mark.parametrize(
    ("reply", "fault", "kind", "reason"),
    [
        (GOOD, "length", "budget", "cut off at the output limit"),
        (GOOD, "refusal", "syntax", "the model refused"),
        (GOOD, "empty", "endpoint", "malformed reply: IndexError"),
        (GOOD, "html", "endpoint", "malformed reply"),
        ("", "", "syntax", "empty"),
        ("I cannot help with that.", "", "syntax", "holds no edit"),
        (GOOD.replace("return x", "return y", 1), "", "syntax", "does not match"),
        ("```python\n" + PARENT + "```\n", "", "shallow", "parent's program again"),
    ],
)
def test_an_unusable_reply_is_a_foul_that_was_paid_for(reply: str, fault: str, kind: str, reason: str) -> None:
    with modelling([reply], [fault]) as (_, model):
        made = model.propose(prompt())
    assert made.source == ""
    assert made.foul is not None
    assert made.foul.kind == kind
    assert reason in made.foul.reason
    assert made.note == made.foul.reason
    assert made.spend.calls == 1
    assert made.spend.dollars > 0
    assert made.spend.tokens > 0


def test_a_reply_without_usage_is_booked_at_its_worst_and_says_so() -> None:
    with modelling([GOOD], ["no_usage"]) as (server, model):
        usage, dollars = model.worst(prompt())
        made = model.propose(prompt())
    assert made.foul is None
    assert not made.calls[0].usage.measured
    assert model.ledger.spent.dollars == dollars
    assert made.spend.tokens == usage.tokens
    assert dollars is not None
    assert server.dollars(PRICES) < dollars


def test_what_came_to_nothing_is_carried_by_the_next_candidate() -> None:
    with modelling([GOOD], lambda number: "half" if number < 4 else "") as (server, model):
        model.client.policy = RetryPolicy(first_pause=0.005, longest_pause=0.01, down_after=9, tries=2)
        for _ in range(2):
            with pytest.raises(Fault):
                model.propose(prompt())
        assert len(model.unclaimed_calls()) == 4
        made = model.propose(prompt())
    assert [call.finish for call in made.calls] == ["lost"] * 4 + ["stop"]
    assert made.spend == spend_of(made.calls)
    assert sum(call.attempts for call in made.calls) == len(server.ledger)
    assert float(model.ledger.spent.dollars) == pytest.approx(made.spend.dollars)
    assert model.unclaimed_calls() == ()


FAULTS = [
    *[""] * 12,
    *[
        "429",
        "500",
        "503",
        "529",
        "half",
        "malformed",
        "reset",
        "html",
        "empty",
        "refusal",
        "length",
        "no_usage",
        "temperature",
    ],
]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_dollars_equal_the_server_s_own_ledger_at_width_sixteen(protocol: str) -> None:
    rng = random.Random(7)
    plan = [rng.choice(FAULTS) for _ in range(4_000)]
    with modelling([GOOD, "prose only", GOOD], plan, protocol, temperature=0.5) as (server, model):
        with ThreadPoolExecutor(16) as threads:
            made = list(threads.map(lambda number: model.propose(prompt(f"question {number} " * 9)), range(250)))
        read = [call for each in made for call in each.calls if call.usage.measured]
        unread = [call for each in made for call in each.calls if not call.usage.measured]
        told = {entry.number for entry in server.ledger if entry.told} - {
            entry.number for entry in server.ledger if protocol == "openai" and entry.fault == "empty"
        }
        billed = sum((entry.dollars(PRICES) for entry in server.ledger if entry.number in told), Decimal(0))
        hidden = server.dollars(PRICES) - billed
    assert sum(Decimal(repr(call.dollars)) for call in read) == billed, "what the server told is counted to the last digit"
    assert sum(call.dollars or 0 for call in unread) >= hidden, "what it did not tell is bounded"
    assert float(model.ledger.spent.dollars) == pytest.approx(sum(each.spend.dollars for each in made))
    assert model.ledger.reserved.tokens == 0
    assert sum(call.attempts for each in made for call in each.calls) == len(server.ledger), "no request is forgotten"
    assert len(made) == 250


@pytest.mark.parametrize("protocol", ["openai", "anthropic"])
def test_a_cap_is_never_passed_by_what_the_server_bills(protocol: str) -> None:
    rng = random.Random(11)
    plan = [rng.choice(["", "", "half", "no_usage", "malformed", "500"]) for _ in range(4_000)]
    cap = Decimal("0.12")
    with modelling([GOOD], plan, protocol, Ledger(cap)) as (server, model):
        stopped: list[str] = []

        def work(_: int) -> None:
            try:
                while True:
                    model.propose(prompt())
            except Broke as broke:
                stopped.append(str(broke))

        with ThreadPoolExecutor(16) as threads:
            list(threads.map(work, range(16)))
        worst = model.worst(prompt())[1]
        spent = model.ledger.spent.dollars
    assert server.dollars(PRICES) <= spent <= cap
    assert worst is not None
    assert spent > cap - worst
    assert len(stopped) == 16
    assert "raise --dollars" in stopped[0]


def test_without_a_price_a_cap_in_dollars_stops_before_the_first_call() -> None:
    refused = pytest.raises(Refusal, match=r'no known price: add --price "openai:scripted@.*=in:…,out:…"')
    with refused, modelling([GOOD], ledger=Ledger(Decimal(1)), prices=[]):
        pytest.fail("a model that cannot be paid is refused when it is attached")


def test_without_a_price_and_a_cap_dollars_are_unknown_and_tokens_count() -> None:
    with modelling([GOOD], ledger=Ledger(tokens=1_000), prices=[]) as (server, model):
        made = model.propose(prompt())
        assert made.calls[0].dollars is None
        assert made.spend.tokens == server.ledger[0].input + server.ledger[0].output
        while model.ledger.spent.tokens + model.worst(prompt())[0].tokens <= 1_000:
            model.propose(prompt())
        with pytest.raises(Broke, match="raise --tokens"):
            model.propose(prompt())
        assert model.ledger.spent.tokens <= 1_000


def test_a_halt_is_no_failure() -> None:
    with modelling([GOOD], lambda number: "503") as (_, model), ThreadPoolExecutor(1) as threads:
        model.client.halt = halt = threading.Event()
        waiting = threads.submit(model.propose, prompt())
        halt.set()
        with pytest.raises(Exhausted):
            waiting.result(300)


def test_it_says_what_it_needs() -> None:
    with pytest.raises(Refusal, match="--model openai:gpt-5"):
        Model().attach(Resources())
    with pytest.raises(Refusal, match="names no provider"):
        Model(name="gpt-5")
    with pytest.raises(Refusal, match="max_output_tokens"):
        Model(name="openai:x", max_output_tokens=0)
    with pytest.raises(Refusal, match="temperature"):
        Model(name="openai:x", temperature=-1)


@pytest.mark.parametrize(
    ("reply", "note"),
    [
        (GOOD, "Doubling the answer serves late jobs earlier."),
        (
            "Here is the change:\n```python\n# A comment of four words.\n```\nIt waits for the deadline instead.",
            "It waits for the deadline instead.",
        ),
        ("## Idea\n\n- Use the *slack* as a threshold\n\n```python\nx = 1\n", "Use the slack as a threshold"),
        ("--- a\n+++ b\n@@ -1,2 +1,2 @@\n-return x now and then\n+y\n", ""),
        ("```python\nx = 1\n```", ""),
        ("Short.", "Short."),
        ("", ""),
        ("a \x1b[31mred\x1b[0m sentence with \u202e controls in it.", "a [31mred[0m sentence with controls in it."),
    ],
)
def test_a_note_is_the_first_sentence_that_says_something(reply: str, note: str) -> None:
    assert first_sentence(reply) == note


def test_a_note_is_short_and_quickly_found() -> None:
    assert len(first_sentence("word " * 50_000)) <= 160
    assert first_sentence("<<<<<<< SEARCH\n" * 20_000 + "```\n" * 20_000 + "@@ " * 20_000) is not None
