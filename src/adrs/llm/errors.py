"""errors: classifies a failed model request: retry, give up, or treat the reply as unusable. Does not retry.

| the endpoint | kind | billed? |
|---|---|---|
| 408, 409, 425, 429, 5xx, 529; cannot be reached | busy | no |
| timeout, reset, truncated body, truncated or invalid JSON | lost | perhaps |
| HTML in a 200, no choices, a structure outside the protocol | malformed | perhaps |
| 400 that names an optional parameter of the request | parameter | no |
| TLS failure: refused if the endpoint has never answered, else busy | tls | no |
| a content filter, or a prompt that is too long for the model | question | no |
| 400, 401, 403, 404, quota, other 4xx | refused | no |
"""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from http.client import responses
from typing import Literal

from adrs.core.text import clean
from adrs.llm.redaction import redact

ErrorKind = Literal["busy", "lost", "malformed", "parameter", "tls", "question", "refused"]

_AGAIN = {408, 409, 425, 429}
_REFUSING = re.compile(
    r"unsupported|not support|deprecated|unrecogni|unknown|unexpected|not permitted|not allowed|only the default", re.I
)

_FILTERED = re.compile(r"content.?filter|content.?policy|content management policy|flagged|safety system|data_inspection", re.I)
_TOO_LONG = re.compile(
    r"context.?(length|window)|(prompt|input)( is)? too long|too many (input|prompt) tokens|maximum (prompt|input)", re.I
)
"""The prompt is too long. A limit on the output, "maximum completion tokens", is another matter."""

REMEDIES = {
    400: "change the option that the message names",
    401: "set the right key in the environment",
    402: "top up the account, or use another model",
    403: "check that the key may use this model",
    404: "check the model's name and the address",
    413: "shorten the prompts",
    422: "change the option that the message names",
}


@dataclass(frozen=True)
class RequestError:
    """A failed request, classified.

    Args:
        says: one sentence without secrets.
        status: HTTP status; 0 if there was none.
        retry_after: seconds that the endpoint asks to wait.
        parameter: the parameter that was rejected.
        remedy: what the user can do, for a refusal.
    """

    kind: ErrorKind
    says: str
    status: int = 0
    retry_after: float = 0.0
    parameter: str = ""
    remedy: str = ""


def classify(error: Exception, sent: Iterable[str]) -> RequestError:
    """Classify the error of one request.

    Args:
        error: as the client raised it.
        sent: names of the optional parameters that were sent.
    """
    import pydantic_ai.exceptions as errors

    if isinstance(error, errors.ModelHTTPError):
        return _of_status(error.status_code, error, sent)
    if isinstance(error, errors.ModelConnectionError):
        return _of_connection(error)
    if isinstance(error, errors.ModelRequestTimeout):
        return RequestError("lost", f"no complete reply within {error.timeout:g} s")
    if isinstance(error, errors.UserError):
        return RequestError("refused", _short(_text(error)), remedy="change the option that the message names")
    if isinstance(error, errors.ModelAPIError):
        if isinstance(error.__cause__, json.JSONDecodeError):
            page = error.__cause__.doc.lstrip()[:1] == "<"
            return RequestError("malformed" if page else "lost", "a page instead of JSON" if page else "invalid JSON")
        return RequestError("malformed", _short(_text(error)))
    name = "" if isinstance(error, errors.AgentRunError) else f"{type(error).__name__}: "
    return RequestError("malformed", _short(f"{name}{_text(error)}"))


def _of_status(status: int, error: Exception, sent: Iterable[str]) -> RequestError:
    import pydantic_ai.exceptions as errors

    if not isinstance(error, errors.ModelAPIError):
        raise TypeError(f"{error!r} has no status")
    said = _said(error.body)
    says = f"{status}: {_short(said or responses.get(status, 'no reason given'))}"
    if isinstance(error, errors.ModelQuotaExceededError):
        return RequestError("refused", says, status, remedy=REMEDIES[402])
    if status in _AGAIN or status >= 500 or status < 400:
        return RequestError("busy", says, status, error.retry_after or 0.0)
    if status in (400, 422):
        for name in sent:
            if re.search(_ALSO.get(name, name), said, re.I) and _REFUSING.search(said):
                return RequestError("parameter", says, status, parameter=name)
    codes = json.dumps(error.body, default=str)
    if isinstance(error, errors.ModelContextWindowExceededError) or status == 413 or _TOO_LONG.search(said):
        return RequestError("question", says, status, remedy="use a model with a larger window, or a shorter program")
    if _FILTERED.search(codes):
        return RequestError("question", says, status, remedy="use another model, or change what the task's texts say")
    return RequestError("refused", says, status, remedy=REMEDIES.get(status, "see the endpoint's message"))


_ALSO = {"thinking": "thinking|reasoning", "max_tokens": r"max_tokens\b"}
"""Patterns by which endpoints refer to a parameter, where these differ from its name."""


def _of_connection(error: Exception) -> RequestError:
    import pydantic_ai.exceptions as errors

    causes = list(_causes(error))
    says = _short(_text(causes[-1]))
    phase = error.phase if isinstance(error, errors.ModelConnectionError) else None
    if any(isinstance(cause, ssl.SSLError) for cause in causes) or "SSL" in says:
        return RequestError("tls", f"TLS failed: {says}", remedy="check https:// against http://, the port and the certificate")
    if phase in ("connect", "pool"):
        return RequestError("busy", f"the endpoint cannot be reached: {says}")
    if isinstance(error, errors.ModelTimeoutError):
        return RequestError("lost", "no data arrived for too long")
    return RequestError("lost", f"the connection broke: {says}")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and its chain of causes, the root cause last; an exception group counts as its first member."""
    seen: set[int] = set()
    found: BaseException | None = error
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        yield found
        if isinstance(found, BaseExceptionGroup):
            found = found.exceptions[0]
        else:
            found = found.__cause__ or found.__context__


def _said(body: object) -> str:
    """The message in an error's body, in the form of any provider."""
    while isinstance(body, dict):
        body = next((body[key] for key in ("error", "message", "detail", "status") if body.get(key)), None)
    return body if isinstance(body, str) else "" if body is None else json.dumps(body, default=str)


def _text(error: BaseException) -> str:
    """The message of an error; a malformed reply may have put another type in its place."""
    if not hasattr(error, "message"):
        return str(error) or type(error).__name__
    return error.message if isinstance(error.message, str) else " ".join(str(part) for part in error.args)


def _short(text: str) -> str:
    return " ".join(clean(redact(text), 300).split())
