# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The agent on a link in memory: what it keeps, what it says, and what it survives."""

from __future__ import annotations

import asyncio
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from bezet import wire
from bezet.errors import BadFrame, Cause, SensorGone
from bezet.link.memory import MemoryBroker
from bezet.model import Because, Kind, Occupancy, Reading
from bezet.occupancy.belief import Belief, freeze
from bezet.occupancy.filter import step
from edge.clock import SystemClock
from edge.outbox import Outbox
from edge.sensing import Sensor
from edge.sensors import Measured
from tests.edge.stage import BOOT, START_MS, Told, listening, running
from tests.edge.test_clock import Hands

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOTION = Measured(Kind.MOTION, 1)


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    """An empty outbox."""
    with closing(Outbox(tmp_path / "outbox.db")) as made:
        yield made


def is_batch(message: wire.Message) -> bool:
    """Whether it carries readings."""
    return isinstance(message, wire.Batch)


def is_occupied(message: wire.Message) -> bool:
    """Whether it says live that somebody is there."""
    return isinstance(message, wire.Live) and message.state.occupancy is Occupancy.OCCUPIED


def has_trouble(trouble: wire.Trouble) -> object:
    """A wish for health that tells of a trouble."""
    return lambda message: isinstance(message, wire.Health) and trouble in message.troubles


async def test_a_reading_is_on_disk_before_it_is_sent(outbox: Outbox) -> None:
    """What the broker gets is a message of the outbox, with the state drawn from it in the same message."""
    broker, pir = MemoryBroker(), Told()
    async with listening(broker) as ear, running(broker, outbox, [Sensor("pir", "1.04", pir)]):
        pir.say(MOTION)
        batch = await ear.until(is_batch)

        assert isinstance(batch, wire.Batch)
        assert [(one.sensor, one.value, one.t_ms) for one in batch.readings] == [("pir", 1.0, START_MS)]
        assert [state.occupancy for state in batch.states] == [Occupancy.OCCUPIED]
        assert outbox.waiting(10) == [batch.seq]


async def test_forgets_only_on_the_receipt(outbox: Outbox) -> None:
    """The broker having a message changes nothing; the collector's receipt does."""
    broker, pir = MemoryBroker(), Told()
    async with listening(broker) as ear, running(broker, outbox, [Sensor("pir", "1.04", pir)]) as task:
        pir.say(MOTION)
        pir.end()
        batch = await ear.until(is_batch)
        assert isinstance(batch, wire.Batch)
        assert outbox.queued == 1
        receipt = wire.Receipt("townhall", "pi-1", BOOT, ((batch.seq, batch.seq),))
        broker.route(*wire.encode(receipt), retain=False)
        await task  # an agent whose sensors have ended is done when nothing waits any more

        assert outbox.queued == 0


async def test_repeats_after_the_broker_lost_it(outbox: Outbox) -> None:
    """A message without a receipt is sent again at the next connection, the same to the byte."""
    broker, pir = MemoryBroker(), Told()
    async with listening(broker) as ear, running(broker, outbox, [Sensor("pir", "1.04", pir)]):
        pir.say(MOTION)
        first = await ear.until(is_batch)
        broker.stop()
        broker.start()

        assert await ear.until(is_batch) == first


async def test_a_refused_message_is_set_aside_and_told(outbox: Outbox) -> None:
    """A refusal never deletes: the message stays on disk, the others go on, and health says so."""
    broker, pir = MemoryBroker(), Told()
    async with listening(broker) as ear, running(broker, outbox, [Sensor("pir", "1.04", pir)]):
        pir.say(MOTION)
        batch = await ear.until(is_batch)
        assert isinstance(batch, wire.Batch)
        refusal = wire.Refusal(batch.seq, batch.seq, Cause.UNKNOWN_SPACE)
        broker.route(*wire.encode(wire.Receipt("townhall", "pi-1", BOOT, (), (refusal,))), retain=False)
        await ear.until(has_trouble(wire.Trouble.REFUSED))  # type: ignore[arg-type]

        assert (outbox.waiting(10), outbox.queued) == ([], 1)


async def test_says_live_at_once_and_again_when_the_broker_returns(outbox: Outbox) -> None:
    """The state is retained on the broker, and said again to a broker that forgot it."""
    broker, pir = MemoryBroker(), Told()
    async with listening(broker) as ear, running(broker, outbox, [Sensor("pir", "1.04", pir)]):
        pir.say(MOTION)
        await ear.until(is_occupied)
        broker.stop()
        broker.start()
        await ear.until(
            lambda message: is_occupied(message) and "bezet/v1/townhall/pi-1/1.04/state" in broker.retained
        )


