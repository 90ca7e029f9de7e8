# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The drivers of devices that speak to a broker, on a real Mosquitto; what they are told in malice."""

from __future__ import annotations

import asyncio
import base64
import json
import math
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bezet.av import thresholds
from bezet.errors import BadFrame, SensorGone
from edge.bus.mqtt import TopicBus
from edge.cases import in_words
from edge.sensors import load_driver
from edge.sensors.chirpstack import decode as decode_chirpstack
from edge.sensors.shelly import decode as decode_shelly
from edge.sensors.tasmota import decode as decode_tasmota
from edge.sensors.things_stack import decode as decode_things_stack
from edge.sensors.zigbee2mqtt import decode as decode_zigbee2mqtt
from edge.sensors.zigbee2mqtt import is_offline
from tests.edge.loudspeaker import Loudspeaker, hear, loudspeaker

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from tests.conftest import Mosquitto

AM103 = base64.b64encode(bytes.fromhex("017564 03671801 04686D 077DC501")).decode()


class Device(NamedTuple):
    """A driver with its settings, a topic of its device, what is said there, and what comes of it.

    `offline` is where and how it is said that the device is lost.
    """

    driver: str
    settings: Mapping[str, Any]
    topic: str
    said: str
    numbers: str
    offline: tuple[str, str] | None = None

    def made(self, bus: TopicBus) -> Any:
        """The driver on a bus."""
        return load_driver(self.driver)(bus=bus, **self.settings)


DEVICES = [
    Device(
        "zigbee2mqtt",
        {"name": "1.04/door"},
        "zigbee2mqtt/1.04/door",
        '{"battery":93,"contact":false,"linkquality":61}',
        "door_open=1 battery_pct=93",
        ("zigbee2mqtt/1.04/door/availability", '{"state":"offline"}'),
    ),
    Device(
        "shelly",
        {"topic_prefix": "plug-1", "device": "display"},
        "plug-1/events/rpc",
        '{"src":"plug-1","method":"NotifyStatus","params":{"ts":1661517434.1,"switch:0":{"apower":81.5}}}',
        "power_w=81.5 av_state=2",
        ("plug-1/online", "false"),
    ),
    Device(
        "tasmota",
        {"topic": "plug-2"},
        "tele/plug-2/SENSOR",
        '{"Time":"2023-05-19T20:52:56","ENERGY":{"Power":0}}',
        "power_w=0 av_state=0",
        ("tele/plug-2/LWT", "Offline"),
    ),
    Device(
        "chirpstack",
        {"dev_eui": "0101010101010101", "codec": "milesight"},
        "application/17c82e96/device/0101010101010101/event/up",
        json.dumps({"fCnt": 7, "fPort": 85, "data": AM103}),
        "battery_pct=100 temperature_c=28 humidity_pct=54.5 co2_ppm=453",
    ),
    Device(
        "things_stack",
        {"application": "app1@ttn", "device": "dev1", "codec": "milesight"},
        "v3/app1@ttn/devices/dev1/up",
        json.dumps({"uplink_message": {"f_port": 85, "frm_payload": AM103}}),
        "battery_pct=100 temperature_c=28 humidity_pct=54.5 co2_ppm=453",
    ),
]

#: What a device in other hands may say; none of it is an object with numbers where they belong.
HOSTILE: Mapping[str, bytes] = {
    "nothing": b"",
    "no JSON": b"\x00\xff\x17",
    "no text": '{"a": "é"}'.encode("latin-1"),
    "a megabyte": b'{"a": "' + bytes(1_000_000) + b'"}',
    "a deep hole": b"[" * 60_000,
    "a deep hole in an object": b'{"a":' * 10_000,
    "not a number": b'{"battery": NaN, "params": NaN, "ENERGY": NaN, "data": NaN, "uplink_message": NaN}',
    "an endless number": b'{"battery": ' + b"9" * 5_000 + b"}",
    "an array": b"[1, 2, 3]",
    "a word": b'"offline"',
    "truth": b"true",
    "null": b"null",
    "another shape": b'{"battery": [1], "params": [1], "ENERGY": 1, "data": [1], "uplink_message": "a"}',
}


def _name(device: Device) -> str:
    return device.driver


@asynccontextmanager
async def standing(broker: Mosquitto) -> AsyncIterator[tuple[TopicBus, Loudspeaker]]:
    """A bus on the broker, and what speaks for the devices."""
    bus = TopicBus(broker.url)
    async with loudspeaker(broker) as speaker:
        try:
            yield bus, speaker
        finally:
            await bus.close()


