# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What a sensor hangs on, each beside its replay and the tap that records it.

A bus moves bytes (or levels, or topics) and knows no sensor. It raises `bezet.errors.SensorGone` when what
hangs on it is not there, and does the waiting that a driver may not do.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping

Done = TypeVar("Done")


class I2C(Protocol):
    """Two wires with many chips; one conversation at a time, in a thread of the bus."""

    async def run(self, work: Callable[[], Done]) -> Done:
        """Do a conversation, in which `transfer` may be called as often as is wanted."""

    def transfer(self, address: int, write: bytes, read: int = 0) -> bytes:
        """Write bytes, if any, and read so many back; blocking, and only from inside `run`.

        A chip that does not acknowledge is an `OSError` of errno EREMOTEIO (on a Pi 5) or EIO.
        """

    def wait(self, wait_s: float) -> None:
        """Give a chip time in the middle of a conversation; blocking, and only from inside `run`."""


class UART(Protocol):
    """A serial line with one device at its end; eight data bits, no parity, one stop bit."""

    async def open(self, baud: int) -> None:
        """Open the line, also after it was gone; what had arrived before is dropped."""

    async def write(self, sent: bytes) -> None:
        """Send bytes."""

    async def read(self) -> bytes:
        """What has arrived, at least one byte; waits for it. `SensorGone` when the line was unplugged."""


class GPIO(Protocol):
    """The pins of the header, by their BCM numbers."""

    def watch(
        self, *pins: int, pull_up: bool = False, bounce_s: float = 0.0
    ) -> AsyncGenerator[tuple[int, bool], None]:
        """Pins, and whether each is active: now, at every change, and again at least every half minute.

        A pin is active while it is high; with `pull_up` while it is low, which is how contacts to ground are
        wired. A change counts at once if the pin was quiet for `bounce_s` before, and else when it has been.
        """


class Heard(NamedTuple):
    """A message on a topic; `retained` if the broker had kept it from before."""

    topic: str
    payload: bytes
    retained: bool = False


class MQTT(Protocol):
    """A broker on which devices of others speak."""

    def listen(self, *topic_filters: str) -> AsyncGenerator[Heard, None]:
        """What is said on these topics, from now on and what is retained."""


class TCP(Protocol):
    """A device with a TCP port of its own."""

    async def place(self) -> tuple[str, int]:
        """Host and port to connect to."""


class Program(Protocol):
    """A program that talks to what hangs on this machine."""

    async def run(self, *arguments: str) -> str:
        """What it prints; `SensorGone` if it is not installed or what it talks to is not there."""


class Bus(NamedTuple):
    """One row of the list: the classes in the bus's file (real, replay, tap), and the settings that say which
    one.

    Of `settings` a default of None means that a sensor must give it. Sensors with the same settings share a
    bus, unless it is for one alone. A real bus opens itself when it is first used, and has a coroutine
    `close`.
    """

    real: str
    replay: str
    tap: str
    settings: Mapping[str, str | int | None]
    is_shared: bool = True


#: Buses by the name of their file.
BUSES: Mapping[str, Bus] = {
    "gpio": Bus("PinBus", "ReplayPins", "TapPins", {}),
    "i2c": Bus("LinuxI2C", "ReplayI2C", "TapI2C", {"i2c": 1}),
    "uart": Bus("SerialLine", "ReplayLine", "TapLine", {"port": None}, is_shared=False),
    "tcp": Bus("RemotePort", "ReplayPort", "TapPort", {"host": None, "tcp_port": 0}),
    "cec": Bus("CecClient", "ReplayCec", "TapCec", {"cec": "/dev/cec0"}),
    "mqtt": Bus("TopicBus", "ReplayTopics", "TapTopics", {"broker": "mqtt://127.0.0.1:1883"}),
}


def load_real(name: str) -> type[Any]:
    """The class of the bus of that name, imported only now."""
    return _load(name, BUSES[name].real)


def load_replay(name: str) -> type[Any]:
    """The class that plays a `Conversation` on a bus of that name."""
    return _load(name, BUSES[name].replay)


def load_tap(name: str) -> type[Any]:
    """The class that writes on a `Tape` what is said on another bus of that name."""
    return _load(name, BUSES[name].tap)


def _load(name: str, made: str) -> type[Any]:
    found: type[Any] = getattr(import_module(f"edge.bus.{name}"), made)
    return found
