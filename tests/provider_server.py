"""provider_server: model providers on loopback: OpenAI chat and responses, Anthropic messages, Google generateContent.

Replies come from a script, faults from a plan, and a ledger of its own says what was billed, whether or not the client ever
got to read it. Standard library only.
"""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Script = Callable[[str], str] | Sequence[str]
Plan = Callable[[int], str] | Sequence[str] | Mapping[int, str]
"""Which fault request 0, 1, 2 … meets; "" is none, "body:…" is any body in a 200, "status:…" any status without a body. A
sequence or mapping that ends is followed by no faults."""

STATUSES = {
    "400": 400,
    "401": 401,
    "403": 403,
    "404": 404,
    "429": 429,
    "quota": 429,
    "filter": 400,
    "window": 400,
    "output": 400,
    "500": 500,
    "503": 503,
    "529": 529,
}
KINDS = {
    "quota": "insufficient_quota",
    "filter": "content_filter",
    "window": "context_length_exceeded",
    "temperature": "invalid_request_error",
    "529": "overloaded_error",
}
PARAMETERS = {
    "temperature": "Unsupported parameter: 'temperature' is not supported with this model.",
    "max_tokens": "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
}
"""Parameters that are refused with a 400 where they are sent."""

BILLED_FAULTS = frozenset({"", "half", "drip", "malformed", "empty", "refusal", "length", "no_usage", "silent"})
"""What a server has worked for, and bills. It bills no error status, no page of HTML and no reset."""

TELLING_FAULTS = frozenset({"", "empty", "refusal", "length"})
"""Where the client gets to read a usage; that of a chat completion without choices it does not read."""


@dataclass(frozen=True)
class Entry:
    """One line of the server's own ledger. Input includes cached and written, output includes reasoning."""

    number: int
    protocol: str
    model: str
    fault: str
    billed: bool
    told: bool
    input: int
    cached: int
    written: int
    output: int
    reasoning: int

    def dollars(self, prices: Mapping[str, Decimal]) -> Decimal:
        """What it bills; prices per million: input, cached, written, output."""
        if not self.billed:
            return Decimal(0)
        plain = self.input - self.cached - self.written
        total = plain * prices["input"] + self.cached * prices["cached"] + self.written * prices["written"]
        return (total + self.output * prices["output"]) / 1_000_000


@dataclass
class Server:
    """A running server; make one with `serving`.

    Args:
        script: prompt text -> reply text, or texts that are given in turn.
        plan: which fault each request meets.
        retry_after: seconds that a 429 and a 503 ask to wait; None asks for nothing.
        drip_seconds: how long a dripping body takes.
        latency: seconds before every reply.
        port: 0 for a free one.
        echo: error bodies repeat the credentials that came with the request, as careless servers do.
    """

    script: Script
    plan: Plan = ()
    retry_after: float | None = None
    drip_seconds: float = 30.0
    latency: float = 0.0
    echo: bool = False
    ledger: list[Entry] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    arrivals: list[float] = field(default_factory=list)
    port: int = 0
    closing: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def model(self, protocol: str, name: str = "scripted") -> str:
        """The model string of adrs for one of the protocols: "openai", "openai-responses", "anthropic", "google"."""
        return f"{protocol}:{name}@{self.url}{'/v1' if protocol.startswith('openai') else ''}"

    def dollars(self, prices: Mapping[str, Decimal], told: bool | None = None) -> Decimal:
        """The sum of the ledger; with `told`, of those lines alone whose usage the client could (not) read."""
        lines = [entry for entry in self.ledger if told is None or entry.told == told]
        return sum((entry.dollars(prices) for entry in lines), Decimal(0))

    def fault(self, number: int) -> str:
        if callable(self.plan):
            return self.plan(number)
        if isinstance(self.plan, Mapping):
            return self.plan.get(number, "")
        return self.plan[number] if number < len(self.plan) else ""

    def reply(self, prompt: str, number: int) -> str:
        return self.script(prompt) if callable(self.script) else self.script[number % len(self.script)]


@contextlib.contextmanager
def serving(script: Script, plan: Plan = (), **options: Any) -> Iterator[Server]:
    """A provider on loopback, for as long as the block runs; options are the fields of `Server`."""
    provider = Server(script, plan, **options)

    class Handler(_Handler):
        owner = provider

    class Http(ThreadingHTTPServer):
        request_queue_size = 128
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """Clients that hang up are part of the tests."""

    server = Http(("127.0.0.1", provider.port), Handler)
    provider.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        provider.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


@contextlib.contextmanager
def speaking_garbage() -> Iterator[int]:
    """A port that says something that is neither TLS nor HTTP to everyone, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stop = threading.Event()

        def serve() -> None:
            while not stop.is_set():
                with contextlib.suppress(OSError):
                    connection, _ = listener.accept()
                    with connection:
                        connection.sendall(b"\x00\x01 nobody speaks TLS here\r\n")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        stop.set()
        with contextlib.suppress(OSError):
            socket.create_connection(listener.getsockname(), 1).close()
        thread.join(2)


def free_port() -> int:
    """A port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


