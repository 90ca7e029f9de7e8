# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Whatever stands at the other end of a bus, a driver gives numbers or says what is wrong; no more."""

from __future__ import annotations

import asyncio
import itertools
import json
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bezet.errors import SensorError, SensorGone
from edge.bus import Heard
from edge.sensors import DRIVERS, Polled, load_driver

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

Done = TypeVar("Done")

#: What each driver must be told, and nothing more.
SETTINGS: dict[str, dict[str, object]] = {
    "zigbee2mqtt": {"name": "device"},
    "shelly": {"topic_prefix": "shelly-1"},
    "tasmota": {"topic": "plug"},
    "chirpstack": {"dev_eui": "24e124707c500001", "codec": "milesight"},
    "things_stack": {"application": "a@t", "device": "d", "codec": "elsys"},
}
TOPICS = {
    "zigbee2mqtt": "zigbee2mqtt/device",
    "shelly": "shelly-1/events/rpc",
    "tasmota": "tele/plug/SENSOR",
    "chirpstack": "application/1/device/24e124707c500001/event/up",
    "things_stack": "v3/a@t/devices/d/up",
}
TURNS = 20


class AnyLine:
    """A serial line on which anything arrives, and then nothing more."""

    def __init__(self, pieces: Sequence[bytes]) -> None:
        self._pieces = iter(pieces)

    async def open(self, baud: int) -> None:
        """It opens."""

    async def write(self, sent: bytes) -> None:
        """Nobody listens."""

    async def read(self) -> bytes:
        """The next piece."""
        for piece in self._pieces:
            return piece
        raise SensorGone("nothing more")


class AnyChips:
    """A bus on which every address answers anything."""

    def __init__(self, answers: bytes) -> None:
        self._bytes = itertools.cycle(answers or b"\x00")
        self._left = 5_000

    async def run(self, work: Callable[[], Done]) -> Done:
        """Do a conversation."""
        return work()

    def wait(self, wait_s: float) -> None:
        """No time passes."""

    def transfer(self, address: int, write: bytes, read: int = 0) -> bytes:
        """So many bytes of anything; after thousands of questions the chip is gone."""
        del address, write
        self._left -= 1
        if self._left < 0:
            raise TimeoutError("asked without end")
        return bytes(itertools.islice(self._bytes, read))


class AnySpeaker:
    """A broker on which anything is said."""

    def __init__(self, topic: str, payloads: Sequence[bytes]) -> None:
        self._topic = topic
        self._payloads = payloads

    async def listen(self, *topic_filters: str) -> AsyncGenerator[Heard, None]:
        """All of it."""
        del topic_filters
        for payload in self._payloads:
            yield Heard(self._topic, payload)


class AnyProgram:
    """A program that prints anything."""

    def __init__(self, text: str) -> None:
        self._text = text

    async def run(self, *arguments: str) -> str:
        """What it prints."""
        del arguments
        return self._text


async def turns(name: str, bus: Any) -> int:
    """How often a driver gave numbers; whatever it raises besides what the agent expects is a failure."""
    driver = load_driver(name)(bus=bus, **SETTINGS.get(name, {}))
    count = 0
    for _ in range(TURNS):
        try:
            await driver.open()
            count += await _hear(driver)
        except (SensorError, TimeoutError, OSError):
            continue
    return count


async def _hear(driver: Any) -> int:
    if isinstance(driver, Polled):
        return len(await driver.read())
    count = 0
    async for measured in driver.listen():
        count += len(measured)
    return count


def on(bus: str) -> list[str]:
    """The drivers on a bus."""
    return sorted(name for name, row in DRIVERS.items() if row.on == bus)


plain = settings(deadline=None, max_examples=100)
#: Headers of the drivers' own frames, so that what follows them is looked at too.
HEADERS = [
    bytes.fromhex(word) for word in ("f4f3f2f1", "aaff0300", "ff86", "fe0408", "0d00", "55cc", "f8f7f6f5")
]
pieces = st.lists(st.one_of(st.binary(max_size=40), st.sampled_from(HEADERS)), max_size=60)
#: Words that the drivers look for, with anything behind them.
KEYS = [
    *("occupancy", "presence", "contact", "co2", "temperature", "illuminance", "power", "battery", "state"),
    *("method", "params", "switch:0", "pm1:0", "apower", "ENERGY", "Power", "fCnt", "fPort", "data"),
    *("uplink_message", "f_cnt", "f_port", "frm_payload", "simulated"),
]
WORDS = ["NotifyStatus", "NotifyFullStatus", "online", "AQ==", "A2cQAQ==", ""]
plain_values = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.sampled_from(WORDS), st.text(max_size=5)
)
objects = st.recursive(
    plain_values,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS), inner, max_size=6)
    ),
    max_leaves=12,
).map(lambda found: json.dumps(found).encode())
payloads = st.one_of(st.binary(max_size=60), objects, objects)


@pytest.mark.parametrize("name", on("uart"))
@plain
@given(pieces)
def test_serial_lines(name: str, said: list[bytes]) -> None:
    """Any bytes on a serial line give numbers or an error that the agent knows."""
    asyncio.run(turns(name, AnyLine([one for one in said if one])))


@pytest.mark.parametrize("name", on("i2c"))
@plain
@given(st.binary(min_size=1, max_size=64))
def test_chips(name: str, answers: bytes) -> None:
    """Any bytes of a chip give numbers or an error that the agent knows, and no driver asks without end."""
    asyncio.run(turns(name, AnyChips(answers)))


@pytest.mark.parametrize("name", on("mqtt"))
@plain
@given(st.lists(payloads, max_size=8))
def test_brokers(name: str, said: list[bytes]) -> None:
    """Any payload gives numbers or an error that the agent knows."""
    asyncio.run(turns(name, AnySpeaker(TOPICS[name], said)))


@pytest.mark.parametrize("name", on("cec"))
@plain
@given(st.text(max_size=200))
def test_programs(name: str, text: str) -> None:
    """Anything that a program prints gives numbers or an error that the agent knows."""
    asyncio.run(turns(name, AnyProgram(text)))
