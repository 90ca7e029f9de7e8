# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""I²C: the bus of a machine that has none, the tap and the replay, and the faces for makers' drivers."""

from __future__ import annotations

import asyncio
import errno
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import pytest
from adafruit_bus_device.i2c_device import I2CDevice
from hypothesis import given
from hypothesis import strategies as st
from sensirion_driver_adapters.i2c_adapter.i2c_channel import I2cChannel
from sensirion_i2c_driver import CrcCalculator, I2cConnection
from sensirion_i2c_scd4x.device import Scd4xDevice

from bezet.errors import SensorGone
from edge.bus.conversation import Conversation, Played, Strayed, Tape
from edge.bus.i2c import (
    NACK,
    CircuitPythonFace,
    LinuxI2C,
    ReplayI2C,
    SensirionFace,
    TapI2C,
    messages_of,
)
from tests.bezet.strategies import unhurried

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from edge.bus import I2C

Done = TypeVar("Done")
#: No machine has so many buses.
NO_BUS = 9_999
PATIENCE_S = 10.0


def replay(*lines: str) -> tuple[ReplayI2C, Conversation]:
    """A bus that plays these lines, and what is left of them."""
    conversation = Conversation(lines)
    return ReplayI2C(conversation), conversation


# --- the bus of the machine -------------------------------------------------------------------------------


async def test_a_bus_that_is_not_there_is_gone() -> None:
    """Without the kernel's file the chip is gone, and whoever reads it is told what to do."""
    bus = LinuxI2C(NO_BUS)

    with pytest.raises(SensorGone, match="there is no /dev/i2c-9999; switch I2C on with raspi-config"):
        await bus.run(lambda: bus.transfer(0x62, b"\xe4\xb8", 3))
    await bus.close()


@pytest.mark.parametrize("number", NACK)
async def test_no_acknowledge_is_gone(number: int) -> None:
    """Whatever number a kernel has for it: a chip that does not acknowledge is gone."""
    bus = LinuxI2C(NO_BUS)

    def refuse() -> None:
        raise OSError(number, "Remote I/O error")

    with pytest.raises(SensorGone, match="/dev/i2c-9999: the chip does not answer") as raised:
        await bus.run(refuse)
    assert isinstance(raised.value.__cause__, OSError)
    await bus.close()


@pytest.mark.parametrize("number", [errno.ETIMEDOUT, errno.EAGAIN, errno.EBUSY])
async def test_another_fault_stays_what_it_is(number: int) -> None:
    """A bus that is held or busy says nothing about the chip being there."""
    bus = LinuxI2C(NO_BUS)

    def fail() -> None:
        raise OSError(number, "fault")

    with pytest.raises(OSError, match="fault") as raised:
        await bus.run(fail)
    assert raised.value.errno == number
    await bus.close()


async def test_a_conversation_that_hangs_holds_up_its_own_bus_only() -> None:
    """Another bus, and closing, do not wait for it; its bus ends when it does."""
    stuck, free, begun, let_go = LinuxI2C(NO_BUS), LinuxI2C(NO_BUS + 1), threading.Event(), threading.Event()

    def hang() -> bool:
        begun.set()
        return let_go.wait(PATIENCE_S)

    waiting = asyncio.create_task(stuck.run(hang))
    assert await asyncio.to_thread(begun.wait, PATIENCE_S)
    (thread,) = (thread for thread in threading.enumerate() if thread.name == f"i2c-{NO_BUS}")

    assert await free.run(lambda: "free") == "free"
    await free.close()
    await stuck.close()
    assert not waiting.done()

    let_go.set()
    assert await waiting
    await asyncio.to_thread(thread.join, PATIENCE_S)
    assert not thread.is_alive()


async def test_a_bus_that_nobody_used_is_closed() -> None:
    """There is nothing to let go of before the first transfer, nor the second time."""
    bus = LinuxI2C(NO_BUS)

    await bus.close()
    await bus.close()


@pytest.mark.parametrize(
    ("write", "read", "messages"),
    [
        (b"\xe4\xb8", 0, [(0, 2)]),
        (b"", 3, [(1, 3)]),
        (b"\x02", 2, [(0, 1), (1, 2)]),
        (b"", 0, [(0, 0)]),
    ],
)
def test_a_transfer_is_one_turn_of_the_kernel(
    write: bytes, read: int, messages: list[tuple[int, int]]
) -> None:
    """Written and then read without a stop in between; with neither, an empty write asks for the chip."""
    found = messages_of(0x62, write, read)

    assert [(one.flags, one.len) for one in found] == messages
    assert {one.addr for one in found} == {0x62}
    assert b"".join(bytes(one) for one in found if not one.flags) == write


# --- the tap writes what the replay plays -----------------------------------------------------------------


