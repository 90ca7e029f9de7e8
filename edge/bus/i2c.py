# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""I²C: the bus of the Pi's header, its replay, its tap, and the faces that makers' drivers expect of a bus.

Lines of a conversation: `62 > ec 05` (written to address 62), `62 < 01 f4 …` (read from it), `62 ! nack` and
`62 ! timeout` (instead of either).
"""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import smbus2

from bezet.errors import SensorGone
from edge.bus.conversation import Conversation, Strayed, Tape
from edge.bus.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.bus import I2C

Done = TypeVar("Done")

#: What Linux says of a chip that does not acknowledge: EIO on older Pis, EREMOTEIO on a Pi 5, or ENXIO.
NACK = (errno.EREMOTEIO, errno.EIO, errno.ENXIO)
#: What may go wrong with a transfer, by its word in a conversation.
FAULTS = {"nack": errno.EREMOTEIO, "timeout": errno.ETIMEDOUT}


def _answered(work: Callable[[], Done], where: object) -> Done:
    """What comes of a conversation; `SensorGone` if the chip did not acknowledge."""
    try:
        return work()
    except OSError as error:
        if error.errno in NACK:
            raise SensorGone(f"{where}: the chip does not answer") from error
        raise


class LinuxI2C:
    """Bus number `i2c` of the machine, `/dev/i2c-1` on a Raspberry Pi."""

    def __init__(self, i2c: int = 1) -> None:
        self._path = Path(f"/dev/i2c-{i2c}")
        self._bus: smbus2.SMBus | None = None
        self._worker = Worker(f"i2c-{i2c}")

    async def run(self, work: Callable[[], Done]) -> Done:
        """Do a conversation in the thread of the bus; a chip that does not answer is `SensorGone`."""
        return await self._worker.run(lambda: _answered(work, self._path))

    def transfer(self, address: int, write: bytes, read: int = 0) -> bytes:
        """One transfer, with a repeated start between what is written and what is read."""
        messages = messages_of(address, write, read)
        self._opened().i2c_rdwr(*messages)
        return bytes(messages[-1]) if read else b""

    def wait(self, wait_s: float) -> None:
        """Give the chip time; the others on the bus wait too."""
        time.sleep(wait_s)

    async def close(self) -> None:
        """Let go of the bus after what is being said; a conversation that hangs is not waited for."""
        self._worker.close(self._let_go)

    def _opened(self) -> smbus2.SMBus:
        if self._bus is None:
            if not self._path.exists():
                raise SensorGone(f"there is no {self._path}; switch I2C on with raspi-config")
            self._bus = smbus2.SMBus(str(self._path))
        return self._bus

    def _let_go(self) -> None:
        if self._bus is not None:
            self._bus.close()
            self._bus = None


def messages_of(address: int, write: bytes, read: int) -> list[smbus2.i2c_msg]:
    """A transfer as Linux takes it; with nothing to write or to read it asks whether the chip is there."""
    written = [smbus2.i2c_msg.write(address, write)] if write or not read else []
    return [*written, smbus2.i2c_msg.read(address, read)] if read else written


class ReplayI2C:
    """Plays a recorded conversation; `transfer` may be called from anywhere, and nothing waits."""

    def __init__(self, conversation: Conversation) -> None:
        self._said = conversation

    async def run(self, work: Callable[[], Done]) -> Done:
        """Do a conversation."""
        return _answered(work, "recorded")

    def transfer(self, address: int, write: bytes, read: int = 0) -> bytes:
        """What was recorded for exactly this transfer."""
        chip = f"{address:02x}"
        self._raise_fault(chip)
        if write or not read:
            self._said.say(f"{chip} >", write)
        if not read:
            return b""
        self._raise_fault(chip)
        found = self._said.hear_bytes(f"{chip} <")
        if len(found) != read:
            raise Strayed(f"{len(found)} bytes were recorded, but the driver asked for {read}")
        return found

    def wait(self, wait_s: float) -> None:
        """Nothing is there to wait for."""

    def _raise_fault(self, chip: str) -> None:
        """Raise what went wrong, if the next line tells of it."""
        mark, _, fault = self._said.peek().partition(" ! ")
        if mark == chip and fault in FAULTS:
            self._said.next()
            raise OSError(FAULTS[fault], f"{os.strerror(FAULTS[fault])} (recorded)")


class TapI2C:
    """Writes down what is said on another bus."""

    def __init__(self, bus: I2C, tape: Tape) -> None:
        self._bus = bus
        self._tape = tape

    async def run(self, work: Callable[[], Done]) -> Done:
        """Do a conversation on the other bus."""
        return await self._bus.run(work)

    def transfer(self, address: int, write: bytes, read: int = 0) -> bytes:
        """Transfer on the other bus, and write it down."""
        chip = f"{address:02x}"
        try:
            found = self._bus.transfer(address, write, read)
        except SensorGone as error:
            self._tape.fault(error)
            raise
        except OSError as error:
            self._tape.note(f"{chip} !", "timeout" if isinstance(error, TimeoutError) else "nack")
            raise
        if write or not read:
            self._tape.note(f"{chip} >", write)
        if read:
            self._tape.note(f"{chip} <", found)
        return found

    def wait(self, wait_s: float) -> None:
        """Wait as the other bus does."""
        self._bus.wait(wait_s)


# --- the faces that makers' drivers expect -----------------------------------------------------------------


class CircuitPythonFace:
    """A bus as Adafruit's drivers want it (busio.I2C): `SomeChip(CircuitPythonFace(bus), address=…)`.

    Only to be used inside `bus.run`.
    """

    def __init__(self, bus: I2C) -> None:
        self._bus = bus

    def try_lock(self) -> bool:
        """The bus has one conversation at a time already."""
        return True

    def unlock(self) -> None:
        """See `try_lock`."""

    def writeto(self, address: int, buffer: Any, *, start: int = 0, end: int | None = None) -> None:
        """Write a part of a buffer; an empty one asks whether the chip is there."""
        self._bus.transfer(address, bytes(buffer[start:end]))

    def readfrom_into(self, address: int, buffer: Any, *, start: int = 0, end: int | None = None) -> None:
        """Read into a part of a buffer."""
        length = len(buffer[start:end])
        buffer[start : start + length] = self._bus.transfer(address, b"", length)

    def writeto_then_readfrom(
        self,
        address: int,
        buffer_out: Any,
        buffer_in: Any,
        *,
        out_start: int = 0,
        out_end: int | None = None,
        in_start: int = 0,
        in_end: int | None = None,
    ) -> None:
        """Write a part of one buffer, and read into a part of the other after a repeated start."""
        length = len(buffer_in[in_start:in_end])
        found = self._bus.transfer(address, bytes(buffer_out[out_start:out_end]), length)
        buffer_in[in_start : in_start + length] = found


class SensirionFace:
    """A bus as Sensirion's drivers want it: `I2cChannel(SensirionFace(bus), …)`, for their `I2cConnection`.

    Only to be used inside `bus.run`. It says what theirs says, but the bus does the waiting; and after a
    command without an answer it waits once, where theirs waits twice.
    """

    def __init__(self, bus: I2C) -> None:
        self._bus = bus

    def execute(self, slave_address: int, command: Any) -> Any:
        """Write, wait as long as the datasheet wants, read, and make of it what the command makes of it."""
        found = b""
        if command.tx_data is not None:
            self._bus.transfer(slave_address, bytes(command.tx_data))
        if command.rx_length:
            self._bus.wait(command.read_delay)
            found = self._bus.transfer(slave_address, b"", command.rx_length)
        self._bus.wait(command.post_processing_time)
        return command.interpret_response(found)