async def turn(
    driver: Any, bus: TopicBus, speaker: Loudspeaker, topic: str, said: bytes | str, *, beside: int = 0
) -> str:
    """What comes of something that is said while the driver listens anew, in the words of a recording.

    So many listen `beside` it.
    """
    await driver.open()
    words = asyncio.create_task(hear(driver.listen()))
    await speaker.until_heard(bus, beside + 1)
    await speaker.say(topic, said)
    try:
        return in_words(await words)
    except (BadFrame, SensorGone) as error:
        return type(error).__name__
    finally:
        await speaker.until_heard(bus, beside)


@pytest.mark.broker
@pytest.mark.parametrize("device", DEVICES, ids=_name)
async def test_hears_its_device(mosquitto: Mosquitto, device: Device) -> None:
    """Each driver hears its device over a real broker."""
    async with standing(mosquitto) as (bus, speaker):
        assert await turn(device.made(bus), bus, speaker, device.topic, device.said) == device.numbers


@pytest.mark.broker
async def test_all_share_a_bus(mosquitto: Mosquitto) -> None:
    """Drivers of every kind share a bus, and each hears its own device only."""
    async with standing(mosquitto) as (bus, speaker):
        heard = [asyncio.create_task(hear(device.made(bus).listen())) for device in DEVICES]
        await speaker.until_heard(bus, len(DEVICES))
        for device in reversed(DEVICES):
            await speaker.say(device.topic, device.said)

        assert [in_words(one) for one in await asyncio.gather(*heard)] == [one.numbers for one in DEVICES]


@pytest.mark.broker
@pytest.mark.parametrize("device", DEVICES, ids=_name)
async def test_what_was_kept_is_not_now(mosquitto: Mosquitto, device: Device) -> None:
    """Numbers that the broker kept from before are passed over by every driver."""
    async with standing(mosquitto) as (bus, speaker):
        old = device.said.replace("93", "11").replace("81.5", "11").replace('"Power":0', '"Power":11')
        await speaker.say(device.topic, old, retain=True)
        driver = device.made(bus)

        assert await turn(driver, bus, speaker, device.topic, device.said) == device.numbers


@pytest.mark.broker
@pytest.mark.parametrize("device", [one for one in DEVICES if one.offline], ids=_name)
async def test_a_device_that_is_lost_is_gone(mosquitto: Mosquitto, device: Device) -> None:
    """A device that is said to be lost is gone, now and for who comes later, until it speaks again."""
    assert device.offline is not None
    topic, word = device.offline
    async with standing(mosquitto) as (bus, speaker):
        driver = device.made(bus)
        await speaker.say(device.topic, device.said, retain=True)
        assert await turn(driver, bus, speaker, topic, word) == "SensorGone"
        await speaker.say(topic, word, retain=True)
        with pytest.raises(SensorGone, match=topic):
            await hear(driver.listen())
        await speaker.say(topic, b"", retain=True)
        await all_is_taken(bus, speaker)

        assert await turn(driver, bus, speaker, device.topic, device.said) == device.numbers


async def all_is_taken(bus: TopicBus, speaker: Loudspeaker) -> None:
    """Until the bus took all that was said so far: what is kept comes to a new listener once more."""
    async with aclosing(bus.listen("after/all")) as words:
        last = asyncio.ensure_future(anext(words))
        await speaker.until_heard(bus, 1)
        await speaker.say("after/all", b"1")
        await last
    await speaker.until_heard(bus, 0)


@pytest.mark.broker
async def test_a_broker_that_dies_and_lives_again(mosquitto: Mosquitto) -> None:
    """When the broker dies every driver says that its sensor is gone, and hears it when one is back."""
    bus = TopicBus(mosquitto.url)
    drivers = [device.made(bus) for device in DEVICES]
    async with loudspeaker(mosquitto) as speaker:
        told = [asyncio.create_task(hear(driver.listen())) for driver in drivers]
        await speaker.until_heard(bus, len(told))
    await asyncio.to_thread(mosquitto.kill)
    outcomes = await asyncio.gather(*told, return_exceptions=True)
    assert [type(one) for one in outcomes] == [SensorGone] * len(DEVICES)
    await asyncio.to_thread(mosquitto.start)
    async with loudspeaker(mosquitto) as speaker:
        await speaker.until_back(bus)
        for driver, device in zip(drivers, DEVICES, strict=True):
            assert await turn(driver, bus, speaker, device.topic, device.said) == device.numbers
    await bus.close()


