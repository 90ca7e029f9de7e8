# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The link over MQTT: addresses, and brokers that say what no broker should."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import pytest

from bezet.errors import CannotStart, LinkDown
from bezet.link import Delivery
from bezet.link.address import Address, read_address
from bezet.link.mqtt import MqttLink, Retry
from tests.bezet.link.crafted import CONNECT, PUBACK, PUBLISH, CraftedBroker, Guest, packed, publish, suback
from tests.bezet.link.stages import QUICK, next_delivery, next_down, next_up

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.conftest import Mosquitto

FILTER = "box/+"
FIVE, THREE = True, False


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("mqtt://broker", Address("broker", 1883, None, None, FIVE)),
        ("mqtt://broker/", Address("broker", 1883, None, None, FIVE)),
        ("mqtt://127.0.0.1:18830", Address("127.0.0.1", 18830, None, None, FIVE)),
        ("mqtt://[::1]:1883", Address("::1", 1883, None, None, FIVE)),
        ("mqtt://pi@broker", Address("broker", 1883, "pi", None, FIVE)),
        ("mqtt://pi:word@broker:1", Address("broker", 1, "pi", "word", FIVE)),
        ("mqtt://p%40i:a%2Fb%3Ac@broker", Address("broker", 1883, "p@i", "a/b:c", FIVE)),
        ("mqtt://broker?protocol=3.1.1", Address("broker", 1883, None, None, THREE)),
        ("mqtt://broker:1883/?protocol=5", Address("broker", 1883, None, None, FIVE)),
    ],
)
def test_reads_an_address(url: str, address: Address) -> None:
    """An address names host, port, user and password, and the version of MQTT, with the usual defaults."""
    assert read_address(url) == address


@pytest.mark.parametrize(
    "url",
    [
        "",
        "broker:1883",
        "//broker",
        "http://broker",
        "mqtts://broker",
        "mqtt://",
        "mqtt://:1883",
        "mqtt://broker:port",
        "mqtt://broker:70000",
        "mqtt://[::1",
        "mqtt://broker/path",
        "mqtt://broker?protocol=4",
        "mqtt://broker?protocol=",
        "mqtt://broker?protokol=5",
        "mqtt://broker#5",
        "mqtt://pi:secret/@broker",
        "mqtt://pi:secret@broker:port",
        "mqtts://pi:secret@broker",
    ],
)
def test_refuses_an_address(url: str) -> None:
    """An address that is not whole is refused with the form it should have, and without its password."""
    with pytest.raises(CannotStart, match=r"needs the form mqtt://") as refused:
        read_address(url)

    assert "secret" not in str(refused.value)


def linked_to(broker: CraftedBroker, *, receive_maximum: int = 10) -> MqttLink:
    """A link to a crafted broker."""
    return MqttLink(broker.url, "link", subscriptions=(FILTER,), receive_maximum=receive_maximum, retry=QUICK)


async def behaves(guest: Guest) -> None:
    """A turn of a good broker that delivers one message."""
    await guest.welcome()
    guest.send(publish("box/a", b"later"))
    await guest.until_gone()


def says(*packets: bytes) -> Callable[[Guest], Awaitable[None]]:
    """A turn that begins well, says this, and waits for the link to hang up."""

    async def turn(guest: Guest) -> None:
        await guest.welcome()
        guest.send(*packets)
        await guest.until_gone()

    return turn


NONSENSE = {
    "a length without end": b"\x30\xff\xff\xff\xff\xff",
    "a packet of no type": b"\x00\x00",
    "a packet of a type that we did not ask for": b"\xf0\x00",
    "a publish cut short": b"\x32\x01\x00",
    "a publish with a topic longer than itself": b"\x32\x04\xff\xff\x00\x00",
    "a publish at a quality that does not exist": packed(3, 0b0110, b"\x00\x01a\x00\x01\x00"),
    "a publish with a property that does not exist": packed(3, 0b0010, b"\x00\x01a\x00\x01\x02\xff\x00"),
    "a second answer to nothing, of no known code": suback(b"\x00\x07", 0x55),
    "a disconnect of no known reason": b"\xe0\x02\x55\x00",
    "a goodbye": b"\xe0\x00",
    "a shutdown": b"\xe0\x02\x8b\x00",
}


@pytest.mark.parametrize("nonsense", NONSENSE.values(), ids=NONSENSE.keys())
async def test_survives_nonsense(nonsense: bytes) -> None:
    """Whatever a broker says that it should not, the link says why it is down, and mends itself."""
    async with CraftedBroker(says(nonsense), behaves) as broker, linked_to(broker) as link:
        await next_up(link)
        down = await next_down(link)
        await next_up(link)
        delivery = await next_delivery(link)

    assert down.why
    assert not down.name_taken
    assert delivery.payload == b"later"