async def test_screens_recover_before_history_does(outbox: Outbox) -> None:
    """When the broker is back, what each zone is now comes first, and all that waited on disk after it."""
    broker, pir = MemoryBroker(), Told()
    broker.stop()
    async with running(broker, outbox, [Sensor("pir", "1.04", pir)]):
        for value in (1, 0) * 200:
            pir.say(Measured(Kind.MOTION, value))
        await pir.until_heard()
        async with listening(broker) as ear:
            broker.start()
            first = await ear.until(lambda message: isinstance(message, wire.Live | wire.Batch))

            assert isinstance(first, wire.Live)
            assert first.state.occupancy is Occupancy.OCCUPIED
            assert outbox.queued > 0


async def test_a_sensor_that_breaks_is_opened_again(outbox: Outbox) -> None:
    """A sensor that was unplugged is absent in health, is opened again, and speaks again."""
    broker, pir, air = MemoryBroker(), Told(), Told()
    sensors = [Sensor("pir", "1.04", pir), Sensor("air", "1.04", air)]
    async with listening(broker) as ear, running(broker, outbox, sensors):
        pir.fail(SensorGone("no answer at 0x62"))
        air.say(Measured(Kind.CO2_PPM, 450))
        await ear.until(is_batch)
        pir.say(MOTION)
        await ear.until(is_occupied)

        assert (pir.opened, air.opened) == (2, 1)


@pytest.mark.parametrize(
    "error", [BadFrame("00ff"), RuntimeError("a driver's mistake"), OSError(121, "NACK")]
)
async def test_one_sensor_never_stops_another(outbox: Outbox, error: Exception) -> None:
    """Whatever a driver raises, the other sensors of the device are heard."""
    broker, broken, pir = MemoryBroker(), Told(), Told()
    sensors = [Sensor("broken", "1.04", broken), Sensor("pir", "1.04", pir)]
    async with listening(broker) as ear, running(broker, outbox, sensors):
        broken.fail(error)
        pir.say(MOTION)
        await ear.until(is_occupied)


class Flaps:
    """A sensor with a loose wire: every second answer is nonsense."""

    def __init__(self, most: int) -> None:
        self._left = most
        self.enough = asyncio.Event()

    async def open(self) -> None:
        """It is there."""

    async def read(self) -> list[Measured]:
        """A number or nonsense, in turn."""
        self._left -= 1
        if not self._left:
            self.enough.set()
        if self._left % 2:
            raise BadFrame("00ff")
        return [Measured(Kind.CO2_PPM, 600)]


async def test_a_loose_wire_does_not_flood(outbox: Outbox) -> None:
    """A sensor that fails and returns a hundred times causes a few words of health, not hundreds."""
    broker, flaps = MemoryBroker(), Flaps(200)
    healths = 0

    def is_health(message: wire.Message) -> bool:
        nonlocal healths
        healths += isinstance(message, wire.Health)
        return isinstance(message, wire.Health) and not message.online

    async with listening(broker) as ear:
        async with running(broker, outbox, [Sensor("air", "1.04", flaps, every_s=0.001)]):
            await flaps.enough.wait()
        await ear.until(is_health)

    assert healths < 10


async def test_a_sensor_is_not_accused_for_its_namesake(outbox: Outbox) -> None:
    """Of two sensors of which one is named as a part of the other would be, each answers for itself."""
    dirty = (Reading(START_MS - 1_000, "air.2", Kind.CO2_PPM, 340),)
    outbox.put([], {"zone 1.04": freeze(step(Belief(), dirty, START_MS - 1_000).belief)})
    broker = MemoryBroker()
    sensors = [Sensor("air", "1.04", Told()), Sensor("air.2", "1.04", Told())]
    async with listening(broker) as ear, running(broker, outbox, sensors):
        health = await ear.until(lambda message: isinstance(message, wire.Health) and message.online)

        assert isinstance(health, wire.Health)
        assert health.sensors == {"air": wire.SensorState.OK, "air.2": wire.SensorState.IMPLAUSIBLE}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1.0, 1e9])
