"""imports: the modules that every candidate may import; prompts, preflight and the sandbox share this list."""

from __future__ import annotations

OFFERED: tuple[str, ...] = tuple(
    """
    math cmath random heapq bisect collections collections.abc itertools functools operator statistics dataclasses typing
    enum abc copy json re string decimal fractions datetime calendar time array struct types contextlib contextvars queue
    weakref warnings numbers textwrap pprint traceback graphlib zlib hashlib base64 uuid unicodedata locale ast inspect
    logging csv pathlib argparse pickle concurrent.futures numpy numpy.linalg numpy.random numpy.fft numpy.ma
    numpy.polynomial numpy.char numpy.rec numpy.testing numpy.ctypeslib numpy.typing
    """.split()
)
"""Module names as a candidate writes them; a package is offered with its submodules."""

PRELOADED: tuple[str, ...] = (
    *OFFERED,
    "_strptime",
    "encodings.idna",
    "encodings.punycode",
    "encodings.utf_8_sig",
    "encodings.latin_1",
    "encodings.utf_16",
    "encodings.utf_32",
    "encodings.cp1252",
    "encodings.hex_codec",
    "encodings.unicode_escape",
    "__future__",
    "threading",
    "concurrent.futures.thread",
)
"""What the zygote imports before it locks itself down, including modules that the standard library imports lazily."""


def is_offered(module: str, packages: tuple[str, ...] = ()) -> bool:
    """Whether a candidate may import `module`; `packages` are the additional packages that the task offers."""
    return module in {"__future__", "kit"} or any(
        module == name or name.startswith(module + ".") or (name in packages and module.startswith(name + "."))
        for name in (*OFFERED, *packages)
    )
