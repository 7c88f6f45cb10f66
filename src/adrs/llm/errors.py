"""errors: classifies a failed model request: wait, give up, or treat the reply as unusable. Retries nothing itself.

| the endpoint | kind | billed? |
|---|---|---|
| 408, 409, 425, 429, 5xx, 529; cannot be reached | busy | no |
| timeout, reset, half a body, cut or malformed JSON | lost | perhaps |
| HTML in a 200, no choices, a form that is not the protocol's | strange | perhaps |
| 400 that names a parameter which we sent and can do without | parameter | no |
| no TLS: refused by an endpoint that has never answered, else busy | tls | no |
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

TroubleKind = Literal["busy", "lost", "strange", "parameter", "tls", "refused"]

_AGAIN = {408, 409, 425, 429}
_REFUSING = re.compile(
    r"unsupported|not support|deprecated|unrecogni|unknown|unexpected|not permitted|not allowed|only the default", re.I
)

REMEDIES = {
    400: "read what it says, and change the option that it names",
    401: "set the right key in the environment",
    402: "top up the account, or use another model",
    403: "check that the key may use this model",
    404: "check the model's name and the address",
    413: "shorten the prompts",
    422: "read what it says, and change the option that it names",
}


@dataclass(frozen=True)
class Trouble:
    """What went wrong with one request.

    Args:
        says: one sentence without secrets.
        status: of HTTP; 0 when there was none.
        retry_after: seconds that the endpoint asks to wait.
        parameter: the one that was refused.
        remedy: what a person can do, for a refusal.
    """

    kind: TroubleKind
    says: str
    status: int = 0
    retry_after: float = 0.0
    parameter: str = ""
    remedy: str = ""


def trouble_of(error: Exception, sent: Iterable[str]) -> Trouble:
    """What an error of one request means.

    Args:
        error: as the client raised it.
        sent: names of the parameters that were sent and that a request can do without.
    """
    import pydantic_ai.exceptions as errors

    if isinstance(error, errors.ModelHTTPError):
        return _of_status(error.status_code, error, sent)
    if isinstance(error, errors.ModelConnectionError):
        return _of_connection(error)
    if isinstance(error, errors.ModelRequestTimeout):
        return Trouble("lost", f"no whole reply within {error.timeout:g} s")
    if isinstance(error, errors.UserError):
        return Trouble("refused", _short(_text(error)), remedy="change the option that it names")
    if isinstance(error, errors.ModelAPIError):
        if isinstance(error.__cause__, json.JSONDecodeError):
            page = error.__cause__.doc.lstrip()[:1] == "<"
            return Trouble("strange" if page else "lost", "a page that is no JSON" if page else "the reply's JSON is broken")
        return Trouble("strange", _short(_text(error)))
    name = "" if isinstance(error, errors.AgentRunError) else f"{type(error).__name__}: "
    return Trouble("strange", _short(f"{name}{_text(error)}"))


def _of_status(status: int, error: Exception, sent: Iterable[str]) -> Trouble:
    import pydantic_ai.exceptions as errors

    if not isinstance(error, errors.ModelAPIError):
        raise TypeError(f"{error!r} has no status")
    said = _said(error.body)
    says = f"{status}: {_short(said or responses.get(status, 'no reason'))}"
    if isinstance(error, errors.ModelQuotaExceededError):
        return Trouble("refused", says, status, remedy=REMEDIES[402])
    if status in _AGAIN or status >= 500 or status < 400:
        return Trouble("busy", says, status, error.retry_after or 0.0)
    if status in (400, 422):
        for name in sent:
            if re.search(_ALSO.get(name, name), said, re.I) and _REFUSING.search(said):
                return Trouble("parameter", says, status, parameter=name)
    if isinstance(error, errors.ModelContextWindowExceededError):
        return Trouble("refused", says, status, remedy=REMEDIES[413])
    return Trouble("refused", says, status, remedy=REMEDIES.get(status, "read what it says"))


_ALSO = {"thinking": "thinking|reasoning", "max_tokens": r"max_tokens\b"}
"""Under which words an endpoint refuses a parameter, where they are not its name."""


def _of_connection(error: Exception) -> Trouble:
    import pydantic_ai.exceptions as errors

    causes = list(_causes(error))
    says = _short(_text(causes[-1]))
    phase = error.phase if isinstance(error, errors.ModelConnectionError) else None
    if any(isinstance(cause, ssl.SSLError) for cause in causes) or "SSL" in says:
        return Trouble("tls", f"TLS failed: {says}", remedy="check https:// against http://, the port and the certificate")
    if phase in ("connect", "pool"):
        return Trouble("busy", f"it cannot be reached: {says}")
    if isinstance(error, errors.ModelTimeoutError):
        return Trouble("lost", "it was silent for too long")
    return Trouble("lost", f"the connection broke: {says}")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what is behind it, the cause of all last; a group counts as its first."""
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
    """The message in an error's body, whichever provider's form it has."""
    while isinstance(body, dict):
        body = next((body[key] for key in ("error", "message", "detail", "status") if body.get(key)), None)
    return body if isinstance(body, str) else "" if body is None else json.dumps(body, default=str)


def _text(error: BaseException) -> str:
    """What an error says, although a strange reply may have made nonsense of it."""
    if not hasattr(error, "message"):
        return str(error) or type(error).__name__
    return error.message if isinstance(error.message, str) else " ".join(str(part) for part in error.args)


def _short(text: str) -> str:
    return " ".join(clean(redact(text), 300).split())
