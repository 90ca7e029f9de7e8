# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A thread of a bus's own, so that a call that hangs holds up that bus and nothing else, nor the exit."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from bezet.errors import SensorGone

if TYPE_CHECKING:
    from collections.abc import Callable

Done = TypeVar("Done")
#: What is to be done, and who waits for it; nobody waits for the last thing.
_Asked: TypeAlias = "queue.SimpleQueue[tuple[Callable[[], Any], asyncio.Future[Any] | None]]"


#: What hangs gathers no more questions than this, however long it hangs.
MOST_WAITING = 100


class Worker:
    """Does what is asked, one thing after another; what nobody waits for any more is not begun."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._asked: _Asked | None = None

    async def run(self, work: Callable[[], Done]) -> Done:
        """Do the work in the thread and return what it returns; `SensorGone` where too much waits already."""
        if self._asked is not None and self._asked.qsize() >= MOST_WAITING:
            raise SensorGone(f"{self._name} does not answer any more; {MOST_WAITING} questions wait for it")
        if self._asked is None:
            self._asked = queue.SimpleQueue()
            threading.Thread(target=_work, args=(self._asked,), name=self._name, daemon=True).start()
        answer: asyncio.Future[Done] = asyncio.get_running_loop().create_future()
        self._asked.put((work, answer))
        return await answer

    def close(self, last: Callable[[], object]) -> None:
        """End the thread with one last thing to do, after what was asked before; not waited for.

        Where nothing was ever asked there is no thread to end, and the last thing is not done.
        """
        if self._asked is not None:
            self._asked.put((last, None))
            self._asked = None


def _work(asked: _Asked) -> None:
    while True:
        work, answer = asked.get()
        if answer is None:
            work()
            return
        if answer.cancelled():
            continue
        done: Any = None
        error: BaseException | None = None
        try:
            done = work()
        except BaseException as raised:  # noqa: BLE001  it belongs to whoever asked
            error = raised
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
            answer.get_loop().call_soon_threadsafe(_settle, answer, done, error)


def _settle(answer: asyncio.Future[Any], done: Any, error: BaseException | None) -> None:
    if answer.cancelled():
        return
    if error is None:
        answer.set_result(done)
    else:
        answer.set_exception(error)
