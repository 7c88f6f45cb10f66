"""pricing: the price of a model's tokens, looked up once and fixed for the run. Counts no money.

Prices come from genai-prices as installed, never from the network; `Price.source` names its version.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from adrs.core.failure import Refusal
from adrs.core.trial import Usage
from adrs.llm.address import address_of

if TYPE_CHECKING:
    from genai_prices.types import ModelPrice, TieredPrices

_MILLION = Decimal(1_000_000)

_PROVIDERS = {
    "openai-chat": "openai",
    "openai-responses": "openai",
    "google-cloud": "google",
    "bedrock": "aws",
    "xai": "x-ai",
}
"""The library's provider -> the provider in genai-prices, where they differ."""

_PARTS = {"in": "input", "out": "output", "cached": "cached_input", "write": "cache_write"}

_UNKNOWABLE = {"output_reasoning_mtok", "requests_kcount"}
"""Kinds of prices that `Price` cannot express; a model with one of them has no known price."""


@dataclass(frozen=True)
class Price:
    """Dollars per million tokens. Cached and cache-written tokens are part of the input, reasoning is part of the output.

    Args:
        source: its origin with version: "genai-prices 0.2.3", "--price".
        above: (tokens, price): an input with more tokens is billed at that price as a whole.
    """

    input: Decimal
    cached_input: Decimal
    cache_write: Decimal
    output: Decimal
    source: str
    above: tuple[tuple[int, Price], ...] = ()

    def at(self, input_tokens: int) -> Price:
        """The price for an input of this size."""
        return next((price for start, price in reversed(self.above) if input_tokens > start), self)

    def __str__(self) -> str:
        tiers = f", more above {self.above[0][0]} tokens" if self.above else ""
        return (
            f"${self.input:f} in, ${self.cached_input:f} cached, ${self.output:f} out per million tokens{tiers} ({self.source})"
        )


def cost(usage: Usage, price: Price) -> Decimal:
    """Dollars for the tokens of one request, exact.

    The usage is normalised for all providers: the input includes cached and written tokens (Anthropic's own does not), the
    output includes reasoning (Google's own does not).
    """
    if not usage.measured:
        return worst_case(usage.input_tokens, usage.output_tokens, price)
    rate = price.at(usage.input_tokens)
    plain = usage.input_tokens - usage.cached_tokens - usage.cache_write_tokens
    total = plain * rate.input + usage.cached_tokens * rate.cached_input + usage.cache_write_tokens * rate.cache_write
    return (total + usage.output_tokens * rate.output) / _MILLION


def worst_case(input_tokens: int, output_tokens: int, price: Price) -> Decimal:
    """Upper bound on the dollars for a request with at most these tokens, whatever was cached."""
    rates = [price, *(above for start, above in price.above if input_tokens > start)]
    highest = max(max(rate.input, rate.cached_input, rate.cache_write) for rate in rates)
    return (input_tokens * highest + output_tokens * max(rate.output for rate in rates)) / _MILLION


def price_of(model: str, overrides: Mapping[str, Price] | None = None) -> Price | None:
    """The current price of a model; None if unknown, as for every address that is not the provider's own.

    Args:
        model: a model string, see `address`.
        overrides: prices that the user states, by model string or by the model's name alone.

    Raises:
        Refusal: the price library is not installed.
    """
    address, overrides = address_of(model), overrides or {}
    for name in (model, address.name):
        if name in overrides:
            return overrides[name]
    if address.foreign:
        return None
    try:
        import genai_prices
        from genai_prices.data_snapshot import get_snapshot
    except ImportError as error:
        raise Refusal(f"the price of {model} cannot be looked up: pip install 'adrs[models]', or give --price") from error
    try:
        provider = _PROVIDERS.get(address.kind, address.kind)
        _, known = get_snapshot().find_provider_model(address.name, None, provider, None)
    except LookupError:
        return None
    return _price(known.get_prices(datetime.now(UTC)), f"genai-prices {genai_prices.__version__}")


def overrides_of(texts: Iterable[str]) -> dict[str, Price]:
    """Parse prices that the user states: "M=in:0.3,out:2.5[,cached:0.03][,write:0.4]", dollars per million tokens.

    Raises:
        Refusal: a text does not have this form.
    """
    found: dict[str, Price] = {}
    for text in texts:
        model, _, rates = text.rpartition("=")
        given: dict[str, Decimal] = {}
        for part in rates.split(","):
            name, _, number = part.strip().partition(":")
            given[_PARTS.get(name.strip(), "")] = _dollars(number)
        if not model.strip() or "" in given or not {"input", "output"} <= set(given) or Decimal(-1) in given.values():
            raise Refusal(f'price {text!r} cannot be read: write --price "MODEL=in:0.3,out:2.5", dollars per million tokens')
        plain = given["input"]
        cached, written = given.get("cached_input", plain), given.get("cache_write", plain)
        found[model.strip()] = Price(plain, cached, written, given["output"], "--price")
    return found


def _dollars(text: str) -> Decimal:
    """A number of dollars; -1 if the text is not a number."""
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return Decimal(-1)
    return number if number.is_finite() and number >= 0 else Decimal(-1)


def _price(listed: ModelPrice, source: str) -> Price | None:
    """Convert the library's price; None if it lacks a rate, or has a kind of price that `Price` cannot express."""
    if (
        any(getattr(listed, name) is not None for name in _UNKNOWABLE)
        or listed.input_mtok is None
        or listed.output_mtok is None
    ):
        return None
    keys = ("input_mtok", "cache_read_mtok", "cache_write_mtok", "output_mtok")
    rates = [getattr(listed, key) if getattr(listed, key) is not None else listed.input_mtok for key in keys]
    starts = sorted({tier.start for rate in rates for tier in getattr(rate, "tiers", ())})

    def at(input_tokens: int, above: tuple[tuple[int, Price], ...] = ()) -> Price:
        asked, cached, written, wrote = (_rate(rate, input_tokens) for rate in rates)
        return Price(asked, cached, written, wrote, source, above)

    return at(0, tuple((start, at(start + 1)) for start in starts))


def _rate(rate: Decimal | TieredPrices, input_tokens: int) -> Decimal:
    """The rate for an input of this size."""
    if isinstance(rate, Decimal):
        return rate
    return next((tier.price for tier in reversed(rate.tiers) if input_tokens > tier.start), rate.base)
