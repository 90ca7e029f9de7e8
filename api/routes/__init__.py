# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What can be asked of the window: one file per resource, each a function that makes its router."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.schemas import LinkShape, Space, Spaces, instant, maybe_instant, space_out

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.book import Book
    from api.feed import Feed
    from api.live import Board
    from api.settings import Settings
    from bezet.model import Building
    from store import Store


@dataclass(frozen=True, slots=True)
class Sources:
    """What every answer draws on; `clock` gives milliseconds since 1970 UTC."""

    store: Store
    building: Building
    board: Board
    feed: Feed
    clock: Callable[[], int]
    book: Book
    settings: Settings

    def link(self) -> LinkShape:
        """How the link to the agents is."""
        return LinkShape(up=self.board.link_is_up, since=maybe_instant(self.board.link_since_ms))

    def spaces(self) -> Spaces:
        """What every space is now."""
        now_ms = self.clock()
        return Spaces(
            at=instant(now_ms),
            site=self.building.site,
            name=self.building.name,
            link=self.link(),
            spaces=[space_out(one, now_ms) for one in self.board.spaces(now_ms)],
        )

    def space(self, space_id: str) -> Space:
        """What one space is now; KeyError if there is none of that id."""
        now_ms = self.clock()
        return space_out(self.board.space(space_id, now_ms), now_ms)