async def hangs_up(guest: Guest) -> None:
    """A turn that closes before a word was said."""


async def refuses(guest: Guest) -> None:
    """A turn of a broker that does not let the link in."""
    await guest.greet(b"\x20\x03\x00\x87\x00")
    await guest.until_gone()


async def greets_badly(guest: Guest) -> None:
    """A turn with an answer to CONNECT that is cut short."""
    await guest.greet(b"\x20\x01\x00")
    await guest.until_gone()


async def speaks_http(guest: Guest) -> None:
    """A turn of a server that is no broker."""
    await guest.greet(b"HTTP/1.1 400 Bad Request\r\n\r\n")


async def refuses_subscription(guest: Guest) -> None:
    """A turn of a broker that lets the link in, but not to its topics."""
    await guest.welcome(0x87)
    await guest.until_gone()


async def answers_twice(guest: Guest) -> None:
    """A turn with more answers to SUBSCRIBE than there were filters."""
    await guest.welcome(1, 1)
    await guest.until_gone()


REFUSALS = [
    (hangs_up, ""),
    (refuses, "Not authorized"),
    (greets_badly, ""),
    (speaks_http, ""),
    (refuses_subscription, f"subscription to {FILTER}: Not authorized"),
    (answers_twice, ""),
]


@pytest.mark.parametrize(("turn", "why"), REFUSALS, ids=[turn.__name__ for turn, _ in REFUSALS])
async def test_survives_a_refusal(turn: Callable[[Guest], Awaitable[None]], why: str) -> None:
    """A link that is not let in says why, tries again, and is Up once the broker has confirmed everything."""
    async with CraftedBroker(turn, behaves) as broker, linked_to(broker) as link:
        down = await next_down(link)
        await next_up(link)
        delivery = await next_delivery(link)

    assert why in down.why
    assert delivery.payload == b"later"


async def test_says_down_once(caplog: pytest.LogCaptureFixture) -> None:
    """However many tries fail, Down is said once, and each other reason is logged once."""
    turns = (refuses, hangs_up, refuses, hangs_up, hangs_up, refuses, behaves)
    with caplog.at_level(logging.INFO, "bezet.link"):
        async with CraftedBroker(*turns) as broker, linked_to(broker) as link:
            down = await next_down(link)
            await next_up(link)

            assert broker.connections == len(turns)
    assert "Not authorized" in down.why
    assert len([record for record in caplog.records if record.name == "bezet.link"]) == 1


async def test_an_exception_in_a_callback_is_seen() -> None:
    """What raises where paho calls us ends that connection with its words; the link goes on trying."""

    async def greets(guest: Guest) -> None:
        await guest.greet()
        await guest.until_gone()

    async with CraftedBroker(greets) as broker:
        link = MqttLink(broker.url, "link", subscriptions=("no/#/filter",), retry=QUICK)
        async with link:
            down = await next_down(link)
            await broker.came(4)

    assert "Invalid subscription filter" in down.why


async def test_a_topic_that_is_no_text() -> None:
    """A topic of invalid UTF-8 ends nothing: it is delivered as a topic that nobody knows."""
    turn = says(publish(b"box/\xff\xfe", b"odd", number=1), publish("box/a", b"later", number=2))
    async with CraftedBroker(turn) as broker, linked_to(broker) as link:
        up = await next_up(link)
        odd = await next_delivery(link)
        later = await next_delivery(link)

    assert odd == Delivery("�", b"odd", retained=False, connection=up.connection, ticket=1)
    assert later.payload == b"later"


async def test_reads_packets_however_they_arrive() -> None:
    """Packets that come together, or apart at any byte, are each delivered once and in order."""
    packets = b"".join(publish("box/a", b"%d" % number, number=number) for number in range(1, 200))

    async def dribbles(guest: Guest) -> None:
        await guest.welcome()
        await stands.wait()
        for start in range(0, len(packets), 7):
            guest.send(packets[start : start + 7])
            await link.publish("box/echo", b"")  # one turn for the link, one for the broker
            await guest.packet()
        await guest.until_gone()

    async def floods(guest: Guest) -> None:
        await guest.welcome()
        guest.send(packets)
        await guest.until_gone()

    for turn in (dribbles, floods):
        stands = asyncio.Event()
        async with CraftedBroker(turn) as broker, linked_to(broker) as link:
            await next_up(link)
            stands.set()

            assert [int((await next_delivery(link)).payload) for _ in range(199)] == [*range(1, 200)]


