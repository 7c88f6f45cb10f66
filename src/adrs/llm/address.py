"""address: turns a model string into a client of the provider library. Sends no requests.

`openai:gpt-5`, `anthropic:…`, `google:…`, `openrouter:…`, `ollama:…` are the library's names. `openai:NAME@http://host:port/v1`
(also `openai-responses:`, `anthropic:`, `google:`) names any compatible server; its key, if it needs one, is `ADRS_API_KEY`, so
that no provider's key is ever sent to another server.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from adrs.core.failure import Refusal
from adrs.core.text import clean
from adrs.llm.redaction import redact

if TYPE_CHECKING:
    from pydantic_ai.models import Model

KEY_VARIABLE = "ADRS_API_KEY"
"""Environment variable with the key for addresses given with @."""

_AT = re.compile(r"(?P<kind>[\w.-]+):(?P<name>.+?)@(?P<url>https?://\S+)")
_NAMED = re.compile(r"(?P<kind>[\w./-]+):(?P<name>\S+)")
_COMPATIBLE = ("openai", "openai-chat", "openai-responses", "anthropic", "google")
_HOMES = {"openai": ("OPENAI_BASE_URL", "api.openai.com"), "anthropic": ("ANTHROPIC_BASE_URL", "api.anthropic.com")}
_BY_URL = {"ollama": "OLLAMA_BASE_URL", "vllm": "VLLM_BASE_URL"}


@dataclass(frozen=True)
class Address:
    """The location of a model: `kind` is the protocol or provider; `url` is "" for the provider's own endpoint."""

    kind: str
    name: str
    url: str = ""

    @property
    def endpoint(self) -> str:
        """The name of the endpoint; all models at one endpoint share a circuit breaker."""
        return self.url or self.kind

    @property
    def foreign(self) -> bool:
        """Whether another server than the named provider answers, so that the provider's prices do not apply."""
        if self.url or self.kind in _BY_URL:
            return True
        variable, home = _HOMES.get(self.kind.split("-")[0], ("", ""))
        url = os.environ.get(variable, "")
        return bool(url) and urlsplit(url).hostname != home

    @property
    def local(self) -> bool:
        """Whether the model runs on this machine or in a private network."""
        host = urlsplit(self.url or os.environ.get(_BY_URL.get(self.kind, ""), "")).hostname or ""
        try:
            return ipaddress.ip_address(host).is_private
        except ValueError:
            return host == "localhost" or host.endswith(".local") or (self.kind in _BY_URL and not self.url)


def address_of(model: str) -> Address:
    """Parse a model string.

    Raises:
        Refusal: the string names no provider, or contains credentials.
    """
    if at := _AT.fullmatch(model):
        if at["kind"] not in _COMPATIBLE:
            raise Refusal(
                f"model {model}: only {', '.join(_COMPATIBLE)} take an address: write openai:NAME@http://host:port/v1"
            )
        parts = urlsplit(at["url"])
        if parts.username or parts.password or redact(at["url"]) != at["url"]:
            raise Refusal(
                f"model {redact(model)}: an address must not contain credentials: set {KEY_VARIABLE} in the environment instead"
            )
        return Address(at["kind"], at["name"], at["url"].rstrip("/"))
    if named := _NAMED.fullmatch(model):
        return Address(named["kind"], named["name"])
    raise Refusal(
        f"model {redact(model)!r} names no provider: write provider:model, openai:gpt-5 or openai:NAME@http://127.0.0.1:8000/v1"
    )


def client_of(address: Address, newer: bool = False) -> Model:
    """The library's model object; sends nothing. Use it in one event loop only.

    Args:
        newer: the OpenAI-compatible server expects `max_completion_tokens` instead of `max_tokens`.

    Raises:
        Refusal: the library or the provider's client is not installed, the provider is unknown, or the key is missing.
    """
    try:
        import pydantic_ai.exceptions as errors
    except ImportError as error:
        raise Refusal(f"model {address.name} needs the optional model client: pip install 'adrs[models]'") from error
    make: Callable[[], Model] = (lambda: _at_url(address, newer)) if address.url else (lambda: _by_name(address))
    try:
        return make()
    except ImportError as error:
        ours = address.kind.split("-")[0] in ("openai", "anthropic", "google", "openrouter", "ollama", "vllm")
        line = "'adrs[models]'" if ours else f'"pydantic-ai-slim[{address.kind}]"'
        raise Refusal(f"model {address.kind}:{address.name} needs that provider's client: pip install {line}") from error
    except (errors.UserError, ValueError) as error:
        raise Refusal(f"model {address.kind}:{address.name}: {_advice(str(error))}") from error


def _by_name(address: Address) -> Model:
    from pydantic_ai.models import infer_model

    return infer_model(f"{address.kind}:{address.name}")


def _at_url(address: Address, newer: bool) -> Model:
    """A client for an address that the user gave."""
    key = os.environ.get(KEY_VARIABLE) or "no-key-is-set"
    if address.kind == "anthropic":
        from pydantic_ai.models.anthropic import AnthropicModel
        from pydantic_ai.providers.anthropic import AnthropicProvider

        return AnthropicModel(address.name, provider=AnthropicProvider(api_key=key, base_url=address.url.removesuffix("/v1")))
    if address.kind == "google":
        from pydantic_ai.models.google import GoogleModel
        from pydantic_ai.providers.google import GoogleProvider

        return GoogleModel(address.name, provider=GoogleProvider(api_key=key, base_url=address.url.removesuffix("/v1beta")))
    from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
    from pydantic_ai.profiles.openai import OpenAIModelProfile
    from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

    # older servers ignore `max_completion_tokens`; without an enforced limit there is no worst case to reserve
    profile = OpenAIModelProfile(openai_chat_supports_max_completion_tokens=newer)
    provider = OpenAICompatibleProvider("compatible", base_url=address.url, api_key=key, profile=profile)
    if address.kind == "openai-responses":
        return OpenAIResponsesModel(address.name, provider=provider)
    return OpenAIChatModel(address.name, provider=provider)


def _advice(says: str) -> str:
    """Advice for a command-line user, made from the library's message about a name or a key."""
    if variable := re.search(r"Set the `(\w+)` environment variable", says):
        return f"set {variable[1]} in the environment"
    if says.startswith("Unknown model"):
        close = re.search(r"Did you mean '([^']+)'", says)
        return "no such provider" + (
            f": did you mean {close[1]}?" if close else ": write openai:, anthropic:, google:, openrouter: …"
        )
    return clean(redact(says.partition("\n")[0]), 300)