@pytest.mark.slow
@pytest.mark.broker
@pytest.mark.parametrize("device", DEVICES, ids=_name)
async def test_malice_stops_nothing(mosquitto: Mosquitto, device: Device) -> None:
    """Whatever is said on its topic is bad and no more: the driver hears again, and others hear theirs."""
    other = DEVICES[DEVICES.index(device) - 1]
    async with standing(mosquitto) as (bus, speaker):
        driver = device.made(bus)
        beside = asyncio.create_task(hear(other.made(bus).listen()))
        await speaker.until_heard(bus)
        for hostile in HOSTILE.values():
            came = await turn(driver, bus, speaker, device.topic, hostile, beside=1)
            assert came == "BadFrame", hostile[:40]
        assert await turn(driver, bus, speaker, device.topic, device.said, beside=1) == device.numbers
        await speaker.say(other.topic, other.said)

        assert in_words(await beside) == other.numbers


# --- settings ---------------------------------------------------------------------------------------------

WRONG = [
    ("zigbee2mqtt", {"name": "a/#"}, "name = 'a/#'"),
    ("zigbee2mqtt", {"name": "a", "base_topic": ""}, "base_topic = ''"),
    ("zigbee2mqtt", {"name": "a", "device": "toaster"}, "device = toaster"),
    ("zigbee2mqtt", {"name": "a", "on_above_w": 0.1}, "on_above_w = 0.1"),
    ("shelly", {"topic_prefix": "a/+"}, "topic_prefix = 'a/\\+'"),
    ("shelly", {"topic_prefix": "a", "channel": 16}, "channel = 16"),
    ("shelly", {"topic_prefix": "a", "channel": "0"}, "channel = '0'"),
    ("shelly", {"topic_prefix": "a", "device": "toaster"}, "device = toaster"),
    ("tasmota", {"topic": ""}, "topic = ''"),
    ("tasmota", {"topic": "a", "full_topic": "%prefix%"}, "full_topic = '%prefix%'"),
    ("tasmota", {"topic": "a", "full_topic": "+/%prefix%/%topic%"}, "full_topic = '\\+/%prefix%/%topic%'"),
    ("tasmota", {"topic": "a", "channel": 0}, "channel = 0"),
    ("tasmota", {"topic": "a", "in_use_above_w": 1}, "in_use_above_w = 1"),
    ("chirpstack", {"dev_eui": "0101", "codec": "elsys"}, "dev_eui = '0101'"),
    ("chirpstack", {"dev_eui": 101, "codec": "elsys"}, "dev_eui = 101"),
    ("chirpstack", {"dev_eui": "01" * 8, "codec": "morse"}, "codec = morse: one of elsys, milesight"),
    ("chirpstack", {"dev_eui": "01" * 8, "codec": "elsys", "application": "#"}, "application = '#'"),
    ("things_stack", {"application": "+", "device": "a", "codec": "elsys"}, "application = '\\+'"),
    ("things_stack", {"application": "a", "device": "#", "codec": "elsys"}, "device = '#'"),
    ("things_stack", {"application": "a", "device": "a", "codec": ""}, "codec = :"),
]


@pytest.mark.parametrize(("driver", "settings", "words"), WRONG)
def test_refuses_a_setting(driver: str, settings: Mapping[str, Any], words: str) -> None:
    """A setting that cannot be is refused with its name and value, before anything is opened."""
    with pytest.raises(ValueError, match=f"^{words}"):
        load_driver(driver)(bus=None, **settings)


# --- whatever is said -------------------------------------------------------------------------------------

WATTS = thresholds()
DECODERS: Mapping[str, Callable[[bytes], object]] = {
    "zigbee2mqtt": lambda said: decode_zigbee2mqtt(said, WATTS),
    "zigbee2mqtt availability": is_offline,
    "shelly events": lambda said: decode_shelly(said, ("switch:0", "pm1:0"), None),
    "shelly status": lambda said: decode_shelly(said, (), 1.0),
    "tasmota": lambda said: decode_tasmota(said, 2, WATTS),
    "chirpstack": decode_chirpstack,
    "things_stack": decode_things_stack,
}
KEYS = (
    *(
        "occupancy",
        "contact",
        "illuminance_lux",
        "power",
        "battery",
        "state",
        "params",
        "switch:0",
        "apower",
        "ENERGY",
    ),
    *("Power", "fCnt", "fPort", "data", "uplink_message", "f_port", "frm_payload", "simulated"),
)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
)


@pytest.mark.parametrize("decode", DECODERS.values(), ids=DECODERS.keys())
@given(said=st.binary(max_size=30) | ANY_JSON.map(lambda found: json.dumps(found).encode()))
def test_any_message_is_read_or_bad(decode: Callable[[bytes], object], said: bytes) -> None:
    """Whatever a message holds, it gives what the driver knows or is bad, and nothing else happens."""
    try:
        found = decode(said)
    except BadFrame:
        return
    if isinstance(found, list):
        assert all(math.isfinite(one.value) for one in found)