async def test_drops_what_it_did_not_ask_for() -> None:
    """What the link did not subscribe to is acknowledged and dropped (amqtt 0.12 sends such)."""
    answers: asyncio.Queue[int] = asyncio.Queue()

    async def leaks(guest: Guest) -> None:
        await guest.welcome()
        guest.send(publish("other/a", b"leaked", number=7, retain=1), publish("box/a", b"asked", number=8))
        answers.put_nowait(int.from_bytes((await guest.packet()).body[:2], "big"))
        await guest.until_gone()

    async with CraftedBroker(leaks) as broker, linked_to(broker) as link:
        await next_up(link)

        assert (await next_delivery(link)).payload == b"asked"
        assert await answers.get() == 7


async def test_up_comes_first() -> None:
    """What the broker delivers before it has confirmed the subscriptions comes after Up."""

    async def hurries(guest: Guest) -> None:
        await guest.greet()
        number = await guest.subscription()
        guest.send(publish("box/a", b"1", number=1), publish("box/a", b"2", number=2))
        guest.send(suback(number, 1), publish("box/a", b"3", number=3))
        await guest.until_gone()

    async with CraftedBroker(hurries) as broker, linked_to(broker) as link:
        await next_up(link)

        assert [(await next_delivery(link)).payload for _ in range(3)] == [b"1", b"2", b"3"]


async def test_is_not_up_before_its_subscriptions_stand() -> None:
    """Nothing can be published before the subscriptions are confirmed: its answer could be missed."""
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def waits(guest: Guest) -> None:
        await guest.greet()
        number = await guest.subscription()
        asked.set()
        await go_on.wait()
        guest.send(suback(number, 1))
        await guest.until_gone()

    async with CraftedBroker(waits) as broker, linked_to(broker) as link:
        await asked.wait()
        with pytest.raises(LinkDown):
            await link.publish("box/a", b"")
        go_on.set()
        await next_up(link)
        await link.publish("box/a", b"")


async def test_a_later_subscription_is_refused_alone() -> None:
    """A broker that refuses a later subscription is quoted to whoever asked, and the link stays as it was."""

    async def refuses_more(guest: Guest) -> None:
        await guest.welcome()
        guest.send(suback(await guest.subscription(), 1, 0x87))
        guest.send(publish("box/a", b"still here"))
        await guest.until_gone()

    async with CraftedBroker(refuses_more) as broker, linked_to(broker) as link:
        await next_up(link)
        with pytest.raises(LinkDown, match="subscription to box/c: Not authorized"):
            await link.subscribe("box/b", "box/c")

        assert (await next_delivery(link)).payload == b"still here"


async def test_a_later_subscription_does_not_outlive_its_connection() -> None:
    """A broker that goes before it answered leaves nobody waiting for its answer."""

    async def goes(guest: Guest) -> None:
        await guest.welcome()
        await guest.subscription()
        guest.hang_up()

    async with CraftedBroker(goes, behaves) as broker, linked_to(broker) as link:
        await next_up(link)
        with pytest.raises(LinkDown, match="did not answer"):
            await link.subscribe("box/b")


async def test_a_taken_name_is_named() -> None:
    """A broker that says so lets the link say that another client came with its name."""
    async with CraftedBroker(says(b"\xe0\x02\x8e\x00")) as broker, linked_to(broker) as link:
        await next_up(link)

        assert (await next_down(link)).name_taken


class Listening:
    """A turn that delivers one message and then passes on what the link sends."""

    def __init__(self, delivered: bytes, connack: bytes = b"\x20\x03\x00\x00\x00") -> None:
        self.guests: asyncio.Queue[Guest] = asyncio.Queue()
        self._delivered = delivered
        self._connack = connack
        self._end = asyncio.Event()

    async def __call__(self, guest: Guest) -> None:
        """Play."""
        await guest.greet(self._connack)
        guest.send(suback(await guest.subscription(), 1), self._delivered)
        self.guests.put_nowait(guest)
        await self._end.wait()


