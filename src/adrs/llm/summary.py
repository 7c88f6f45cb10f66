"""summary: the first sentence of a model's reply, as a one-line note for people."""

from __future__ import annotations

import re

from adrs.core.text import clean

NOTE_CHARACTERS = 160

_FENCED = re.compile(r"^[ \t]*(`{3,}|~{3,}).*?(?:^[ \t]*\1[`~]*[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"^[ \t]*<{5,}[ \t]*SEARCH.*?(?:^[ \t]*>{5,}[ \t]*REPLACE[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_HUNKS = re.compile(r"^(?:--- |\+\+\+ |@@ ).*(?:\n[ +\-\\].*)*", re.MULTILINE)
_DECORATION = re.compile(r"^[\s>#*\-\d.)]+|[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n{2,}")
_PREAMBLE = re.compile(
    r"(?:sure|certainly|of course|okay|ok|great|absolutely|here(?:'s| is| are)|below is|the following|let me|let's|i'll|i will|"
    r"looking at|thank|as an ai)\b",
    re.IGNORECASE,
)


def first_sentence(reply: str) -> str:
    """The first informative sentence outside code, cleaned and cut to 160 characters; "" if the reply has none."""
    prose = _HUNKS.sub("\n\n", _BLOCK.sub("\n\n", _FENCED.sub("\n\n", reply[:100_000].replace("\r", ""))))
    lines = [_DECORATION.sub("", line).strip() for line in prose.split("\n")]
    sentences = [" ".join(sentence.split()) for sentence in _SENTENCE.split("\n".join(lines))]
    sentences = [sentence for sentence in sentences if sentence]
    telling = [each for each in sentences if len(each.split()) > 3 and not each.endswith(":") and not _PREAMBLE.match(each)]
    return " ".join(clean((telling or sentences or [""])[0], NOTE_CHARACTERS).split())
