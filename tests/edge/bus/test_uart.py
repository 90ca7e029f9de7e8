# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A serial line on a real terminal: what goes through, who may have it, and what is said when it is gone."""

from __future__ import annotations

import asyncio
import errno
import termios
from typing import TYPE_CHECKING

import pytest

from bezet.errors import SensorGone
from edge.bus.conversation import Conversation, Strayed, Tape
from edge.bus.uart import ReplayLine, SerialLine, TapLine, why
from tests.edge.bus.far_end import FarEnd, soon

if TYPE_CHECKING:
    from pathlib import Path

EVERY_BYTE = bytes(range(256))
#: More than a terminal takes while nobody reads it.
TOO_MUCH = EVERY_BYTE * 400


# --- what goes through -------------------------------------------------------------------------------------


@pytest.mark.parametrize("baud", [9_600, 256_000])
async def test_every_byte_goes_through_unchanged(device: FarEnd, line: SerialLine, baud: int) -> None:
    """No byte means anything to the terminal: not Ctrl-C, not XOFF, not the end of a line."""
    await line.open(baud)
    device.say(EVERY_BYTE)
    heard = b""
    while len(heard) < len(EVERY_BYTE):
        heard += await soon(line.read())
    await line.write(EVERY_BYTE)

    assert heard == EVERY_BYTE
    assert await device.hear(len(EVERY_BYTE)) == EVERY_BYTE


async def test_eight_bits_no_parity_one_stop_bit(device: FarEnd, line: SerialLine) -> None:
    """The protocol of every sensor on a UART here is 8N1, without flow control."""
    await line.open(9_600)
    iflag, _, cflag, _, in_speed, out_speed, _ = termios.tcgetattr(device.near_fd)

    assert cflag & termios.CSIZE == termios.CS8
    assert not cflag & (termios.PARENB | termios.CSTOPB | termios.CRTSCTS)
    assert not iflag & (termios.IXON | termios.IXOFF)
    assert in_speed == out_speed == termios.B9600


async def test_what_had_arrived_before_is_dropped(device: FarEnd, line: SerialLine) -> None:
    """A line that is opened, or opened again, says nothing of what was said before."""
    await line.open(9_600)
    device.say(b"old")
    await line.open(9_600)
    device.say(b"new")

    assert await soon(line.read()) == b"new"


async def test_a_cancelled_reader_leaves_the_line_usable(device: FarEnd, line: SerialLine) -> None:
    """Whoever loses patience loses no bytes, and nobody watches a port while nobody waits for it."""
    await line.open(9_600)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await line.read()
    is_watched = asyncio.get_running_loop().remove_reader(line._fileno())
    device.say(b"late")

    assert not is_watched
    assert await soon(line.read()) == b"late"


async def test_a_write_waits_without_blocking(device: FarEnd, line: SerialLine) -> None:
    """While a port takes no more, others go on; what was sent arrives whole."""
    await line.open(9_600)
    writing = asyncio.create_task(line.write(TOO_MUCH))
    heard = await device.hear(len(TOO_MUCH))
    await soon(writing)

    assert heard == TOO_MUCH


async def test_a_cancelled_writer_leaves_the_line_usable(device: FarEnd, line: SerialLine) -> None:
    """A write that found no end is not continued; the next is heard."""
    await line.open(9_600)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await line.write(TOO_MUCH)
    is_watched = asyncio.get_running_loop().remove_writer(line._fileno())
    writing = asyncio.create_task(line.write(b"next"))
    heard = await device.hear_until(b"next")
    await soon(writing)

    assert not is_watched
    assert len(heard) < len(TOO_MUCH)


# --- who may have it ---------------------------------------------------------------------------------------


async def test_a_port_is_for_one_program(device: FarEnd, line: SerialLine) -> None:
    """Two that read one port would each get half of it: the second is refused until the first is done."""
    await line.open(9_600)
    second = SerialLine(device.port)
    with pytest.raises(SensorGone, match=f"{device.port}: in use by another program"):
        await second.open(9_600)
    await line.close()
    await second.open(9_600)
    await second.close()


