# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What can be asked of the window: one file per resource, each a function that makes its router."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.access.view import seen
from api.book.audit import Entry, write_down
from api.schemas import space_out

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from api.access.caller import Caller
    from api.access.gate import Gate
    from api.access.view import View
    from api.alarms.watching import Watch
    from api.book import Book
    from api.feed import Feed
    from api.feedback.box import Box
    from api.heard import Hearing
    from api.live import Board
    from api.schemas import LinkShape, Space, Spaces
    from api.settings import Settings
    from api.telling import Telling
    from api.webhooks.sending import Webhooks
    from bezet.messages import Health
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
    gate: Gate
    telling: Telling
    alarms: Watch
    webhooks: Webhooks
    feedback: Box
    hearing: Hearing

    def write_down(self, caller: Caller, action: str, what: str, result: str) -> None:
        """Put into the audit log what a caller did, to what, and how it ended; or `StoreError`."""
        write_down(self.book, Entry(self.clock(), caller.name, action, what, result, caller.origin))

    def link(self) -> LinkShape:
        """How the link to the agents is."""
        return self.telling.link()

    def spaces(self, view: View) -> Spaces:
        """What every space is now, as it looks in a view."""
        return self.telling.spaces(view)

    def devices(self) -> Iterator[tuple[str, Health | None, list[str], int]]:
        """Every device that ever spoke, by name: its health, if it told, its spaces, and its last word."""
        for name, heard, spaces in self.board.devices():
            yield name, heard.health if heard else None, spaces, self.board.last_word_ms(name)

    def space(self, space_id: str, view: View) -> Space:
        """What one space is now, as it looks in a view; KeyError if there is none of that id."""
        now_ms = self.clock()
        return seen(space_out(self.board.space(space_id, now_ms), now_ms), view)
