# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""When a space is open, as spans of time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bezet.hours import openings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bezet.model import Building
    from bezet.usage.columns import Ints
    from bezet.usage.stretches import Bools

_BEFORE_ALL_MS = np.iinfo(np.int64).min


class Spans(NamedTuple):
    """Spans of time, [`from_ms[n]`, `to_ms[n]`), in order and apart; both shape (n,)."""

    from_ms: Ints
    to_ms: Ints

    def hold(self, t_ms: Ints) -> Bools:
        """Whether each instant is in one of them."""
        # An instant before the first is in place -1: the end that is put last.
        place = np.searchsorted(self.from_ms, t_ms, side="right") - 1
        return np.asarray(t_ms < np.append(self.to_ms, _BEFORE_ALL_MS)[place])

    @classmethod
    def of(cls, spans: Iterable[tuple[int, int]], start_ms: int, end_ms: int) -> Spans:
        """Those of the spans in [`start_ms`, `end_ms`), cut to it."""
        cut = [(max(begin, start_ms), min(end, end_ms)) for begin, end in spans]
        found = np.array([span for span in cut if span[0] < span[1]], np.int64).reshape(-1, 2)
        return cls(found[:, 0], found[:, 1])


def open_spans(building: Building, space: str, start_ms: int, end_ms: int) -> Spans:
    """When a space is open between two instants: its own hours or those of the site, but for holidays."""
    return Spans.of(openings(building, start_ms, end_ms, building.spaces[space]), start_ms, end_ms)
