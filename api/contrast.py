# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Whether pages in an organisation's own colours can be read (WCAG 2.2, 1.4.3 and 1.4.11). Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Text needs the first, what only has to be seen the second.
TEXT, SEEN = 4.5, 3.0
_GROUNDS = ("document", "surface")
_STATES = ("space-free", "space-occupied", "space-unknown", "space-not-measured", "notice")


class Pair(NamedTuple):
    """A colour on another, as they meet on our pages, by the middle of their names."""

    front: str
    ground: str
    least: float


PAIRS: tuple[Pair, ...] = (
    *(Pair(name, f"{ground}-background", TEXT) for ground in _GROUNDS for name in ("document", "link")),
    *(Pair("document-subtle", f"{ground}-background", TEXT) for ground in _GROUNDS),
    *(Pair(state, f"{ground}-background", TEXT) for ground in _GROUNDS for state in _STATES),
    *(Pair(state, f"{state}-background", TEXT) for state in (*_STATES, "alert")),
    Pair("document-background", "link", TEXT),
    *(Pair(name, f"{ground}-background", SEEN) for ground in _GROUNDS for name in ("focus", "control")),
)
_DARK = re.compile(r"@media[^{]*prefers-color-scheme:\s*dark[^{]*\{((?:[^{}]|\{[^{}]*\})*)\}")
_HEX = re.compile("#(?:[0-9a-fA-F]{3}){1,2}")
_TOKEN = re.compile(r"--nl-([\w-]+)-color\s*:\s*([^;}]+)")


class Fault(NamedTuple):
    """A pair that cannot be read, in light or in dark; `ratio` is its contrast, 1 to 21."""

    scheme: str
    pair: Pair
    ratio: float

    def __str__(self) -> str:
        """What is wrong, by the names that a theme has."""
        front, ground = (f"--nl-{name}-color" for name in self.pair[:2])
        return f"{self.scheme}: {front} on {ground} is {self.ratio:.1f}:1, needs {self.pair.least:g}:1"


def faults(ours: str, own: str) -> Iterator[Fault]:
    """What cannot be read where a stylesheet comes after ours; what is not written in hex is not judged."""
    ours, own = _bare(ours), _bare(own)
    light = _tokens(_DARK.sub("", ours)) | _tokens(_DARK.sub("", own))
    # What is set for light comes after our dark, and holds in it too.
    dark = _tokens(_DARK.sub("", ours)) | _dark(ours) | _tokens(_DARK.sub("", own)) | _dark(own)
    for scheme, tokens in (("light", light), ("dark", dark)):
        for pair in PAIRS:
            front, ground = (luminance(tokens.get(name, "")) for name in pair[:2])
            if front is None or ground is None:
                continue
            ratio = (max(front, ground) + 0.05) / (min(front, ground) + 0.05)
            if ratio < pair.least:
                yield Fault(scheme, pair, ratio)


def luminance(colour: str) -> float | None:
    """The relative luminance of `#rgb` or `#rrggbb`, 0 to 1 (WCAG 2.2, definition); None of anything else."""
    if not _HEX.fullmatch(colour):
        return None
    digits = colour[1:] if len(colour) == len("#rrggbb") else "".join(2 * digit for digit in colour[1:])
    linear = [_linear(channel / 255) for channel in bytes.fromhex(digits)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _bare(text: str) -> str:
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)


def _tokens(text: str) -> dict[str, str]:
    return {name: value.strip() for name, value in _TOKEN.findall(text)}


def _dark(text: str) -> dict[str, str]:
    return _tokens("".join(_DARK.findall(text)))