class Transfer(NamedTuple):
    """What is asked of a bus, and what comes of it: as many bytes as were asked for, or an error."""

    address: int
    write: bytes
    answer: bytes
    error: Exception | None = None

    def on(self, bus: I2C) -> tuple[bytes, type[BaseException] | None, int | None]:
        """What comes of it on a bus."""
        try:
            return bus.transfer(self.address, self.write, len(self.answer)), None, None
        except (OSError, SensorGone) as error:
            return b"", type(error), getattr(error, "errno", None)


class Chips:
    """A bus on which chips answer what they are told to, and which writes down how long it waited."""

    def __init__(self, answers: Sequence[Transfer] = ()) -> None:
        self._answers: Iterator[Transfer] = iter(answers)
        self.waited_s: list[float] = []

    async def run(self, work: Callable[[], Done]) -> Done:
        """Do it here and now."""
        return work()

    def transfer(self, address: int, write: bytes, read: int = 0) -> bytes:
        """The next answer."""
        told = next(self._answers)
        assert (address, write, read) == (told.address, told.write, len(told.answer))
        if told.error is not None:
            raise told.error
        return told.answer

    def wait(self, wait_s: float) -> None:
        """Write it down."""
        self.waited_s.append(wait_s)


faults = st.builds(
    lambda made: made(),
    st.sampled_from(
        [
            lambda: OSError(errno.EREMOTEIO, "Remote I/O error"),
            lambda: OSError(errno.ETIMEDOUT, "Connection timed out"),
            lambda: SensorGone("there is no bus"),
        ]
    ),
)
transfers = st.builds(
    Transfer,
    st.integers(0x03, 0x77),
    st.binary(max_size=40),
    st.binary(max_size=40),
    st.none() | st.none() | faults,
)


@unhurried
@given(st.lists(transfers, max_size=20))
def test_the_tap_writes_what_the_replay_plays(told: list[Transfer]) -> None:
    """Whatever is said on a bus and whatever goes wrong, a replay of the tape says the same, all of it."""
    lines: list[str] = []
    tap = TapI2C(Chips(told), Tape(lines.append))
    said = [one.on(tap) for one in told]
    played, left = replay(*lines)

    assert [one.on(played) for one in told] == said
    assert left.left == []
    assert said == [
        (one.answer, None, None)
        if one.error is None
        else (b"", type(one.error), getattr(one.error, "errno", None))
        for one in told
    ]


async def test_the_tap_is_not_in_the_way() -> None:
    """Conversations and waits go through a tap to the bus behind it."""
    chips = Chips()
    tap = TapI2C(chips, Tape(lambda _: None))

    assert await tap.run(lambda: "done") == "done"
    tap.wait(0.5)
    assert chips.waited_s == [0.5]


@pytest.mark.parametrize(
    "line", ["62 > e4 b9", "63 > e4 b8", "62 < 80 06 04", "63 ! nack", "62 ! broken", "62 > e4"]
)
def test_a_driver_that_says_something_else_strays(line: str) -> None:
    """Other bytes, another chip, or a word that means nothing are not taken for what was recorded."""
    bus, _ = replay(line)

    with pytest.raises(Strayed):
        bus.transfer(0x62, b"\xe4\xb8", 3)


@pytest.mark.parametrize("line", ["62 < 80 06", "62 < 80 06 04 00", "63 < 80 06 04", "62 > 80 06 04"])
def test_a_driver_that_hears_something_else_strays(line: str) -> None:
    """An answer of another length, or of another chip, is not what was recorded."""
    bus, _ = replay("62 > e4 b8", line)

    with pytest.raises(Strayed):
        bus.transfer(0x62, b"\xe4\xb8", 3)


async def test_a_replay_ends() -> None:
    """After the last line all is played; a recorded NACK is gone by the time it leaves the bus."""
    bus, _ = replay("62 ! nack")

    with pytest.raises(SensorGone, match="recorded: the chip does not answer"):
        await bus.run(lambda: bus.transfer(0x62, b"\xe4\xb8", 3))
    with pytest.raises(Played):
        bus.transfer(0x62, b"\xe4\xb8", 3)


# --- Adafruit's I2CDevice ---------------------------------------------------------------------------------


def test_adafruits_device_writes_and_reads() -> None:
    """Their device finds the chip and says parts of buffers, at the places where it wants them."""
    bus, left = replay("40 >", "40 > 02 03", "40 < aa bb", "40 > 07", "40 < cc dd ee")
    device = I2CDevice(CircuitPythonFace(bus), 0x40)
    buffer = bytearray(6)

    with device:
        device.write(bytes([1, 2, 3, 4]), start=1, end=3)
        device.readinto(buffer, start=4)
        buffer[0] = 7
        device.write_then_readinto(buffer, buffer, out_end=1, in_start=1, in_end=4)

    assert buffer == bytes.fromhex("07 cc dd ee aa bb")
    assert left.left == []


