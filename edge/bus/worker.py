# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A thread of a bus's own, so that a call that hangs holds up that bus and nothing else, not even the exit."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Done = TypeVar("Done")


class Worker:
    """Does what is asked, one thing after another; what nobody waits for any more is not begun."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._asked: queue.SimpleQueue[tuple[Callable[[], Any], asyncio.Future[Any]]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    async def run(self, work: Callable[[], Done]) -> Done:
        """Do the work in the thread and return what it returns."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
            self._thread.start()
        answer: asyncio.Future[Done] = asyncio.get_running_loop().create_future()
        self._asked.put((work, answer))
        return await answer

    def _work(self) -> None:
        while True:
            work, answer = self._asked.get()
            if answer.cancelled():
                continue
            try:
                done, error = work(), None
            except BaseException as raised:  # noqa: BLE001  it belongs to whoever asked
                done, error = None, raised
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
                answer.get_loop().call_soon_threadsafe(_settle, answer, done, error)


def _settle(answer: asyncio.Future[Any], done: Any, error: BaseException | None) -> None:
    if answer.cancelled():
        return
    if error is None:
        answer.set_result(done)
    else:
        answer.set_exception(error)
