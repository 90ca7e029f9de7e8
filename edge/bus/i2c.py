# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""I²C: the bus of the Pi's header, its replay, its tap, and the faces that makers' drivers expect of a bus.

Lines of a conversation: `62 > ec 05` (written to address 62), `62 < 01 f4 …` (read from it), `62 ! nack`.
"""

from __future__ import annotations

import errno
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

#: What Linux says of a chip that does not acknowledge: EIO on older Pis, EREMOTEIO on a Pi 5, ENXIO elsewhere.
NACK = (errno.EREMOTEIO, errno.EIO, errno.ENXIO)


class LinuxI2C:
    """Bus number `i2c` of the machine, `/dev/i2c-1` on a Raspberry Pi."""

    def __init__(self, i2c: int = 1) -> None:
        self._path = Path(f"/dev/i2c-{i2c}")
        self._bus: smbus2.SMBus | None = None
        self._worker = Worker(f"i2c-{i2c}")

    async def run(self, work: Callable[[], Done]) -> Done:
        """Do a conversation in the thread of the bus; a chip that does not answer is `SensorGone`."""
        return await self._worker.run(lambda: self._talk(work))

    def _talk(self, work: Callable[[], Done]) -> Done:
        try:
            return work()
        except OSError as error:
            if error.errno in NACK:
                raise SensorGone(f"{self._path}: the chip does not answer") from error
            raise

    def transfer(self, address: int, write: bytes, read: int = 0) -> bytes:
        """One transfer, with a repeated start between what is written and what is read."""
        messages = []
        if write or not read:
            messages.append(smbus2.i2c_msg.write(address, write))
        if read:
            messages.append(smbus2.i2c_msg.read(address, read))
        self._opened().i2c_rdwr(*messages)
        return bytes(messages[-1]) if read else b""

    async def close(self) -> None:
        """Let go of the bus; a conversation that hangs is not waited for."""
        if self._bus is not None:
            self._bus.close()

    def _opened(self) -> smbus2.SMBus:
        if self._bus is None:
            if not self._path.exists():
                raise SensorGone(f"there is no {self._path}; switch I2C on with raspi-config")
            self._bus = smbus2.SMBus(str(self._path))
        return self._bus


class ReplayI2C:
    """Plays a recorded conversation; `transfer` may be called from anywhere."""

    def __init__(self, conversation: Conversation) -> None:
        self._said = conversation

    async def run(self, work: Callable[[], Done]) -> Done:
        """Do a conversation."""
        return _gone_on_nack(work)

    def transfer(self, address: int, write: bytes, read: int = 0) -> bytes:
        """What was recorded for exactly this transfer."""
        chip = f"{address:02x}"
        if self._said.peek().startswith(f"{chip} !"):
            self._said.next()
            raise OSError(errno.EREMOTEIO, "Remote I/O error (recorded)")
        if write or not read:
            self._said.say(f"{chip} >", write)
        if not read:
            return b""
        if self._said.peek().startswith(f"{chip} !"):
            self._said.next()
            raise OSError(errno.EREMOTEIO, "Remote I/O error (recorded)")
        found = self._said.hear_bytes(f"{chip} <")
        if len(found) != read:
            raise Strayed(f"{len(found)} bytes were recorded, but the driver asked for {read}")
        return found


def _gone_on_nack(work: Callable[[], Done]) -> Done:
    try:
        return work()
    except OSError as error:
        if error.errno in NACK:
            raise SensorGone("the chip does not answer") from error
        raise


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
        except OSError:
            self._tape.note(f"{chip} !", "nack")
            raise
        if write or not read:
            self._tape.note(f"{chip} >", write)
        if read:
            self._tape.note(f"{chip} <", found)
        return found


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
    """A bus as Sensirion's drivers want it: a transceiver for `sensirion_i2c_driver.I2cConnection`.

    Only to be used inside `bus.run`. (API version 1: status, error, what was received.)
    """

    API_VERSION = 1
    STATUS_OK = 0
    STATUS_CHANNEL_DISABLED = 1
    STATUS_NACK = 2
    STATUS_TIMEOUT = 3
    STATUS_UNSPECIFIED_ERROR = 4

    def __init__(self, bus: I2C) -> None:
        self._bus = bus

    @property
    def description(self) -> str:
        """What this is, for messages."""
        return "I2C"

    @property
    def channel_count(self) -> int | None:
        """One bus."""
        return None

    def transceive(
        self, slave_address: int, tx_data: bytes | None, rx_length: int | None, read_delay: float, timeout: float
    ) -> tuple[int, Exception | None, bytes]:
        """Write, wait as the datasheet wants, and read; a NACK is raised by the bus and not told as a status."""
        del timeout  # the kernel's own is one second
        if tx_data is not None:
            self._bus.transfer(slave_address, bytes(tx_data))
        if read_delay:
            time.sleep(read_delay)
        found = self._bus.transfer(slave_address, b"", rx_length) if rx_length else b""
        return self.STATUS_OK, None, found