async def test_a_port_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The message names the port, and what to look after."""
    with pytest.raises(SensorGone, match=f"{tmp_path}/none: there is no such port; is it plugged in"):
        await SerialLine(f"{tmp_path}/none").open(9_600)


@pytest.mark.parametrize("name", ["/dev/null", "/dev"])
async def test_what_is_no_serial_port_is_named(name: str) -> None:
    """Something else under that name is said to be no serial port."""
    with pytest.raises(SensorGone, match=f"{name}: not a serial port"):
        await SerialLine(name).open(9_600)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (PermissionError(errno.EACCES, "Permission denied"), "add the user to group dialout"),
        (OSError(errno.EBUSY, "Device or resource busy"), "in use by another program"),
        (OSError(errno.ENXIO, "No such device or address"), "nothing behind this port"),
        (ValueError("Failed to set custom baud rate (256000)"), "Failed to set custom baud rate"),
    ],
)
def test_says_what_to_do(error: Exception, words: str) -> None:
    """What Linux says of a port is told in words that somebody can act on."""
    assert words in why(error)


# --- gone --------------------------------------------------------------------------------------------------


async def test_unplugged_while_reading(device: FarEnd, line: SerialLine) -> None:
    """Whoever waits hears at once that the port is gone, and so does everybody until it is opened again."""
    await line.open(9_600)
    reading = asyncio.create_task(line.read())
    await line.write(b"are you there?")
    await device.hear(14)
    device.unplug()
    with pytest.raises(SensorGone, match=f"{device.port}: unplugged"):
        await soon(reading)

    with pytest.raises(SensorGone, match=f"{device.port}: not open"):
        await line.read()
    with pytest.raises(SensorGone, match=f"{device.port}: there is no such port"):
        await line.open(9_600)


async def test_unplugged_while_nobody_reads(device: FarEnd, line: SerialLine) -> None:
    """The next who reads hears it."""
    await line.open(9_600)
    device.unplug()
    with pytest.raises(SensorGone, match=f"{device.port}: unplugged"):
        await soon(line.read())


async def test_unplugged_before_writing(device: FarEnd, line: SerialLine) -> None:
    """A write to a port that is gone says so."""
    await line.open(9_600)
    device.unplug()
    with pytest.raises(SensorGone, match=f"{device.port}: unplugged"):
        await soon(line.write(b"are you there?"))


async def test_unplugged_while_writing(device: FarEnd, line: SerialLine) -> None:
    """A write that waits for a port hears that it is gone."""
    await line.open(9_600)
    writing = asyncio.create_task(line.write(TOO_MUCH))
    await device.hear(1)
    device.unplug()
    with pytest.raises(SensorGone, match=f"{device.port}: unplugged"):
        await soon(writing)


async def test_plugged_in_again(device: FarEnd, line: SerialLine) -> None:
    """Opened again, the port works under its old name, though it is another device to Linux."""
    await line.open(9_600)
    for _ in range(3):
        device.unplug()
        with pytest.raises(SensorGone):
            await soon(line.read())
        device.plug_in()
        await line.open(256_000)
        device.say(b"back")

        assert await soon(line.read()) == b"back"


# --- recorded ----------------------------------------------------------------------------------------------


async def test_what_the_tap_writes_down_the_replay_plays(device: FarEnd, line: SerialLine) -> None:
    """A conversation with a time-out, an unplugged port and a new beginning is the same in the replay."""
    lines: list[str] = []
    tap = TapLine(line, Tape(lines.append))
    await tap.open(256_000)
    await tap.write(b"\xff\x01")
    device.say(b"\xff\x86")
    await soon(tap.read())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await tap.read()
    device.unplug()
    with pytest.raises(SensorGone):
        await soon(tap.read())
    with pytest.raises(SensorGone):
        await tap.open(9_600)

    assert lines == ["= 256000", "> ff 01", "< ff 86", "! timeout", "! gone", "! gone"]
    replay = ReplayLine(Conversation(lines))
    await replay.open(256_000)
    await replay.write(b"\xff\x01")
    assert await replay.read() == b"\xff\x86"
    with pytest.raises(TimeoutError):
        await replay.read()
    with pytest.raises(SensorGone):
        await replay.read()
    with pytest.raises(SensorGone):
        await replay.open(9_600)


async def test_the_replay_refuses_what_was_not_recorded() -> None:
    """Another baud rate and other bytes are not what was recorded."""
    replay = ReplayLine(Conversation(["= 9600", "> ff", "> ff"]))
    with pytest.raises(Strayed):
        await replay.open(256_000)
    with pytest.raises(Strayed):
        await replay.write(b"\xfe")
    with pytest.raises(Strayed):
        await replay.read()