async def test_an_impossible_number_is_no_reading(outbox: Outbox, value: float) -> None:
    """A number outside the bounds of its kind is not sent; the good one after it is."""
    broker, air = MemoryBroker(), Told()
    async with listening(broker) as ear, running(broker, outbox, [Sensor("air", "1.04", air)]):
        air.say(Measured(Kind.CO2_PPM, value))
        air.say(Measured(Kind.CO2_PPM, 600))
        batch = await ear.until(is_batch)

        assert isinstance(batch, wire.Batch)
        assert [reading.value for reading in batch.readings] == [600]


async def test_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """After a restart the state goes on: the same belief, the same since."""
    broker, states = MemoryBroker(), []
    for boot in (BOOT, "00000000000000bb"):
        pir = Told()
        with closing(Outbox(tmp_path / "outbox.db")) as outbox:
            async with (
                listening(broker) as ear,
                running(broker, outbox, [Sensor("pir", "1.04", pir)], boot=boot),
            ):
                pir.say(MOTION)
                live = await ear.until(is_occupied)
                assert isinstance(live, wire.Live)
                states.append(live.state)

    assert states[0].since_ms == states[1].since_ms


async def test_a_goodbye_says_offline(outbox: Outbox) -> None:
    """An agent that stops in order leaves the word that it is gone, not a retained online."""
    broker, pir = MemoryBroker(), Told()
    async with listening(broker) as ear:
        async with running(broker, outbox, [Sensor("pir", "1.04", pir)]):
            await ear.until(lambda message: isinstance(message, wire.Health) and message.online)

        await ear.until(lambda message: isinstance(message, wire.Health) and not message.online)


async def test_two_agents_of_one_name_notice(tmp_path: Path) -> None:
    """When another agent uses our name, health says so instead of the two mixing in silence."""
    broker = MemoryBroker()
    with closing(Outbox(tmp_path / "a.db")) as ours, closing(Outbox(tmp_path / "b.db")) as theirs:
        sensors = [Sensor("pir", "1.04", Told())]
        clock = SystemClock()
        async with listening(broker) as ear, running(broker, ours, sensors, clock=clock):
            await ear.until(lambda message: isinstance(message, wire.Health) and message.online)
            async with running(broker, theirs, sensors, clock=clock, boot="00000000000000bb"):
                broker.cut("ear")
                await ear.until(lambda message: isinstance(message, wire.Health) and message.boot != BOOT)
                broker.connect(next(link for link in broker.links if link.name == "bezet-townhall-pi-1"))

                await ear.until(has_trouble(wire.Trouble.NAME_TAKEN))  # type: ignore[arg-type]


async def test_a_clock_set_back_an_hour_is_unknown_not_wrong(outbox: Outbox) -> None:
    """While the clock cannot be trusted the state is unknown because of it, and stamps run forwards."""
    broker, pir, hands = MemoryBroker(), Told(), Hands(START_MS)
    async with (
        listening(broker) as ear,
        running(broker, outbox, [Sensor("pir", "1.04", pir)], clock=hands.clock),
    ):
        pir.say(MOTION)
        await ear.until(is_occupied)
        hands.wall_ms -= 3_600_000
        hands.pass_ms(1_000)
        pir.say(MOTION)
        unknown = await ear.until(
            lambda message: isinstance(message, wire.Live) and message.state.occupancy is Occupancy.UNKNOWN
        )

        assert isinstance(unknown, wire.Live)
        assert unknown.state.because == (Because.CLOCK,)
        assert unknown.state.t_ms >= START_MS


async def test_a_clock_that_was_an_hour_ahead_is_put_right(outbox: Outbox) -> None:
    """After a step back that held, states go on at the new time: none is left in the future."""
    broker, pir, hands = MemoryBroker(), Told(), Hands(START_MS)
    async with (
        listening(broker) as ear,
        running(broker, outbox, [Sensor("pir", "1.04", pir)], clock=hands.clock),
    ):
        pir.say(MOTION)
        await ear.until(is_occupied)
        hands.wall_ms -= 3_600_000
        hands.pass_ms(1)
        hands.pass_ms(60_000)
        pir.say(MOTION)
        batch = await ear.until(lambda message: is_batch(message) and message.readings[0].t_ms < START_MS)  # type: ignore[union-attr]

        assert isinstance(batch, wire.Batch)
        assert [state.t_ms for state in batch.states] == [START_MS - 3_600_000 + 60_001]