def test_adafruits_device_reads_where_nobody_writes_nothing() -> None:
    """Where a kernel does not take the empty write, their device reads a byte to find the chip."""
    told = [
        Transfer(0x40, b"", b"", OSError(errno.EOPNOTSUPP, "Operation not supported")),
        Transfer(0x40, b"", b"\x00"),
    ]

    I2CDevice(CircuitPythonFace(Chips(told)), 0x40)


def test_adafruits_device_has_words_of_its_own_for_an_absent_chip() -> None:
    """A chip that acknowledges neither way is a `ValueError` of theirs, which a driver has to know."""
    bus, left = replay("40 ! nack", "40 ! nack")

    with pytest.raises(ValueError, match="No I2C device at address: 0x40"):
        I2CDevice(CircuitPythonFace(bus), 0x40)
    assert left.left == []


@unhurried
@given(st.binary(min_size=1, max_size=30), st.binary(min_size=1, max_size=30), st.data())
def test_adafruits_device_cuts_its_buffers_anyhow(write: bytes, answer: bytes, data: st.DataObject) -> None:
    """Any part of a buffer is written, and an answer goes to any place of another and nowhere else."""
    start = data.draw(st.integers(0, len(write) - 1))
    end = data.draw(st.integers(start + 1, len(write)))
    before, behind = data.draw(st.binary(max_size=5)), data.draw(st.binary(max_size=5))
    buffer = bytearray(before + bytes(len(answer)) + behind)
    device = I2CDevice(
        CircuitPythonFace(Chips([Transfer(0x40, write[start:end], answer)])), 0x40, probe=False
    )

    device.write_then_readinto(
        write, buffer, out_start=start, out_end=end, in_start=len(before), in_end=len(before + answer)
    )

    assert buffer == before + answer + behind


# --- Sensirion's I2cConnection ----------------------------------------------------------------------------


class Transceiver:
    """What Sensirion's own connection expects below it, without a wait."""

    API_VERSION = 1
    channel_count = None

    def __init__(self, bus: I2C) -> None:
        self._bus = bus

    def transceive(
        self,
        slave_address: int,
        tx_data: bytes | None,
        rx_length: int | None,
        read_delay: float,
        timeout: float,
    ) -> tuple[int, None, bytes]:
        """Status, error, what was received."""
        del read_delay, timeout
        if tx_data is not None:
            self._bus.transfer(slave_address, tx_data)
        return 0, None, self._bus.transfer(slave_address, b"", rx_length) if rx_length else b""


@dataclass
class Command:
    """A command as Sensirion's drivers make them."""

    tx_data: bytes | None
    rx_length: int | None
    error: Exception | None = None
    read_delay: float = 0.0
    timeout: float = 0.0
    post_processing_time: float = 0.0
    heard: list[bytes] = field(default_factory=list)

    def interpret_response(self, found: bytes) -> bytes:
        """What was heard, or the error."""
        self.heard.append(found)
        if self.error is not None:
            raise self.error
        return found


def outcome(execute: Callable[[int, Any], Any], command: Command) -> object:
    """What a command gives, or the error that it raises."""
    try:
        return execute(0x62, command)
    except (OSError, ValueError) as error:
        return error


@unhurried
@given(
    st.none() | st.binary(min_size=1, max_size=10),
    st.none() | st.integers(0, 18),
    st.none() | st.just(ValueError("checksum")),
    st.randoms(use_true_random=False),
    st.booleans(),
)
def test_sensirions_connection_says_the_same(
    write: bytes | None, read: int | None, error: Exception | None, dice: Any, is_there: bool
) -> None:
    """Their connection and our face make the same transfers, and the same answers and errors of them."""
    refusal = None if is_there else OSError(errno.EREMOTEIO, "Remote I/O error")
    told = [Transfer(0x62, write, b"", refusal)] if write is not None else []
    told += [Transfer(0x62, b"", dice.randbytes(read), refusal)] if read else []
    theirs, ours = Command(write, read, error), Command(write, read, error)

    expected = outcome(I2cConnection(Transceiver(Chips(told))).execute, theirs)

    assert outcome(SensirionFace(Chips(told)).execute, ours) == expected
    assert ours.heard == theirs.heard


def test_the_bus_waits_for_sensirions_chips() -> None:
    """The bus waits as long as the datasheet wants, once: 500 ms after a stop, 1 ms before an answer."""
    told = [
        Transfer(0x62, b"\x3f\x86", b""),
        Transfer(0x62, b"\xe4\xb8", b""),
        Transfer(0x62, b"", b"\x80\x06\x04"),
    ]
    chips = Chips(told)
    chip = Scd4xDevice(I2cChannel(SensirionFace(chips), 0x62, CrcCalculator(8, 0x31, 0xFF, 0x00)))

    chip.stop_periodic_measurement()
    assert sum(chips.waited_s) == 0.5
    chips.waited_s.clear()

    assert chip.get_data_ready_status()
    assert sum(chips.waited_s) == 0.001
