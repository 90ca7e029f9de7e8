# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""An agent that does not know the time: it measures, holds, and stamps when it knows; never 1970."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from bezet import wire
from bezet.link.memory import MemoryBroker
from bezet.model import Because, Kind, Occupancy
from edge.holding import KEEP_AFTER_MS, MOST_HELD, Holding
from edge.outbox import Held, Outbox, Released
from edge.report import Reporter
from edge.sensing import Sensor
from edge.sensors import Measured
from edge.zone import MAX_PENDING
from tests.edge.stage import START_MS, Told, listening, running
from tests.edge.test_agent import is_batch, is_occupied
from tests.edge.test_clock import Hands

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOTION, STILL = Measured(Kind.MOTION, 1), Measured(Kind.MOTION, 0)


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    """An empty outbox."""
    with closing(Outbox(tmp_path / "outbox.db")) as made:
        yield made


def knows_no_time(message: wire.Message) -> bool:
    """Whether health says that the agent was never told the time."""
    return isinstance(message, wire.Health) and wire.Trouble.CLOCK_UNKNOWN in message.troubles


async def test_what_was_measured_before_the_time_was_known_is_stamped_with_when_it_was(
    outbox: Outbox,
) -> None:
    """Readings from before the clock was set come with their own instants, in order, and states with them."""
    broker, pir, hands = MemoryBroker(), Told(), Hands(3_000)
    async with (
        listening(broker) as ear,
        running(broker, outbox, [Sensor("pir", "1.04", pir)], clock=hands.clock),
    ):
        await ear.until(knows_no_time)
        pir.say(MOTION)
        await pir.until_heard()
        hands.pass_ms(60_000)
        pir.say(STILL)
        await pir.until_heard()
        hands.pass_ms(30_000)
        hands.wall_ms = START_MS
        pir.say(STILL)
        batch = await ear.until(is_batch)

        assert isinstance(batch, wire.Batch)
        stamped = [(one.t_ms, one.value) for one in batch.readings]
        assert stamped == [(START_MS - 90_000, 1), (START_MS - 30_000, 0), (START_MS, 0)][: len(stamped)]
        assert stamped[:2] == [(START_MS - 90_000, 1), (START_MS - 30_000, 0)]
        assert [(one.t_ms, one.occupancy) for one in batch.states] == [
            (START_MS - 90_000, Occupancy.OCCUPIED)
        ]
        assert batch.clock is wire.Clock.TRUSTED


async def test_an_agent_that_never_gets_time_says_so(outbox: Outbox) -> None:
    """Health tells that the time is unknown, nothing is sent as measured, and nothing stands in 1970."""
    broker, pir, hands = MemoryBroker(), Told(), Hands(3_000)
    async with (
        listening(broker) as ear,
        running(broker, outbox, [Sensor("pir", "1.04", pir)], clock=hands.clock),
    ):
        pir.say(MOTION)
        health = await ear.until(knows_no_time)

        assert isinstance(health, wire.Health)
        assert health.clock is wire.Clock.UNTRUSTED
        assert health.t_ms >= wire.T_MIN_MS
        assert outbox.queued == 0


async def test_states_are_unknown_while_the_time_is(tmp_path: Path) -> None:
    """A zone that was occupied before the power went is unknown, because of the clock, until the time is
    known.
    """
    broker = MemoryBroker()
    with closing(Outbox(tmp_path / "outbox.db")) as outbox:
        pir = Told()
        async with listening(broker) as ear, running(broker, outbox, [Sensor("pir", "1.04", pir)]):
            pir.say(MOTION)
            await ear.until(is_occupied)
    with closing(Outbox(tmp_path / "outbox.db")) as outbox:
        async with (
            listening(broker) as ear,
            running(
                *(broker, outbox, [Sensor("pir", "1.04", Told())]),
                clock=Hands(3_000).clock,
                boot="00000000000000bb",
            ),
        ):
            live = await ear.until(
                lambda message: isinstance(message, wire.Live) and message.state.because == (Because.CLOCK,)
            )

            assert isinstance(live, wire.Live)
            assert live.state.occupancy is Occupancy.UNKNOWN


async def test_held_numbers_outlive_the_agent(tmp_path: Path) -> None:
    """An agent that is stopped before it knows the time leaves nothing unsaved; the next one stamps it."""
    broker, hands = MemoryBroker(), Hands(3_000)
    with closing(Outbox(tmp_path / "outbox.db")) as outbox:
        pir = Told()
        async with running(broker, outbox, [Sensor("pir", "1.04", pir)], clock=hands.clock):
            pir.say(MOTION)
            await pir.until_heard()
    hands.pass_ms(50_000)
    hands.wall_ms = START_MS
    with closing(Outbox(tmp_path / "outbox.db")) as outbox:
        async with (
            listening(broker) as ear,
            running(broker, outbox, [Sensor("pir", "1.04", Told())], clock=hands.clock),
        ):
            batch = await ear.until(is_batch)

            assert isinstance(batch, wire.Batch)
            assert [(one.t_ms, one.value) for one in batch.readings] == [(START_MS - 50_000, 1)]
        assert outbox.held("kernel-1") == []


