# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Whether a device is ready: folder, clock, broker, and each sensor read once; and what to do where it is
not.
"""

from __future__ import annotations

import asyncio
import secrets
import shutil
from contextlib import aclosing
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from bezet.errors import SensorNotReady
from bezet.link import Down, Up
from bezet.link.mqtt import MqttLink
from edge.cases import in_words
from edge.sensors import Polled

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Mapping

    from edge.config import AgentConfig
    from edge.sensing import Sensor
    from edge.sensors import Measured

#: How long a broker may take to answer, and a sensor to say its first word.
BROKER_S = 8.0
FIRST_WORD_S = 20.0
ASK_AGAIN_S = 1.0
#: How long one may take that has shown that it is there, such as a button that nobody presses.
QUIET_S = 3.0


class Verdict(StrEnum):
    """How it is."""

    OK = "ok"
    WARNING = "warning"
    BAD = "bad"


class Finding(NamedTuple):
    """What was looked at, how it is, what was found, and what to do about it."""

    what: str
    verdict: Verdict
    found: str
    advice: str = ""


#: What to do about a sensor that does not answer, by its bus.
ADVICE: Mapping[str, str] = {
    "gpio": "Check the pin (BCM numbers) and the wires.",
    "i2c": "Check the four wires; i2cdetect -y 1 shows the chips that answer.",
    "uart": "Cross RX and TX, check 5 V or 3.3 V; switch its login shell off (raspi-config).",
    "tcp": "Check address and port, and that the device may be controlled over the network.",
    "cec": "Check the HDMI cable, and that CEC (Anynet+, Bravia Sync, SimpLink) is on in the display's menu.",
    "mqtt": "Check the broker and the device's name; it may speak only when something changes.",
    "": "Look at what the driver says.",
}


async def examine(
    config: AgentConfig, *, first_word_s: float = FIRST_WORD_S, broker_s: float = BROKER_S
) -> AsyncIterator[Finding]:
    """Everything, each finding when it is there; sensors all at once, in the order of the file."""
    spaces = sorted({sensor.space for sensor in config.sensors})
    yield Finding("configuration", Verdict.OK, f"{len(config.sensors)} sensors in {', '.join(spaces)}")
    yield look_at_folder(config)
    yield look_at_clock(config)
    yield await look_at_broker(config, within_s=broker_s)
    asked = [asyncio.create_task(look_at_sensor(config, one, first_word_s)) for one in config.sensors]
    for task in asked:
        yield await task


def look_at_folder(config: AgentConfig) -> Finding:
    """Whether the state folder can be written, and has room for the outbox."""
    folder, what = config.state_folder, "state folder"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        advice = "Give the folder to the user that the agent runs as, or set state_folder."
        return Finding(what, Verdict.BAD, f"{folder}: {error.strerror}", advice)
    free, wanted = shutil.disk_usage(folder).free, config.outbox_max_bytes
    found = f"{folder}: {free / 1e9:.1f} GB free"
    if free < wanted:
        advice = f"The outbox may take {wanted / 1e9:.1f} GB. Make room, or set outbox_max_bytes."
        return Finding(what, Verdict.WARNING, found, advice)
    return Finding(what, Verdict.OK, found)


def look_at_clock(config: AgentConfig) -> Finding:
    """Whether the time is known."""
    clock = config.clock()
    if clock.is_trusted:
        return Finding("clock", Verdict.OK, f"set, as the {config.clock_source} says")
    return Finding(
        "clock",
        Verdict.WARNING,
        "no time server has set it",
        "Readings wait for it. See timedatectl; let the device reach a time server (UDP 123), "
        'or set clock = "system" where it has a clock with a battery.',
    )


async def look_at_broker(config: AgentConfig, *, within_s: float = BROKER_S) -> Finding:
    """Whether the broker lets this device in."""
    name = f"bezet-check-{secrets.token_hex(4)}"  # not the agent's, which may be running
    why = "no answer"
    async with MqttLink(config.broker, name) as link:
        try:
            async with asyncio.timeout(within_s):
                while not isinstance(event := await link.receive(), Up):
                    why = event.why if isinstance(event, Down) else why
        except TimeoutError:
            advice = "Check the address in the configuration, the network, and that the broker runs."
            return Finding("broker", Verdict.BAD, why, advice)
    return Finding("broker", Verdict.OK, "connected")


async def look_at_sensor(config: AgentConfig, sensor: Sensor, within_s: float = FIRST_WORD_S) -> Finding:
    """The first numbers of a sensor; one that shows that it is there without any is not waited for."""
    what, wiring = f"sensor {sensor.id}", config.wirings[sensor.id]
    limit = asyncio.timeout(within_s)
    is_there = sensor.silent_after_s is None or bool(sensor.stands_s)
    try:
        async with limit, aclosing(_words(sensor)) as words:
            async for measured in words:
                if measured:
                    return Finding(what, Verdict.OK, in_words(measured))
                is_there = True
                limit.reschedule(min(limit.when() or 0.0, asyncio.get_running_loop().time() + QUIET_S))
    except Exception as error:  # noqa: BLE001  whatever it is, a person is told
        if not limit.expired():
            return Finding(what, Verdict.BAD, str(error) or type(error).__name__, ADVICE[wiring.on])
    if is_there:
        return Finding(what, Verdict.OK, "there; it has nothing to say yet")
    return Finding(what, Verdict.BAD, f"no word within {within_s:g} s", ADVICE[wiring.on])


async def _words(sensor: Sensor) -> AsyncGenerator[list[Measured], None]:
    """What it says from its opening on: one that is asked once it is ready, the other without an end."""
    await sensor.driver.open()
    if not isinstance(sensor.driver, Polled):
        async with aclosing(sensor.driver.listen()) as words:
            async for measured in words:
                yield list(measured)
        return
    while True:
        try:
            yield await sensor.driver.read()
        except SensorNotReady:
            await asyncio.sleep(ASK_AGAIN_S)
