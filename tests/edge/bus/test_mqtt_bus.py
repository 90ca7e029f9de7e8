# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The MQTT bus on a real Mosquitto, and on a broker that does what it should not; its recordings."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bezet.errors import SensorGone
from edge.bus import Heard
from edge.bus.conversation import Conversation, Played, Strayed, Tape
from edge.bus.mqtt import (
    MOST_WAITING,
    ReplayTopics,
    TapTopics,
    TopicBus,
    check_topics,
    read_line,
    write_line,
)
from tests.bezet.link.crafted import CraftedBroker, Guest, publish, suback
from tests.bezet.link.stages import Cable
from tests.conftest import free_port
from tests.edge.loudspeaker import hear, hear_gone, loudspeaker

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.conftest import Mosquitto


@asynccontextmanager
async def bus_on(url: str) -> AsyncIterator[TopicBus]:
    """A bus, closed at the end."""
    bus = TopicBus(url)
    try:
        yield bus
    finally:
        await bus.close()


@pytest.mark.broker
async def test_hears_its_own_topics(mosquitto: Mosquitto) -> None:
    """A listener hears what is said on its own topics and nothing else, in order."""
    async with bus_on(mosquitto.url) as bus, loudspeaker(mosquitto) as device:
        words = bus.listen("box/+/a", "other")
        first = asyncio.create_task(hear(words))
        await device.until_heard(bus)
        for topic in ("box/a/a", "box/a/b", "nobody", "other"):
            await device.say(topic, topic)

        assert await first == Heard("box/a/a", b"box/a/a")
        assert await hear(words) == Heard("other", b"other")


@pytest.mark.broker
async def test_tells_what_the_broker_kept(mosquitto: Mosquitto) -> None:
    """What the broker kept is told to each who listens, and again to who listens again, marked as kept."""
    async with bus_on(mosquitto.url) as bus, loudspeaker(mosquitto) as device:
        await device.say("box/a", b"old", retain=True)
        await device.say("box/a", b"kept", retain=True)
        for _ in range(3):
            async with aclosing(bus.listen("box/a")) as words:
                assert await hear(words) == Heard("box/a", b"kept", retained=True)
        await device.say("box/a", b"", retain=True)
        words = bus.listen("box/a")
        first = asyncio.create_task(hear(words))
        await device.until_heard(bus)
        await device.say("box/a", b"now", retain=True)

        assert await first == Heard("box/a", b"now", retained=False)


@pytest.mark.broker
async def test_shares_one_connection(mosquitto: Mosquitto) -> None:
    """All who listen to a broker hear by one connection, also those who come later."""
    cable = await Cable(mosquitto.port).lay()
    async with bus_on(f"mqtt://127.0.0.1:{cable.port}") as bus, loudspeaker(mosquitto) as device:
        heard = []
        for place in range(5):
            heard.append(asyncio.create_task(hear(bus.listen(f"box/{place}", "all"))))
            await device.until_heard(bus, place + 1)
        await device.say("box/3", b"3")
        assert await heard.pop(3) == Heard("box/3", b"3")
        await device.say("all", b"all")

        assert await asyncio.gather(*heard) == [Heard("all", b"all")] * 4
        assert len(cable._tasks) == 1
    await cable.remove()


@pytest.mark.broker
async def test_acknowledges(mosquitto: Mosquitto) -> None:
    """However much is said, also where nobody listens any more, the broker never holds back the rest."""
    async with bus_on(mosquitto.url) as bus, loudspeaker(mosquitto) as device:
        async with aclosing(bus.listen("box/#")) as words:
            first = asyncio.create_task(hear(words))
            await device.until_heard(bus)
            await device.say("box/a", b"first")
            assert (await first).payload == b"first"
        for number in range(1_200):
            await device._link.publish("box/a", b"%d" % number)
        await device.say("box/a", b"kept", retain=True)

        words = bus.listen("box/a")
        while (await hear(words)).payload != b"kept":
            pass


@pytest.mark.broker
async def test_says_that_the_broker_is_gone(mosquitto: Mosquitto) -> None:
    """When the broker dies everyone is told, also who comes while it is away; then they hear again."""
    async with bus_on(mosquitto.url) as bus:
        async with loudspeaker(mosquitto) as device:
            told = [asyncio.create_task(hear_gone(bus, topic)) for topic in ("box/a", "box/b")]
            await device.until_heard(bus, 2)
        await asyncio.to_thread(mosquitto.kill)
        assert [words[:18] for words in await asyncio.gather(*told)] == ["the broker is gone"] * 2
        assert await hear_gone(bus, "box/a")
        await asyncio.to_thread(mosquitto.start)
        async with loudspeaker(mosquitto) as device:
            await device.until_back(bus)
            words = bus.listen("box/a")
            first = asyncio.create_task(hear(words))
            await device.until_heard(bus)
            await device.say("box/a", b"back")

            assert await first == Heard("box/a", b"back")


async def test_says_that_there_is_no_broker() -> None:
    """Where no broker is at the start the bus says where it looked."""
    port = free_port()
    async with bus_on(f"mqtt://127.0.0.1:{port}") as bus:
        assert f"no broker at 127.0.0.1:{port}" in await hear_gone(bus, "box/a")


