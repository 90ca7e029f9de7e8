# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The live events as bytes: each is written once for all who see it the same way, however many listen."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

from fastapi.sse import format_sse_event

from api.access.view import View, seen
from api.schemas import LinkShape, NoticeShape, Spaces, Tick, instant, maybe_instant, space_out

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator

    from pydantic import BaseModel

    from api.feed import Feed, Turn
    from api.live import SpaceNow

#: All spaces are written anew for who begins to listen, but not more often than this.
SNAPSHOT_MS = 1_000


class Telling:
    """Writes what the feed tells its listeners, by view."""

    def __init__(self, feed: Feed, clock: Callable[[], int]) -> None:
        self._feed, self._clock = feed, clock
        self._spaces: dict[tuple[View, str], tuple[SpaceNow, bytes]] = {}
        self._snapshots: dict[View, tuple[int, int, bytes]] = {}
        self._tick: tuple[Tick, bytes] | None = None

    async def listen(self, view: View, last_id: str, *, hears_alarms: bool) -> AsyncGenerator[bytes]:
        """What one listener hears, from the event on that it names as its last."""
        async with aclosing(self._feed.listen(self._feed.version_of(last_id))) as turns:
            async for turn in turns:
                # One write for each turn: a thousand listeners are a thousand writes.
                text = b"".join(self._events(turn, view))
                if hears_alarms:
                    # Few may know of alarms, and they are rare: these are written for each.
                    text += b"".join(self._event("alarm", turn.version, one) for one in turn.alarms)
                if text:
                    yield text

    def _events(self, turn: Turn, view: View) -> Iterator[bytes]:
        if turn.is_whole:
            yield self._snapshot(turn, view)
        else:
            for space in turn.spaces:
                yield self._space(space, turn, view)
        if turn.ticks:
            yield self._ticked(turn)
        if turn.has_notice:
            yield self._event("notice", turn.version, NoticeShape.of(self._feed.notice))

    def _space(self, space: SpaceNow, turn: Turn, view: View) -> bytes:
        known = self._spaces.get((view, space.space.id))
        if known is None or known[0] is not space:
            shape = seen(space_out(space, self._clock()), view)
            known = space, self._event("space", turn.version, shape)
            self._spaces[view, space.space.id] = known
        return known[1]

    def _snapshot(self, turn: Turn, view: View) -> bytes:
        now_ms = self._clock()
        version, made_ms, text = self._snapshots.get(view, (-1, 0, b""))
        if version != turn.version or now_ms - made_ms >= SNAPSHOT_MS:
            text = self._event("spaces", turn.version, self.spaces(view))
            self._snapshots[view] = turn.version, now_ms, text
        return text

    def _ticked(self, turn: Turn) -> bytes:
        told = Tick(at=instant(self._clock()), link=self.link())
        if self._tick is None or self._tick[0] != told:
            self._tick = told, self._event("tick", turn.version, told)
        return self._tick[1]

    def spaces(self, view: View) -> Spaces:
        """What every space is now, as it looks in a view."""
        now_ms, board = self._clock(), self._feed.board
        return Spaces(
            at=instant(now_ms),
            site=board.building.site,
            name=board.building.name,
            link=self.link(),
            spaces=[seen(space_out(one, now_ms), view) for one in board.spaces(now_ms)],
        )

    def tag(self, view: View) -> str:
        """Stands for all that a view shows now but the time: changes whenever any space or the link does.

        Weak, because two answers with it may differ in their `at` and `ageS`. It helps whoever asks again and
        again, also where nothing may be cached (`no-store`): who keeps what was shown need not hear it again.
        """
        board = self._feed.board
        return f'W/"{self._feed.boot}-{self._feed.version}-{board.link_since_ms or 0}-{view}"'

    def link(self) -> LinkShape:
        """How the link to the agents is."""
        board = self._feed.board
        return LinkShape(up=board.link_is_up, since=maybe_instant(board.link_since_ms))

    def _event(self, name: str, version: int, told: BaseModel) -> bytes:
        return format_sse_event(
            data_str=told.model_dump_json(), event=name, id=f"{self._feed.boot}-{version}"
        )