async def test_a_late_acknowledgement_is_not_sent() -> None:
    """An acknowledgement goes out for a delivery of this connection, and never for one of an earlier."""
    listening = Listening(publish("box/a", number=1))
    async with CraftedBroker(listening) as broker, linked_to(broker) as link:
        await next_up(link)
        old = await next_delivery(link)
        (await listening.guests.get()).hang_up()
        await next_down(link)
        await next_up(link)
        new = await next_delivery(link)
        guest = await listening.guests.get()
        link.acknowledge(old)
        await link.publish("box/done", b"")
        link.acknowledge(new)
        sent = [await guest.packet() for _ in range(2)]

    assert old.ticket == new.ticket
    assert [packet.type for packet in sent] == [PUBLISH, PUBACK]


async def test_quality_0_is_not_acknowledged() -> None:
    """A delivery at QoS 0 may be acknowledged like any other, but nothing is sent, for it has no number."""
    listening = Listening(publish("box/a", qos=0))
    async with CraftedBroker(listening) as broker, linked_to(broker) as link:
        await next_up(link)
        link.acknowledge(await next_delivery(link))
        await link.publish("box/done", b"")

        assert (await (await listening.guests.get()).packet()).type == PUBLISH


async def test_sends_no_more_than_the_broker_takes() -> None:
    """What goes beyond the broker's own receive maximum is sent as it confirms the earlier ones."""
    connack = b"\x20\x06\x00\x00\x03\x21\x00\x02"  # receive maximum 2
    listening = Listening(publish("box/a"), connack)
    async with CraftedBroker(listening) as broker, linked_to(broker) as link:
        await next_up(link)
        delivery = await next_delivery(link)
        for number in range(3):
            await link.publish("box/a", b"%d" % number)
        link.acknowledge(delivery)
        guest = await listening.guests.get()
        sent = [await guest.packet() for _ in range(3)]
        guest.send(packed(PUBACK, 0, sent[0].body[7:9]))
        sent.append(await guest.packet())

    assert [packet.type for packet in sent] == [PUBLISH, PUBLISH, PUBACK, PUBLISH]


async def test_speaks_3_1_1() -> None:
    """A broker that speaks MQTT 3.1.1 only is spoken to in 3.1.1, when the address says so."""

    async def speaks_3(guest: Guest) -> None:
        await guest.greet(b"\x20\x02\x00\x00")
        number = await guest.subscription()
        guest.send(b"\x90\x03" + number + b"\x01", b"\x32\x0b\x00\x05box/a\x00\x01ok")
        await guest.until_gone()

    async with (
        CraftedBroker(speaks_3) as broker,
        MqttLink(f"{broker.url}?protocol=3.1.1", "link", subscriptions=(FILTER,), retry=QUICK) as link,
    ):
        await next_up(link)

        assert (await next_delivery(link)).payload == b"ok"


async def test_leaves_no_session_behind() -> None:
    """A link asks for a clean start, for a session that ends with the connection, and for its keep-alive."""
    asked: asyncio.Queue[bytes] = asyncio.Queue()

    async def asks(guest: Guest) -> None:
        packet = await guest.packet()
        assert packet.type == CONNECT
        asked.put_nowait(packet.body)

    async with CraftedBroker(asks) as broker, MqttLink(broker.url, "link", keepalive_s=5, retry=QUICK):
        body = await asked.get()

    name, flags, keepalive_s, properties = body[:7], body[7], body[8:10], body[11 : 11 + body[10]]
    assert name == b"\x00\x04MQTT\x05"
    assert flags & 0x02  # clean start
    assert int.from_bytes(keepalive_s, "big") == 5
    assert b"\x11\x00\x00\x00\x00" in properties  # session expiry interval 0


@pytest.mark.broker
async def test_a_port_where_nobody_listens(mosquitto: Mosquitto) -> None:
    """Without a broker the link says where it looked, once, and is Up when there is one."""
    mosquitto.kill()
    async with MqttLink(mosquitto.url, "link", retry=Retry(first_s=0.01, last_s=0.02)) as link:
        down = await next_down(link)
        await asyncio.to_thread(mosquitto.start)

        await next_up(link)
    assert str(mosquitto.port) in down.why


@pytest.mark.broker
async def test_both_versions_meet(mosquitto: Mosquitto) -> None:
    """A link that speaks 3.1.1 and one that speaks 5 hear each other."""
    async with (
        MqttLink(f"{mosquitto.url}?protocol=3.1.1", "old", subscriptions=(FILTER,)) as old,
        MqttLink(mosquitto.url, "new", subscriptions=(FILTER,)) as new,
    ):
        await next_up(old)
        await next_up(new)
        for one, other in ((old, new), (new, old)):
            await one.publish("box/a", b"hello")

            assert (await next_delivery(one)).payload == b"hello"
            assert (await next_delivery(other)).payload == b"hello"
