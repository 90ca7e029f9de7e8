# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What whoever watches the demo makes happen: kept in one file, which every program of the demo reads."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from demo.folder import put

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class What(StrEnum):
    """What can be made to happen, and to what."""

    FILL = "fill"  # people come into a space
    EMPTY = "empty"  # everybody leaves a space
    STICK = "stick"  # a motion sensor sees motion all the time
    UNPLUG = "unplug"  # a device has no power
    CUT_BROKER = "cut-broker"  # nothing carries messages


class Happening(NamedTuple):
    """Something that is made to happen from `from_ms` up to `to_ms`: to a space, a sensor, a device or ""."""

    what: What
    where: str
    from_ms: int
    to_ms: int
    people: int = 0


def read_happenings(file: Path) -> tuple[Happening, ...]:
    """All of them, in the order in which they were made; none where there is no file."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return ()
    found = (json.loads(line) for line in lines)
    return tuple(Happening(What(what), *rest) for what, *rest in found)


def write_happenings(file: Path, happenings: Iterable[Happening]) -> None:
    """Keep these; who reads finds the old ones or these, never a part."""
    put(file, "".join(json.dumps(list(one)) + "\n" for one in happenings))