async def test_held_numbers_of_another_start_of_the_kernel_are_counted_as_lost(tmp_path: Path) -> None:
    """After a power cut nobody can tell any more when it was: it is refused, counted, and never guessed."""
    with closing(Outbox(tmp_path / "outbox.db")) as outbox:
        outbox.hold([Held(5_000, "1.04", "pir", "motion", 1.0)] * 3, "kernel-0")
    with closing(Outbox(tmp_path / "outbox.db")) as outbox:
        assert outbox.held("kernel-1") == []
        assert outbox.refused == 3
    with closing(Outbox(tmp_path / "outbox.db")) as outbox:
        assert outbox.refused == 3


async def test_what_is_not_worth_a_message_is_not_held_either(outbox: Outbox) -> None:
    """A sensor that says the same thing each second is held once, as it would be sent once."""
    broker, pir, hands = MemoryBroker(), Told(), Hands(3_000)
    async with (
        listening(broker) as ear,
        running(broker, outbox, [Sensor("pir", "1.04", pir)], clock=hands.clock, reporter=Reporter()),
    ):
        for _ in range(30):
            pir.say(STILL)
            await pir.until_heard()
            hands.pass_ms(1_000)
        hands.wall_ms = START_MS
        batch = await ear.until(is_batch)

        assert isinstance(batch, wire.Batch)
        assert [(one.t_ms, one.value) for one in batch.readings] == [(START_MS - 30_000, 0)]


@pytest.mark.slow
async def test_all_that_was_held_is_released_however_much(outbox: Outbox) -> None:
    """Days of numbers are stamped in portions: none is dropped for want of room, and what comes is behind."""
    broker, pir, hands = MemoryBroker(), Told(), Hands()
    hands.pass_ms(2 * MAX_PENDING * 1_000)
    many = MAX_PENDING + 3_000
    rows = [Held(n * 1_000, "1.04", "pir", "motion", float(n % 2)) for n in range(many)]
    outbox.hold(rows, "kernel-1")
    async with (
        listening(broker) as ear,
        running(broker, outbox, [Sensor("pir", "1.04", pir)], clock=hands.clock),
    ):
        pir.say(MOTION)
        await ear.until(is_occupied)
    messages = [wire.decode(*letter) for seq in outbox.waiting(1_000) if (letter := outbox.load(seq))]
    stamps = [one.t_ms for batch in messages if isinstance(batch, wire.Batch) for one in batch.readings]

    start_ms = hands.wall_ms - hands.monotonic_ms
    assert stamps == [*(start_ms + row.monotonic_ms for row in rows), hands.wall_ms]
    assert outbox.held("kernel-1") == []


async def test_numbers_held_for_a_space_that_is_gone_are_counted(outbox: Outbox) -> None:
    """What was held for a space that this device no longer measures is refused, and health tells how much."""
    outbox.hold([Held(1_000, "2.01", "pir", "motion", 1.0)] * 3, "kernel-1")
    broker = MemoryBroker()
    async with listening(broker) as ear, running(broker, outbox, [Sensor("pir", "1.04", Told())]):
        await ear.until(lambda message: isinstance(message, wire.Health) and message.refused == 3)

    assert outbox.held("kernel-1") == []


def test_held_numbers_are_bounded_and_kept_now_and_then(outbox: Outbox) -> None:
    """What waits goes to disk in portions half a minute apart, and beyond the bound it is dropped and
    counted.
    """
    holding = Holding(outbox, "kernel-1")
    holding.add(Held(1_000, "1.04", "pir", "motion", 1.0))
    early, late = holding.is_due(1_000 + KEEP_AFTER_MS - 1), holding.is_due(1_000 + KEEP_AFTER_MS)
    holding.keep()
    for n in range(MOST_HELD + 10):
        holding.add(Held(2_000 + n, "1.04", "pir", "motion", 1.0))

    assert (early, late) == (False, True)
    assert len(outbox.held("kernel-1")) == 1
    assert (len(holding), holding.dropped) == (MOST_HELD, 11)
    assert [row.monotonic_ms for row in holding.take(9) + holding.take(2)] == [1_000, 2_000, 2_001]
    assert (len(holding), holding.released) == (MOST_HELD - 3, Released("kernel-1", 1))
