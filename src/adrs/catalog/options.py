"""options: converts text such as `count=4` into the keyword arguments of a constructor.

The constructor's signature is the only source of names, types and defaults.
"""

from __future__ import annotations

import difflib
import inspect
import json
import math
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from adrs.core.failure import Refusal

_PATH_SPEC = re.compile(r"(?P<name>.*?\.py)(?::(?P<options>.*))?", re.DOTALL)
_NEXT_OPTION = re.compile(r",(?=\s*[A-Za-z_]\w*\s*=)")


@dataclass(frozen=True)
class Option:
    """One keyword argument of a constructor."""

    name: str
    annotation: Any
    default: Any = inspect.Parameter.empty

    @property
    def required(self) -> bool:
        return self.default is inspect.Parameter.empty

    @property
    def type(self) -> str:
        """The type in readable form: "int", "Literal['train', 'test']"."""
        return inspect.formatannotation(self.annotation).replace("typing.", "")


def split_spec(spec: str, names: Collection[str] = ()) -> tuple[str, dict[str, str]]:
    """ "islands:count=4,migrate=20" -> ("islands", {"count": "4", "migrate": "20"}); the name may be a path that ends in .py.

    A comma that is not followed by `key=` belongs to the value before it.

    Args:
        names: known names; a spec that begins with one of them is not a path, whatever its options contain.
    """
    match = None if spec.partition(":")[0] in names else _PATH_SPEC.fullmatch(spec)
    name, _, tail = (match["name"], "", match["options"] or "") if match else spec.partition(":")
    return name.strip(), split_pairs(_NEXT_OPTION.split(tail) if tail.strip() else [], name)


def split_pairs(pairs: Iterable[str], owner: str) -> dict[str, str]:
    """["count=4"] -> {"count": "4"}, for an option list or for the `-o` of a command line."""
    found: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        key = key.strip()
        if not equals or not key:
            raise Refusal(f"{owner}: {pair.strip()!r} is not an option: write key=value")
        if key in found:
            raise Refusal(f"{owner}: option {key} is given twice: give it once")
        found[key] = value.strip()
    return found


def options_of(cls: type, owner: str) -> dict[str, Option]:
    """The options of a class by name; a part's argument `task` is not an option, because the recipe supplies it.

    Raises:
        Refusal: an annotation uses a name that its module does not define.
    """
    try:
        parameters = inspect.signature(cls, eval_str=True).parameters.values()
    except NameError as error:
        raise Refusal(f"{owner}: the types of its options cannot be read ({error}): import what they name") from error
    named = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return {
        parameter.name: Option(parameter.name, _annotation(parameter), parameter.default)
        for parameter in parameters
        if parameter.kind in named and not (parameter.name == "task" and parameter.kind is not inspect.Parameter.KEYWORD_ONLY)
    }


def _annotation(parameter: inspect.Parameter) -> Any:
    if parameter.annotation is not inspect.Parameter.empty:
        return parameter.annotation
    unknown = parameter.default is inspect.Parameter.empty or parameter.default is None
    return Any if unknown else type(parameter.default)


def arguments(cls: type, given: Mapping[str, object], owner: str) -> dict[str, Any]:
    """The keyword arguments for `cls`, converted to the types of its signature.

    Args:
        given: texts from a command line, or values from a recipe or a caller.
        owner: its name in error messages, "selector islands".

    Raises:
        Refusal: an option is unknown, missing or of the wrong type; it names the option and the known ones.
    """
    known = options_of(cls, owner)
    for name in given:
        if name not in known:
            raise Refusal(f"{owner} has no option {name!r}: {nearest(name, known, 'it takes no options')}")
    for option in known.values():
        if option.required and option.name not in given:
            raise Refusal(f"{owner} needs the option {option.name} ({option.type}): give {option.name}=…")
    return {name: convert(known[name], value, owner) for name, value in given.items()}


def convert(option: Option, value: object, owner: str) -> Any:
    """`value` as the option's type; text is read as that type, as JSON for lists, and "none" where None is allowed."""
    from pydantic import TypeAdapter, ValidationError
    from pydantic.errors import PydanticUserError

    try:
        adapter: TypeAdapter[Any] = TypeAdapter(option.annotation)
    except PydanticUserError as error:
        raise Refusal(
            f"{owner}: option {option.name} has the type {option.type}, which cannot be checked: use a simpler type"
        ) from error
    problem = ""
    for reading in _readings(value):
        try:
            result = adapter.validate_python(reading)
        except ValidationError as error:
            message = error.errors(include_url=False)[0]["msg"]
            problem = problem or message[:1].lower() + message[1:]
            continue
        if isinstance(result, float) and not math.isfinite(result):
            problem = "a finite number is needed"
        elif isinstance(reading, bool) and not isinstance(result, bool):
            problem = f"{option.type} is needed, not true or false"
        else:
            return result
    raise Refusal(f"{owner}: option {option.name} is {str(value)[:80]!r}: {problem} (type {option.type})")


def _readings(value: object) -> list[object]:
    """The possible meanings of a value, the most likely first."""
    if not isinstance(value, str):
        return [value]
    if value.lower() in {"none", "null"}:
        return [None, value]
    try:
        return [value, json.loads(value)]
    except ValueError:
        return [value]


def nearest(name: str, known: Iterable[str], nothing: str) -> str:
    """The end of a sentence about an unknown name: the nearest known ones, or all, or `nothing` if there are none."""
    names = sorted(known)
    if not names:
        return nothing
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    listed = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
    return f"did you mean {close[0]}? Known: {listed}" if close else f"known: {listed}"