class _Handler(BaseHTTPRequestHandler):
    owner: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is printed."""

    def do_POST(self) -> None:
        owner, body = self.owner, json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        protocol = _protocol(self.path)
        with owner.lock:
            number = len(owner.bodies)
            owner.bodies.append(body)
            owner.arrivals.append(time.monotonic())
        fault = owner.fault(number)
        model = body.get("model") or self.path.rpartition("/")[2].partition(":")[0]
        prompt = _prompt(protocol, body)
        text = owner.reply(prompt, number)
        if (fault == "temperature" and not _warm(body)) or (fault == "max_tokens" and fault not in body):
            fault = ""
        entry = entry_of(number, protocol, model, fault, prompt, text)
        with owner.lock:
            owner.ledger.append(entry)
        owner.closing.wait(owner.latency)
        if fault in STATUSES or fault in PARAMETERS:
            return self._refuse(protocol, fault)
        if fault == "html":
            return self._send(200, b"<html><title>Sign in</title><body>Welcome to the network</body></html>", "text/html")
        if fault.startswith("body:"):
            return self._send(200, fault.removeprefix("body:").encode(), "application/json")
        if fault.startswith("status:"):
            return self._send(int(fault.removeprefix("status:")), b"", "text/plain", {"Location": "/elsewhere"})
        if fault == "gzip":
            return self._send(200, b"no gzip", "application/json", {"Content-Encoding": "gzip"})
        payload = json.dumps(FORMS[protocol](entry, text)).encode()
        if fault == "reset":
            return self._reset()
        if fault == "silent":
            owner.closing.wait()
            return self._reset()
        if fault == "malformed":
            return self._send(200, payload[:-20] + b"}" * 20, "application/json")
        if fault in {"half", "drip"}:
            return self._broken(payload, fault)
        return self._send(200, payload, "application/json")

    def _send(self, status: int, payload: bytes, kind: str, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(payload)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(payload)

    def _refuse(self, protocol: str, fault: str) -> None:
        headers = {}
        if fault in {"429", "503"} and self.owner.retry_after is not None:
            headers["retry-after-ms"] = str(int(self.owner.retry_after * 1000))
            if self.owner.retry_after >= 1:
                headers["Retry-After"] = str(int(self.owner.retry_after))
        says = {
            **PARAMETERS,
            "quota": "You exceeded your current quota, please check your plan and billing details.",
            "401": "Incorrect API key provided.",
            "404": "The model does not exist.",
            "output": "The value is above the maximum of 4096 completion tokens of this model.",
            "filter": "The response was filtered because the prompt triggered the content management policy.",
            "window": "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
        }.get(fault, f"scripted fault {fault}")
        if self.owner.echo:
            says += (
                f" Authorization: {self.headers['Authorization']} {self.headers['x-api-key']} {self.headers['x-goog-api-key']}"
            )
        status = STATUSES.get(fault, 400)
        kind = {
            "quota": "insufficient_quota",
            "filter": "content_filter",
            "window": "context_length_exceeded",
            "temperature": "invalid_request_error",
            "529": "overloaded_error",
        }.get(fault, "api_error")
        if protocol == "anthropic":
            error: Any = {"type": "error", "error": {"type": kind, "message": says}}
        elif protocol == "google":
            error = {"error": {"code": status, "message": says, "status": kind.upper()}}
        else:
            parameter = fault if fault in PARAMETERS else None
            error = {"error": {"message": says, "type": kind, "param": parameter, "code": kind}}
        self._send(status, json.dumps(error).encode(), "application/json", headers)

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def _broken(self, payload: bytes, fault: str) -> None:
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        half = payload[: len(payload) // 2]
        if fault == "half":
            self.wfile.write(half)
            return
        pause = self.owner.drip_seconds / len(payload)
        with contextlib.suppress(OSError):
            for byte in payload:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                if self.owner.closing.wait(pause):
                    return


def _protocol(path: str) -> str:
    path = path.partition("?")[0]
    for end, protocol in {"/chat/completions": "openai", "/responses": "openai-responses", "/messages": "anthropic"}.items():
        if path.endswith(end):
            return protocol
    return "google"


def _warm(body: Mapping[str, Any]) -> bool:
    return "temperature" in body or "temperature" in body.get("generationConfig", {})


def _prompt(protocol: str, body: Mapping[str, Any]) -> str:
    """The last text of the user."""
    if protocol == "google":
        return str(body["contents"][-1]["parts"][-1]["text"])
    last = body["input" if protocol == "openai-responses" else "messages"][-1]["content"]
    return last if isinstance(last, str) else str(last[-1]["text"])


def entry_of(number: int, protocol: str, model: str, fault: str, prompt: str, text: str) -> Entry:
    """Four letters are a token; a quarter of the input was cached, for Anthropic an eighth was written to the cache."""
    asked = 20 + len(prompt) // 4
    reasoning = 0 if protocol == "anthropic" else 7
    answered = 0 if fault in {"empty", "refusal"} else 3 + len(text) // 4
    return Entry(
        number,
        protocol,
        model,
        fault,
        fault in BILLED_FAULTS,
        fault in TELLING_FAULTS and (protocol, fault) != ("openai", "empty"),
        asked,
        asked // 4,
        asked // 8 if protocol == "anthropic" else 0,
        answered + reasoning,
        reasoning,
    )


def _chat(entry: Entry, text: str) -> dict[str, Any]:
    finish = {"length": "length", "refusal": "content_filter"}.get(entry.fault, "stop")
    refused = "I cannot help with that." if entry.fault == "refusal" else None
    message = {"role": "assistant", "content": None if refused else text, "refusal": refused}
    whole: dict[str, Any] = {
        "id": f"chat-{entry.number}",
        "object": "chat.completion",
        "created": 1_750_000_000,
        "model": entry.model,
        "choices": [] if entry.fault == "empty" else [{"index": 0, "message": message, "finish_reason": finish}],
    }
    if entry.fault != "no_usage":
        whole["usage"] = {
            "prompt_tokens": entry.input,
            "completion_tokens": entry.output,
            "total_tokens": entry.input + entry.output,
            "prompt_tokens_details": {"cached_tokens": entry.cached},
            "completion_tokens_details": {"reasoning_tokens": entry.reasoning},
        }
    return whole


def _responses(entry: Entry, text: str) -> dict[str, Any]:
    refused = entry.fault == "refusal"
    part: dict[str, Any] = {"type": "output_text", "text": text, "annotations": []}
    if refused:
        part = {"type": "refusal", "refusal": "I cannot help with that."}
    message = {"id": f"m{entry.number}", "type": "message", "role": "assistant", "status": "completed", "content": [part]}
    cut = entry.fault == "length"
    whole: dict[str, Any] = {
        "id": f"resp-{entry.number}",
        "object": "response",
        "created_at": 1_750_000_000,
        "status": "incomplete" if cut else "completed",
        "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
        "model": entry.model,
        "output": [] if entry.fault == "empty" else [message],
        "parallel_tool_calls": False,
        "tool_choice": "auto",
        "tools": [],
        "error": None,
        "instructions": None,
        "metadata": {},
    }
    if entry.fault != "no_usage":
        whole["usage"] = {
            "input_tokens": entry.input,
            "input_tokens_details": {"cached_tokens": entry.cached},
            "output_tokens": entry.output,
            "output_tokens_details": {"reasoning_tokens": entry.reasoning},
            "total_tokens": entry.input + entry.output,
        }
    return whole


def _messages(entry: Entry, text: str) -> dict[str, Any]:
    whole: dict[str, Any] = {
        "id": f"msg-{entry.number}",
        "type": "message",
        "role": "assistant",
        "model": entry.model,
        "content": [] if entry.fault in {"empty", "refusal"} else [{"type": "text", "text": text}],
        "stop_reason": {"length": "max_tokens", "refusal": "refusal"}.get(entry.fault, "end_turn"),
        "stop_sequence": None,
    }
    if entry.fault != "no_usage":
        whole["usage"] = {
            "input_tokens": entry.input - entry.cached - entry.written,
            "cache_read_input_tokens": entry.cached,
            "cache_creation_input_tokens": entry.written,
            "output_tokens": entry.output,
        }
    return whole


def _generate(entry: Entry, text: str) -> dict[str, Any]:
    finish = {"length": "MAX_TOKENS", "refusal": "SAFETY"}.get(entry.fault, "STOP")
    content = {"role": "model", "parts": [{"text": text}]}
    candidate: dict[str, Any] = {"index": 0, "finishReason": finish}
    if entry.fault != "refusal":
        candidate["content"] = content
    whole: dict[str, Any] = {
        "candidates": [] if entry.fault == "empty" else [candidate],
        "modelVersion": entry.model,
        "responseId": f"g-{entry.number}",
    }
    if entry.fault != "no_usage":
        whole["usageMetadata"] = {
            "promptTokenCount": entry.input,
            "cachedContentTokenCount": entry.cached,
            "candidatesTokenCount": entry.output - entry.reasoning,
            "thoughtsTokenCount": entry.reasoning,
            "totalTokenCount": entry.input + entry.output,
        }
    return whole


FORMS: dict[str, Callable[[Entry, str], dict[str, Any]]] = {
    "openai": _chat,
    "openai-responses": _responses,
    "anthropic": _messages,
    "google": _generate,
}
