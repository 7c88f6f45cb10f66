"""recipe: the settings of a run as plain values, from flags, TOML or Python."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, get_type_hints

from adrs import catalog
from adrs.catalog import nearest
from adrs.core.budget import Limits
from adrs.core.failure import Refusal
from adrs.stores.encoding import plain


@dataclass(frozen=True)
class Recipe:
    """The settings of a run: plain values, stored as given.

    Args:
        task, options: as `catalog.load_task` takes them.
        generator, selector, prompts: names or paths of parts with options, "islands:count=4". Several generators, each
            with its weight in front, form an ensemble.
        prices: "MODEL=in:0.3,out:2.5", dollars per million tokens, for models whose price is unknown or wrong.
        limits: hard limits on trials, dollars, tokens and minutes.
        width: attempts in flight. With 1, a model-free generator, and data_seed and held_out_seed given, runs of one
            random seed are identical.
        workers: games played at once.
        seed: random seed.
        seed_programs: start programs (source) instead of the task's own.
        hints: a person's advice for the prompts.
        tuned: trials that tune only the start program's constants, as a baseline; model-free generators only.
        shrink: trials that shorten the champion after the search.
        unsafe: run even if a required sandbox layer is missing.
    """

    task: str
    options: Mapping[str, Any] = field(default_factory=dict)
    generator: str | tuple[str, ...] = "offline"
    selector: str = "tournament"
    prompts: str = "improve"
    limits: Limits = field(default_factory=lambda: Limits(trials=300))
    width: int = 0
    workers: int = 0
    seed: int = 0
    seed_programs: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    prices: tuple[str, ...] = ()
    tuned: int = 40
    shrink: int = 0
    unsafe: bool = False

    def __post_init__(self) -> None:
        for name in ("width", "workers", "tuned", "shrink"):
            if getattr(self, name) < 0:
                raise Refusal(f"{name} is {getattr(self, name)}: give --{name} 0 or more")
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        object.__setattr__(self, "workers", self.workers or cores)
        object.__setattr__(self, "width", self.width or self.workers)
        if all(cap is None for cap in asdict(self.limits).values()):
            raise Refusal("the run has no limit and would never end: give --trials, --dollars, --tokens or --minutes")

    def as_json(self) -> dict[str, Any]:
        """The recipe as it is stored."""
        return {
            **asdict(self),
            "options": plain(self.options),
            "seed_programs": list(self.seed_programs),
            "hints": list(self.hints),
            "prices": list(self.prices),
            "generator": self.generator if isinstance(self.generator, str) else list(self.generator),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Recipe:
        """The recipe of a stored run; keys that this version does not know are ignored."""
        known = {each.name: stored[each.name] for each in fields(cls) if each.name in stored}
        for name in ("seed_programs", "hints", "prices"):
            known[name] = tuple(known.get(name, ()))
        if isinstance(known.get("generator"), list):
            known["generator"] = tuple(known["generator"])
        if "limits" in known:
            known["limits"] = Limits(**known["limits"])
        return cls(**known)

    def raised(self, limits: Limits) -> Recipe:
        """The same recipe with the given limits raised.

        Raises:
            Refusal: a limit is lower than before.
        """
        given = {name: value for name, value in asdict(limits).items() if value is not None}
        for name, value in given.items():
            before = getattr(self.limits, name)
            if before is not None and value < before:
                raise Refusal(f"--{name} can only be raised, not lowered from {before} to {value}: omit it, or give more")
        return replace(self, limits=replace(self.limits, **given))


CAPS = tuple(each.name for each in fields(Limits))
WIDEST = 256
"""Most attempts in flight: each needs a thread."""
KEYS = (*(each.name for each in fields(Recipe) if each.name != "limits"), *CAPS)


def read_recipe(path: Path) -> dict[str, Any]:
    """Read a recipe file (TOML): the keys of `Recipe`, limits at the top level, start programs as relative paths or as source.

    Raises:
        Refusal: the file cannot be read, or it has an unknown key.
    """
    try:
        given = tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise Refusal(f"recipe {path} cannot be read ({error.strerror}): name a TOML file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refusal(f"recipe {path} is not valid TOML: {error}") from None
    for key, value in given.items():
        _typed(key, value, f"recipe {path}")
    if "seed_programs" in given:
        try:
            given["seed_programs"] = tuple(
                each if "\n" in each else read_program(path.parent / each) for each in given["seed_programs"]
            )
        except Refusal as refusal:
            raise Refusal(f"recipe {path}: {refusal}") from None
    return given


def make_recipe(given: Mapping[str, Any]) -> Recipe:
    """Make a recipe from flat keys: those of `Recipe`, and the limits beside them.

    Raises:
        Refusal: a value has the wrong type or is out of range.
    """
    given = {name: _typed(name, value) for name, value in given.items() if value is not None}
    for name in ("width", "workers"):
        if given.get(name) == 0:
            raise Refusal(f"{name} is 0: give --{name} 1 or more, or omit it to use all cores")
    if given.get("width", 0) > WIDEST:
        raise Refusal(f"width is {given['width']}: give --width {WIDEST} or less")
    limits = {name: given.pop(name) for name in CAPS if name in given}
    if limits:
        given["limits"] = Limits(**limits)
    recipe = Recipe(**given)
    spec, options = catalog.task_spec(recipe.task)
    return replace(recipe, task=spec, options=catalog.task_options(spec, {**options, **recipe.options}))


def _typed(name: str, value: object, where: str = "the recipe") -> Any:
    """Check a value against the type in `Recipe` or `Limits`; a whole number is accepted as a float."""
    from pydantic import TypeAdapter, ValidationError

    if name not in KEYS:
        raise Refusal(f"{where} has an unknown key {name!r}: {nearest(name, KEYS, 'see docs/cli.md')}")
    kind = {**get_type_hints(Recipe), **get_type_hints(Limits)}[name]
    value = tuple(value) if isinstance(value, list) else value
    try:
        return TypeAdapter(kind).validate_python(value, strict=True)
    except ValidationError as error:
        wanted = error.errors(include_url=False)[0]["msg"].replace("a valid tuple", "a list of texts")
        raise Refusal(f"{where}: {name} is {str(value)[:80]!r}: {wanted[:1].lower() + wanted[1:]}") from None


def as_toml(recipe: Recipe) -> str:
    """The recipe as a file for `read_recipe`, with the source of its start programs."""
    flat = {**recipe.as_json(), **asdict(recipe.limits)}
    flat["seed_programs"] = [f"{text}\n" if "\n" not in text else text for text in recipe.seed_programs]
    shown = {key: value for key, value in flat.items() if key != "limits" and value is not None}
    options = shown.pop("options")
    lines = [f"{key} = {_toml(value)}" for key, value in shown.items()]
    return "\n".join(
        [*lines, *(["", "[options]"] if options else []), *(f"{key} = {_toml(options[key])}" for key in options), ""]
    )


def _toml(value: object) -> str:
    """Strings, numbers, booleans and lists of them look alike in TOML and JSON; TOML has no null, so None is "none"."""
    return json.dumps("none" if value is None else plain(value), ensure_ascii=False)


def read_program(path: Path) -> str:
    """Read a program file.

    Raises:
        Refusal: the file cannot be read.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise Refusal(
            f"program {path} cannot be read ({error.strerror or error}): name a file with the program's text"
        ) from None
    except UnicodeDecodeError as error:
        raise Refusal(f"program {path} is not UTF-8 text (byte {error.start}): save it as UTF-8") from None
