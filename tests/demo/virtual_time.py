# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""An event loop whose time passes when everything waits: a week of an agent in a minute.

Sockets and threads are real, and whoever waits for them takes no virtual time: the loop's clock moves only
when nothing is ready, no thread works for it, and somebody sleeps.
"""

from __future__ import annotations

import asyncio
import selectors
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

Done = TypeVar("Done")


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop that begins at 0 s and jumps to the next thing that is due."""

    def __init__(self) -> None:
        self._now_s = 0.0
        self._at_work = 0
        super().__init__(_Patience(self))

    def time(self) -> float:
        """Seconds since the loop was made, in its own time."""
        return self._now_s

    def pass_s(self, wait_s: float) -> None:
        """Let time pass."""
        self._now_s += wait_s

    @property
    def is_waited_for(self) -> bool:
        """Whether a thread works for this loop."""
        return self._at_work > 0

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> Any:  # type: ignore[override]
        """Let a thread do it, while time stands still."""
        self._at_work += 1
        found = super().run_in_executor(executor, func, *args)
        found.add_done_callback(self._is_back)
        return found

    def _is_back(self, _: object) -> None:
        self._at_work -= 1


class _Patience(selectors.BaseSelector):
    """A selector that lets virtual time pass instead of waiting."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self._real = selectors.DefaultSelector()

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._real.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.modify(fileobj, events, data)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._real.get_map()

    def close(self) -> None:
        self._real.close()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = self._real.select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None or self._loop.is_waited_for:
            return self._real.select(None)
        self._loop.pass_s(timeout)
        return []


class Wall:
    """The time on the wall of a virtual loop, which was `start_ms` when the loop began."""

    def __init__(self, loop: VirtualLoop, start_ms: int) -> None:
        self._loop = loop
        self._start_ms = start_ms

    def now_ms(self) -> int:
        """Milliseconds since 1970 UTC."""
        return self._start_ms + self.monotonic_ms()

    def monotonic_ms(self) -> int:
        """Milliseconds since the loop began."""
        return round(self._loop.time() * 1000)


async def passing(wait_s: float) -> None:
    """Let so much time of the running loop pass."""
    loop = asyncio.get_running_loop()
    over = loop.create_future()
    loop.call_later(wait_s, over.set_result, None)
    await over


def run_virtual(main: Callable[[Wall], Coroutine[Any, Any, Done]], start_ms: int) -> Done:
    """Run a coroutine in virtual time from `start_ms` on; it is given the time on the wall."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, VirtualLoop)
        return runner.run(main(Wall(loop, start_ms)))
