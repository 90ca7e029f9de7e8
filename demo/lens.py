# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""How the time of the people who are simulated follows from the time on the wall.

In history they are the same. Live, whoever watches may let life go faster, or live through a busy morning in
the middle of the night; what is measured carries the time on the wall all the same.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


class Piece(NamedTuple):
    """From `from_ms` up to `to_ms` life runs from `life_ms` on, `speed` times as fast as time on the wall."""

    from_ms: int
    to_ms: float
    life_ms: int
    speed: float

    def life_at(self, t_ms: float) -> int:
        """The instant in life that belongs to one on the wall."""
        return round(self.life_ms + (t_ms - self.from_ms) * self.speed)

    def wall_at(self, life_ms: float) -> int:
        """The instant on the wall that belongs to one in life."""
        return round(self.from_ms + (life_ms - self.life_ms) / self.speed)


def pieces(bent: Sequence[Piece], start_ms: int, end_ms: int) -> Iterator[Piece]:
    """The pieces of [`start_ms`, `end_ms`), in order and without gaps; `bent` ones are in order too."""
    at_ms = start_ms
    for piece in bent:
        from_ms, to_ms = max(piece.from_ms, start_ms), min(piece.to_ms, end_ms)
        if from_ms >= to_ms:
            continue
        if at_ms < from_ms:
            yield Piece(at_ms, from_ms, at_ms, 1)
        yield Piece(from_ms, to_ms, piece.life_at(from_ms), piece.speed)
        at_ms = int(to_ms)
    if at_ms < end_ms:
        yield Piece(at_ms, end_ms, at_ms, 1)


def read_lens(file: Path) -> tuple[Piece, ...]:
    """The pieces that were bent; none where there is no file. The last one may go on without end."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return ()
    found = [json.loads(line) for line in lines]
    return tuple(Piece(one[0], math.inf if one[1] is None else one[1], *one[2:]) for one in found)


def write_lens(file: Path, bent: Sequence[Piece]) -> None:
    """Keep these pieces."""
    lines = ([one[0], None if math.isinf(one[1]) else one[1], *one[2:]] for one in bent)
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
