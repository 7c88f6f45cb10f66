"""What every fault of an endpoint leads to, on every protocol, and that many threads share one loop without harm."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from adrs.core.failure import Exhausted, Fault, Refusal
from adrs.core.trial import Usage
from adrs.llm.circuit_breaker import RetryPolicy
from adrs.llm.client import Client, Meter
from adrs.llm.exchange import Reply, Settings, worst_usage
from command_line import PATIENCE, until
from provider_server import FORMS, Plan, Script, Server, entry_of, free_port, serving, speaking_garbage

pytest.importorskip("pydantic_ai")

PROTOCOLS = ["openai", "openai-responses", "anthropic", "google"]
QUICK = RetryPolicy(first_pause=0.01, longest_pause=0.05, give_up=2.0, grace=0.1)
ASKED = Settings(temperature=0.5, max_output_tokens=100, timeout=PATIENCE)
HASTY = Settings(temperature=0.5, max_output_tokens=100, timeout=0.4)
PRICES = {"input": Decimal(2), "cached": Decimal("0.5"), "written": Decimal("2.5"), "output": Decimal(10)}


class Purse(Meter):
    """Counts what it is asked."""

    def __init__(self) -> None:
        self.reserved, self.released, self.losses = 0, 0, list[str]()

    def reserve(self) -> None:
        self.reserved += 1

    def release(self) -> None:
        self.released += 1

    def lost(self, error: str, seconds: float) -> None:
        self.losses.append(error)


@contextmanager
def asking(script: Script, plan: Plan = (), patience: RetryPolicy = QUICK, **options: Any) -> Iterator[tuple[Server, Client]]:
    options = {"drip_seconds": 5.0, **options}
    with serving(script, plan, **options) as server, Client(patience) as provider:
        yield server, provider


def asked(server: Server, provider: Client, protocol: str, meter: Meter | None = None, settings: Settings = ASKED) -> Reply:
    return provider.call(server.model(protocol), "be brief", "a prompt of some length, for tokens", settings, meter)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_reply_comes_with_its_usage(protocol: str) -> None:
    with asking(lambda prompt: f"you said {prompt}") as (server, provider):
        purse = Purse()
        reply = asked(server, provider, protocol, purse)
        entry = server.ledger[0]
    assert reply.text == "you said a prompt of some length, for tokens"
    assert (reply.finish, reply.error, reply.notes, reply.model) == ("stop", "", (), "scripted")
    assert reply.usage == Usage(entry.input, entry.cached, entry.written, entry.output, entry.reasoning)
    assert [attempt.outcome for attempt in reply.attempts] == ["answered"]
    assert (purse.reserved, purse.released, purse.losses) == (1, 0, [])
    body = str(server.bodies[0])
    assert "be brief" in body
    assert "'temperature': 0.5" in body
    limits = {"openai": "max_tokens", "openai-responses": "max_output_tokens", "anthropic": "max_tokens"}
    assert f"'{limits.get(protocol, 'maxOutputTokens')}': 100" in body


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("fault", ["429", "500", "503", "529"])
def test_a_busy_endpoint_is_asked_again_free_of_charge(protocol: str, fault: str) -> None:
    with asking(["good"], [fault, fault], retry_after=0.2) as (server, provider):
        purse = Purse()
        reply = asked(server, provider, protocol, purse)
        pauses = [late - early for early, late in zip(server.arrivals, server.arrivals[1:], strict=False)]
    assert reply.text == "good"
    assert [attempt.status for attempt in reply.attempts] == [int(fault), int(fault), 0]
    assert (purse.reserved, purse.released, purse.losses) == (3, 2, [])
    if fault in ("429", "503"):
        assert min(pauses) >= 0.19, "Retry-After is honoured"
    else:
        assert len(pauses) == 2


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("fault", ["drip", "half", "malformed", "reset", "silent"])
def test_a_lost_reply_is_asked_for_again_and_may_have_cost_something(protocol: str, fault: str) -> None:
    with asking(["good"], [fault]) as (server, provider):
        purse = Purse()
        reply = asked(server, provider, protocol, purse, HASTY if fault in ("drip", "silent") else ASKED)
    assert reply.text == "good"
    assert server.ledger[0].fault == fault
    assert len(reply.attempts) == 1 + len(purse.losses) == purse.reserved >= 2
    assert purse.released == 0
    assert reply.usage.measured


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    ("fault", "finish", "error"),
    [
        ("html", "other", "malformed reply"),
        ("empty", "", "empty|malformed reply: IndexError"),
        ("refusal", "refusal", "the model refused"),
        ("length", "length", "^$"),
    ],
)
def test_a_reply_that_is_none_says_why(protocol: str, fault: str, finish: str, error: str) -> None:
    with asking(["good"], [fault]) as (server, provider):
        reply = asked(server, provider, protocol)
    assert re.search(error, reply.error)
    assert finish in ("", reply.finish)
    assert len(server.ledger) == 1, "it is not asked again"
    unread = fault == "html" or (fault == "empty" and protocol == "openai")
    assert reply.usage.measured == (not unread)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_reply_without_usage_counts_at_its_worst(protocol: str) -> None:
    with asking(["good"], ["no_usage"]) as (server, provider):
        reply = asked(server, provider, protocol)
    assert reply.usage == worst_usage("be brief", "a prompt of some length, for tokens", 100)
    assert not reply.usage.measured
    assert reply.usage.input_tokens >= server.ledger[0].input
    assert reply.text == ("" if protocol == "anthropic" else "good"), "Anthropic's client cannot read such a reply"


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    ("fault", "says"), [("400", "change the option"), ("401", "right key"), ("403", "may use"), ("404", "model's name")]
)
def test_what_no_repeating_mends_stops_the_run_at_once(protocol: str, fault: str, says: str) -> None:
    with asking(["good"], [fault], echo=True) as (server, provider):
        purse = Purse()
        with pytest.raises(Refusal) as refused:
            asked(server, provider, protocol, purse)
    assert says in str(refused.value)
    assert fault in str(refused.value)
    assert server.model(protocol) in str(refused.value)
    assert len(server.ledger) == 1
    assert (purse.reserved, purse.released) == (1, 1)


def test_an_empty_account_is_no_rate_limit() -> None:
    with asking(["good"], ["quota"]) as (server, provider), pytest.raises(Refusal, match="top up the account"):
        asked(server, provider, "openai")


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_refused_parameter_is_left_out_once_and_noted(protocol: str) -> None:
    with asking(["good"], lambda number: "temperature") as (server, provider):
        first, second = asked(server, provider, protocol), asked(server, provider, protocol)
    assert [attempt.status for attempt in first.attempts] == [400, 0]
    assert len(second.attempts) == 1
    for reply in (first, second):
        assert reply.text == "good"
        assert "temperature was left out" in reply.notes[0]


def test_a_limit_under_another_name_is_still_a_limit() -> None:
    with asking(["good"], lambda number: "max_tokens") as (server, provider):
        first, second = asked(server, provider, "openai"), asked(server, provider, "openai")
    assert [len(first.attempts), len(second.attempts)] == [2, 1]
    assert "max_completion_tokens was sent" in second.notes[0]
    assert server.bodies[1]["max_completion_tokens"] == 100
    assert "max_tokens" not in server.bodies[1]


NONSENSE: list[Any] = [None, [], {}, "x", -1, 1.5, True, 10**30, "\ud800", [[]], [None], [{}], ["a"]]
BODIES = ["[]", "null", '"x"', "{}", "1", "", "[" * 100_000, '{"a":' * 3_000 + "1" + "}" * 3_000, '{"error":"boom"}', "NaN"]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield from places(value[key], (*path, key))


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    changed = dict(value) if isinstance(value, dict) else list(value)
    changed[path[0]] = put(value[path[0]], path[1:], new)
    return changed


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_no_reply_whatever_its_form_is_a_crash(protocol: str) -> None:
    whole = FORMS[protocol](entry_of(0, protocol, "m", "", "prompt", "text"), "text")
    broken = [json.dumps(put(whole, path, new)) for path in places(whole) for new in NONSENSE]
    plan = [f"body:{body}" for body in [*BODIES, *random.Random(5).sample(broken, 120)]]
    plan += [f"status:{status}" for status in (204, 301, 302, 304, 408, 409, 418, 425, 502, 520)] + ["gzip"]
    calm = RetryPolicy(first_pause=0.001, longest_pause=0.001, down_after=10_000, tries=1, malformed=10_000)
    with asking(["good"], plan, calm) as (server, provider):
        while len(server.bodies) < len(plan):
            try:
                reply = asked(server, provider, protocol, settings=Settings(timeout=PATIENCE))
            except (Fault, Refusal):
                continue
            assert reply.error or reply.text
            assert 0 <= reply.usage.cached_tokens <= reply.usage.input_tokens < 10**8
            assert 0 <= reply.usage.reasoning_tokens <= reply.usage.output_tokens < 10**8


def test_threads_that_meet_the_same_refused_parameter_all_go_on() -> None:
    with asking(["good"], lambda number: "temperature", latency=0.05) as (server, provider), ThreadPoolExecutor(8) as threads:
        replies = list(threads.map(lambda _: asked(server, provider, "openai"), range(8)))
    assert {reply.text for reply in replies} == {"good"}


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_keys_appear_in_no_error_and_no_reply(protocol: str, monkeypatch: pytest.MonkeyPatch) -> None:
    key = "verysecret-4711-of-nobody"
    monkeypatch.setenv("ADRS_API_KEY", key)
    with asking([f"your key is {key}"], ["401", "500", "", "refusal"], echo=True) as (server, provider):
        with pytest.raises(Refusal) as refused:
            asked(server, provider, protocol)
        reply = asked(server, provider, protocol)
    assert server.ledger[0].fault == "401"
    for text in (str(refused.value), repr(reply)):
        assert key not in text
        assert "[redacted]" in text
    assert reply.text == "your key is [redacted]"


# addresses and names


def test_nobody_listens_and_then_somebody_does() -> None:
    said: list[str] = []
    port = free_port()
    patience = replace(QUICK, give_up=PATIENCE)
    with Client(patience, say=said.append) as provider, ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(provider.call, f"openai:scripted@http://127.0.0.1:{port}/v1", "", "x", ASKED)
        until(lambda: said, "the news that it is down")
        assert not waiting.done()
        with serving(["good"], port=port) as server:
            assert server.port == port
            reply = waiting.result(PATIENCE)
    assert reply.text == "good"
    assert "is down" in said[0]
    assert "cannot be reached" in said[0]
    assert "answers again" in said[-1]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_an_endpoint_that_stays_down_is_a_fault_that_says_so(protocol: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asking_once, requests = Client._ask, list[object]()

    def counted(self: Client, *request: Any) -> Any:
        requests.append(request)
        return asking_once(self, *request)

    monkeypatch.setattr(Client, "_ask", counted)
    patience = RetryPolicy(first_pause=0.01, longest_pause=0.05, give_up=0.4)
    model = f"{protocol}:scripted@http://127.0.0.1:{free_port()}/v1"
    with Client(patience) as provider:
        with pytest.raises(Fault, match="has not answered for"):
            provider.call(model, "", "x", ASKED)
        assert len(requests) >= patience.down_after
        requests.clear()
        with pytest.raises(Fault, match="has not answered for"):
            provider.call(model, "", "x", ASKED)
        assert len(requests) <= 1, "a later call asks once at most"


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_port_without_tls_is_a_mistake_in_the_address(protocol: str) -> None:
    with speaking_garbage() as port, Client(QUICK) as provider, pytest.raises(Refusal, match=r"TLS failed.*https://"):
        provider.call(f"{protocol}:scripted@https://127.0.0.1:{port}/v1", "", "x", ASKED)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("fault", ["filter", "window"])
def test_a_prompt_that_is_rejected_costs_one_attempt_and_no_money(protocol: str, fault: str) -> None:
    with asking(["good"], [fault, fault, ""]) as (server, provider):
        for _ in range(2):
            reply = asked(server, provider, protocol)
            assert reply.unanswered
            assert "rejects this prompt (400" in reply.error
            assert reply.usage.tokens == 0
        assert asked(server, provider, protocol).text == "good"
    assert len(server.ledger) == 3, "none is asked again"


def test_a_limit_on_the_output_is_no_fault_of_the_prompt() -> None:
    with asking(["good"], ["output"]) as (server, provider), pytest.raises(Refusal, match="completion tokens"):
        asked(server, provider, "openai")


def test_prompts_rejected_in_a_row_stop_the_run_with_the_remedy() -> None:
    with asking(["good"], lambda number: "" if number == 3 else "window") as (server, provider):
        for _ in range(3 + 1 + QUICK.malformed - 1):
            asked(server, provider, "openai")
        with pytest.raises(Refusal, match=rf"{QUICK.malformed} prompts in a row .*larger window"):
            asked(server, provider, "openai")


def test_a_server_that_never_speaks_the_protocol_is_a_wrong_address() -> None:
    with asking(["good"], lambda number: "html") as (server, provider):
        for _ in range(QUICK.malformed - 1):
            assert asked(server, provider, "openai").error
        with pytest.raises(Refusal, match="check the address"):
            asked(server, provider, "openai")


@pytest.mark.parametrize(
    ("model", "says"),
    [
        ("gpt-5", "names no provider"),
        ("openai:", "names no provider"),
        ("nobody:gpt-5", "no such provider"),
        ("openai:gpt-5", "set OPENAI_API_KEY in the environment"),
        ("anthropic:claude-sonnet-4-5", "set ANTHROPIC_API_KEY in the environment"),
        ("google:gemini-2.5-pro", "set GOOGLE_API_KEY in the environment"),
        ("openrouter:some/model", "set OPENROUTER_API_KEY in the environment"),
        ("ollama:llama3", "set OLLAMA_BASE_URL in the environment"),
        ("groq:x@http://127.0.0.1:1/v1", "only openai"),
        ("openai:x@http://me:pass@127.0.0.1:1/v1", "must not contain credentials"),
        ("google:x@http://127.0.0.1:1/v1?key=me:pass", "must not contain credentials"),
    ],
)
def test_a_model_that_cannot_be_asked_is_refused_by_name(model: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GOOGLE_API_KEY", "GEMINI_API_KEY", "OPENROUTER_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    with Client() as provider, pytest.raises(Refusal) as refused:
        provider.check(model)
    assert says in str(refused.value)
    assert "me:pass" not in str(refused.value)


def test_a_missing_extra_names_its_pip_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pydantic_ai.exceptions", None)
    with Client() as provider, pytest.raises(Refusal, match=r"pip install 'adrs\[models\]'"):
        provider.check("openai:x@http://127.0.0.1:1/v1")


def test_only_the_client_that_is_used_is_imported() -> None:
    code = (
        "import sys; from adrs.llm.client import Client\n"
        "assert 'pydantic_ai' not in sys.modules\n"
        "provider = Client(); provider.check('openai:x@http://127.0.0.1:1/v1'); provider.close()\n"
        "print([name for name in ('anthropic', 'google.genai', 'groq') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_process_ends_although_nobody_closed_the_client() -> None:
    with serving(["good"]) as server:
        code = (
            "from adrs.llm.client import Client, Settings\n"
            f"print(Client().call({server.model('openai')!r}, '', 'x', Settings()).text)"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=PATIENCE)
    assert done.stdout.strip() == "good"


# stopping


@pytest.mark.parametrize("plan", ["silent", "503"])
def test_a_halt_ends_every_wait(plan: str) -> None:
    halt = threading.Event()
    patience = replace(QUICK, give_up=PATIENCE)
    waits = asking(["good"], lambda number: plan, patience, retry_after=PATIENCE)
    with waits as (server, provider), ThreadPoolExecutor(4) as threads:
        provider.halt = halt
        settings = Settings(timeout=10 * PATIENCE)
        waiting = [threads.submit(asked, server, provider, "openai", None, settings) for _ in range(4)]
        until(lambda: server.bodies, "a request")
        halt.set()
        for each in waiting:
            with pytest.raises(Exhausted, match="asked to stop"):
                each.result(PATIENCE / 2)


def test_a_reply_in_flight_is_kept_when_the_run_is_asked_to_stop() -> None:
    halt = threading.Event()
    with (
        asking(["good"], patience=RetryPolicy(grace=PATIENCE), latency=0.5) as (server, provider),
        ThreadPoolExecutor(1) as threads,
    ):
        provider.halt = halt
        waiting = threads.submit(asked, server, provider, "openai", None, Settings())
        until(lambda: server.bodies, "the request")
        halt.set()
        assert waiting.result(PATIENCE).text == "good"


def test_a_longer_pause_than_patience_is_a_fault_at_once() -> None:
    with asking(["good"], lambda number: "429", retry_after=100) as (server, provider):
        with pytest.raises(Fault, match="asks to wait for 100 s"):
            asked(server, provider, "openai")
        assert len(server.ledger) == 1


def test_one_request_that_always_fails_is_a_fault_although_others_are_answered() -> None:
    with serving(lambda prompt: prompt) as server, Client(QUICK) as provider:
        server.plan = lambda number: "500" if "poison" in str(server.bodies[number]) else ""
        with ThreadPoolExecutor(2) as threads:
            poisoned = threads.submit(provider.call, server.model("openai"), "", "poison", ASKED)
            while not poisoned.done():
                provider.call(server.model("openai"), "", "fine", ASKED)
            with pytest.raises(Fault, match="failed 6 times at one request: 500"):
                poisoned.result()


# many threads


@pytest.mark.parametrize("protocol", ["openai", "anthropic", "google"])
def test_sixteen_threads_share_one_loop(protocol: str) -> None:
    with asking(lambda prompt: prompt) as (server, provider), ThreadPoolExecutor(16) as threads:

        def call(number: int) -> Reply:
            return provider.call(server.model(protocol), "", f"number {number}", Settings(timeout=PATIENCE))

        replies = list(threads.map(call, range(400 if protocol == "openai" else 100)))
    assert [reply.text for reply in replies] == [f"number {number}" for number in range(len(replies))]
    assert all(len(reply.attempts) == 1 for reply in replies)


def test_while_it_is_down_one_thread_asks_and_the_others_wait() -> None:
    back = threading.Event()
    patience = RetryPolicy(first_pause=0.05, longest_pause=0.1, down_after=3, give_up=PATIENCE)
    with (
        serving(lambda prompt: prompt, lambda number: "" if back.is_set() else "503") as server,
        Client(patience) as provider,
        ThreadPoolExecutor(16) as threads,
    ):
        began = time.monotonic()
        waiting = [threads.submit(provider.call, server.model("openai"), "", str(n), ASKED) for n in range(16)]
        time.sleep(1.5)
        during, spell = len(server.ledger), time.monotonic() - began
        back.set()
        sent = len(server.ledger)
        assert [each.result(PATIENCE).text for each in waiting] == [str(number) for number in range(16)]
    assert during <= 16 + spell / 0.05 + 1, "at first all, then one at a time with pauses"
    assert len(server.ledger) - sent <= 17