async def test_a_refused_topic_is_one_listeners_trouble() -> None:
    """A broker that refuses a topic is quoted to the one who listens there, and the others hear on."""

    async def refuses_one(guest: Guest) -> None:
        await guest.greet()
        guest.send(suback(await guest.subscription(), 1))
        guest.send(suback(await guest.subscription(), 0x87))
        guest.send(publish("box/a", b"still here"))
        await guest.until_gone()

    async with CraftedBroker(refuses_one) as broker, bus_on(broker.url) as bus:
        first = asyncio.create_task(hear(bus.listen("box/a")))
        await broker.came(1)

        assert "subscription to box/b: Not authorized" in await hear_gone(bus, "box/b")
        assert await first == Heard("box/a", b"still here")
        assert broker.connections == 1


@pytest.mark.broker
async def test_a_slow_listener_holds_up_nobody(mosquitto: Mosquitto) -> None:
    """Who does not keep up hears what waited, then that it is gone; others hear all, and it can come back."""
    async with bus_on(mosquitto.url) as bus, loudspeaker(mosquitto) as device:
        slow, quick = bus.listen("box/#"), bus.listen("box/#")
        firsts = [asyncio.create_task(hear(words)) for words in (slow, quick)]
        await device.until_heard(bus, 2)
        sent = [b"%d" % number for number in range(MOST_WAITING + 50)]
        heard = []
        for payload in sent:
            await device.say("box/a", payload)
            heard.append(await firsts[1] if payload == b"0" else await hear(quick))
        assert [one.payload for one in heard] == sent

        waited = [await firsts[0], *[await hear(slow) for _ in range(MOST_WAITING)]]
        assert [one.payload for one in waited] == sent[: MOST_WAITING + 1]
        with pytest.raises(SensorGone, match=r"100 messages wait on box/#"):
            await hear(slow)
        await device.say("box/a", b"kept", retain=True)
        await hear(quick)
        assert await hear(bus.listen("box/#")) == Heard("box/a", b"kept", retained=True)


@pytest.mark.broker
async def test_closes(mosquitto: Mosquitto) -> None:
    """A bus that is closed says so to those who listen and to those who come, also if it was hardly open."""
    bus = TopicBus(mosquitto.url)
    await bus.close()
    async with loudspeaker(mosquitto) as device:
        told = asyncio.create_task(hear_gone(bus, "box/a"))
        await device.until_heard(bus)
    await bus.close()

    assert await told == "the bus is closed"
    assert await hear_gone(bus, "box/a") == "the bus is closed"
    await bus.close()


async def test_closes_at_once() -> None:
    """A bus that is closed while it looks for the broker leaves nobody waiting."""
    bus = TopicBus("mqtt://127.0.0.1:1")
    told = asyncio.create_task(hear_gone(bus, "box/a"))
    started = asyncio.Event()
    asyncio.get_running_loop().call_soon(started.set)
    await started.wait()
    await bus.close()

    assert await told


def test_refuses_an_address() -> None:
    """An address that is not whole is refused as a setting is, without the password."""
    with pytest.raises(ValueError, match=r"needs the form mqtt://") as refused:
        TopicBus("https://user:secret@example.org")

    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("topic", ["", "a/+", "#", "a/#/b", "a/", "a\0b", 7])
def test_refuses_a_topic(topic: str) -> None:
    """What cannot be the topic of one device is refused with the name of the setting."""
    with pytest.raises(ValueError, match="name = "):
        check_topics(name=topic)


# --- recordings -------------------------------------------------------------------------------------------


@pytest.mark.broker
async def test_records_what_it_plays(mosquitto: Mosquitto) -> None:
    """What a tap wrote down of a real broker is heard again from the recording."""
    lines: list[str] = []
    said = [
        ("box/a b", b'{"state": "on"}'),
        ("box/%41", b"\xff\x00"),
        ("box/c", b""),
        ("box/d", b"two\nlines"),
    ]
    async with bus_on(mosquitto.url) as bus, loudspeaker(mosquitto) as device:
        await device.say("box/kept", b"kept", retain=True)
        words = TapTopics(bus, Tape(lines.append)).listen("box/#")
        heard = [await hear(words)]
        for topic, payload in said:
            await device.say(topic, payload)
            heard.append(await hear(words))
        await asyncio.to_thread(mosquitto.kill)
        with pytest.raises(SensorGone):
            await hear(words)

    assert heard == [Heard("box/kept", b"kept", retained=True), *[Heard(*one) for one in said]]
    assert lines[:2] == ["retained < box/kept kept", '< box/a%20b {"state": "on"}']
    assert lines[-1] == "! gone"
    replay = ReplayTopics(Conversation(lines)).listen("box/#")
    assert [await hear(replay) for _ in heard] == heard
    with pytest.raises(SensorGone):
        await hear(replay)


@given(
    topic=st.text(min_size=1), payload=st.binary(max_size=40) | st.text().map(str.encode), kept=st.booleans()
)
def test_a_line_holds_a_message(topic: str, payload: bytes, *, kept: bool) -> None:
    """Any topic and any payload is one line of text, and comes back from it."""
    heard = Heard(topic, payload, kept)
    mark, said = write_line(heard)

    assert "\n" not in said
    assert read_line(f"{mark} {said}") == heard


@pytest.mark.parametrize("line", ["> box/a 1", "= open", "62 < 01", "< other 1", "kept < box/a 1"])
async def test_strays(line: str) -> None:
    """A recording of something else than a driver listens to is no recording of it."""
    with pytest.raises(Strayed):
        await hear(ReplayTopics(Conversation([line])).listen("box/#"))


async def test_plays_to_the_end() -> None:
    """After the last line all that was recorded has been said, also to one who listens again."""
    replay = ReplayTopics(Conversation(["< box/a 1"]))
    assert await hear(replay.listen("box/a")) == Heard("box/a", b"1")

    with pytest.raises(Played):
        await hear(replay.listen("box/a"))
