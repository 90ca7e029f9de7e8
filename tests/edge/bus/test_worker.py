# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A bus's own thread: what hangs in it holds up nothing else."""

from __future__ import annotations

import asyncio
import threading
from functools import partial

import pytest

from bezet.errors import SensorGone
from edge.bus.worker import MOST_WAITING, Worker

PATIENCE_S = 10.0


class Hanging:
    """A job that begins, and hangs until it is let go."""

    def __init__(self) -> None:
        self._begun = threading.Event()
        self._free = threading.Event()

    def __call__(self) -> str:
        """The job."""
        self._begun.set()
        assert self._free.wait(PATIENCE_S)
        return "let go"

    async def has_begun(self) -> None:
        """Wait until the job is being done."""
        assert await asyncio.to_thread(self._begun.wait, PATIENCE_S)

    def let_go(self) -> None:
        """Let it end."""
        self._free.set()


def thread_of(name: str) -> threading.Thread:
    """The worker's thread."""
    (thread,) = (thread for thread in threading.enumerate() if thread.name == name)
    return thread


async def give_up_on(worker: Worker, job: Hanging) -> None:
    """Ask for a job, and wait for it no longer than until it has begun."""
    waiting = asyncio.create_task(worker.run(job))
    await job.has_begun()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_one_thing_after_another() -> None:
    """Jobs are done in the order in which they were asked, all in the worker's one thread."""
    worker, order = Worker("in order"), list[tuple[int, str]]()

    def job(number: int) -> int:
        order.append((number, threading.current_thread().name))
        return number

    answers = await asyncio.gather(*(worker.run(partial(job, number)) for number in range(50)))

    assert answers == [*range(50)]
    assert order == [(number, "in order") for number in range(50)]


async def test_what_hangs_delays_no_other_worker() -> None:
    """While a job of one worker hangs, the event loop and another worker go on."""
    stuck, free, job = Worker("stuck"), Worker("free"), Hanging()
    waiting = asyncio.create_task(stuck.run(job))
    await job.has_begun()

    assert await free.run(lambda: "done") == "done"
    assert not waiting.done()

    job.let_go()
    assert await waiting == "let go"


async def test_what_hangs_does_not_delay_the_exit() -> None:
    """Python does not wait for the thread of a worker when it ends."""
    worker = Worker("daemon")
    await worker.run(lambda: None)

    assert thread_of("daemon").daemon


async def test_what_nobody_waits_for_is_not_begun() -> None:
    """A job that was given up while another one hung before it is never begun; later ones are."""
    worker, job, done = Worker("cancelled"), Hanging(), list[str]()
    waiting = asyncio.create_task(worker.run(job))
    await job.has_begun()
    for _ in range(3):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await worker.run(lambda: done.append("done"))
    last = asyncio.create_task(worker.run(lambda: "last"))

    job.let_go()

    assert [await waiting, await last] == ["let go", "last"]
    assert done == []


async def test_what_was_begun_is_done_for_nobody() -> None:
    """A job that was given up while it was being done disturbs nobody when it ends."""
    worker, job = Worker("given up"), Hanging()
    await give_up_on(worker, job)

    job.let_go()

    assert await worker.run(lambda: "next") == "next"


@pytest.mark.parametrize("error", [ValueError("wrong"), SensorGone("gone"), SystemExit("out")])
async def test_an_error_reaches_who_asked(error: BaseException) -> None:
    """Whatever a job raises is raised where it was asked, and the worker goes on."""
    worker = Worker("failing")

    def fail() -> None:
        raise error

    with pytest.raises(type(error)) as raised:
        await worker.run(fail)

    assert raised.value is error
    assert await worker.run(lambda: "next") == "next"


def test_a_loop_that_ended_does_not_end_the_worker() -> None:
    """A job that ends after its event loop did has nobody to answer; another loop may ask on."""
    worker, job = Worker("outliving"), Hanging()

    asyncio.run(give_up_on(worker, job))
    job.let_go()

    assert asyncio.run(worker.run(lambda: "next")) == "next"


async def test_closing_ends_the_thread() -> None:
    """What was asked before is done, then the last thing, then there is no thread; nothing is waited for."""
    worker, job, done = Worker("closing"), Hanging(), list[str]()
    first = asyncio.create_task(worker.run(job))
    await job.has_begun()
    thread = thread_of("closing")

    worker.close(lambda: done.append(f"last in {threading.current_thread().name}"))
    assert thread.is_alive()
    assert done == []

    job.let_go()
    assert await first == "let go"
    await asyncio.to_thread(thread.join, PATIENCE_S)
    assert not thread.is_alive()
    assert done == ["last in closing"]


async def test_a_worker_that_was_never_asked_has_nothing_to_close() -> None:
    """Without a thread the last thing is not done, and after closing one may ask anew."""
    worker, done = Worker("idle"), list[str]()

    worker.close(lambda: done.append("last"))
    worker.close(lambda: done.append("last"))

    assert done == []
    assert await worker.run(lambda: "done") == "done"


async def test_what_hangs_for_months_gathers_no_questions() -> None:
    """Beyond a bound nothing more is asked of a bus that does not answer, and it is said to be gone."""
    hanging, worker = Hanging(), Worker("stuck")
    first = asyncio.create_task(worker.run(hanging))
    await hanging.has_begun()
    waiting = [asyncio.create_task(worker.run(lambda: None)) for _ in range(MOST_WAITING)]
    await asyncio.wait(waiting, timeout=0)
    with pytest.raises(SensorGone, match="stuck does not answer"):
        await worker.run(lambda: None)
    hanging.let_go()

    assert await first == "let go"
    assert await asyncio.gather(*waiting) == [None] * MOST_WAITING
