# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The pins of the Pi's header: the bus by gpiozero, its replay on gpiozero's own mock pins, and its tap.

Lines of a conversation: `17 1` (pin 17 is high from now on), `17 0` (low), `+ 0.2 s` (so much time passes),
and `! gone`. It begins with the level of each pin, in the order in which they are watched.

Every part hangs on a DigitalInputDevice, which hears of each edge from the kernel. A MotionSensor of gpiozero
looks ten times a second and misses what is shorter; a Button keeps a thread that wakes as often.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
import warnings
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from gpiozero import Device, DigitalInputDevice, GPIOPinInUse, PinFixedPull
from gpiozero.exc import PinFactoryFallback
from gpiozero.pins.mock import MockFactory

from bezet.errors import SensorGone
from edge.bus.conversation import Conversation, Strayed, Tape

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator

    from edge.bus import GPIO

#: A pin is said again after this time, so that silence is silence.
REPEAT_S = 30.0
LAST_PIN = 27


class Edge(NamedTuple):
    """A pin changed; `at_s` by the clock of the bus."""

    pin: int
    is_active: bool
    at_s: float


#: What gpiozero's threads tell a watch: edges, or that there will be no more.
Told = asyncio.Queue[Edge | SensorGone]


class Time(Protocol):
    """What the bus knows of time; a test or a recording has its own."""

    def now_s(self) -> float:
        """Seconds since any instant; called from any thread."""

    async def wait(self, told: Told, until_s: float) -> Edge | SensorGone | None:
        """What comes next; None if nothing did until that time."""


class RealTime:
    """Time as it passes."""

    def now_s(self) -> float:
        """Seconds that no change of the clock moves."""
        return time.monotonic()

    async def wait(self, told: Told, until_s: float) -> Edge | SensorGone | None:
        """Wait on the event loop; what has come already is not late."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(until_s - self.now_s()):
                return await told.get()
        return None


def check_pins(**pins: int) -> None:
    """`ValueError` with the name of a setting that is not a BCM number, or has that of another."""
    for name, pin in pins.items():
        if not isinstance(pin, int) or isinstance(pin, bool) or not 0 <= pin <= LAST_PIN:
            raise ValueError(f"{name} = {pin!r}: a pin is wanted by its BCM number, 0 to {LAST_PIN}")
        same = next(other for other, known in pins.items() if known == pin)
        if same != name:
            raise ValueError(f"{name} = {pin}: this pin is {same} already")


class PinBus:
    """The pins of this machine, or of another `factory` of gpiozero."""

    def __init__(self, factory: Any = None, timing: Time | None = None) -> None:
        self._factory = factory
        self._time = timing or RealTime()
        self._watches: set[_Watch] = set()

    async def watch(
        self, *pins: int, pull_up: bool = False, bounce_s: float = 0.0
    ) -> AsyncGenerator[tuple[int, bool], None]:
        """Pins, and whether each is active: now, at every change, and again every half minute.

        A pin that cannot be had is `SensorGone`; one that another sensor has is `ValueError`.
        """
        for pin in pins:
            check_pins(pin=pin)
        watch = _Watch(self._time)
        self._watches.add(watch)
        try:
            for pin in pins:
                watch.add(pin, self._open(pin, pull_up=pull_up), bounce_s)
            while True:
                for word in watch.words():
                    yield word
                await watch.wait()
        finally:
            watch.close("")
            self._watches.discard(watch)

    async def close(self) -> None:
        """Let go of all pins; who watches one is told that it is gone."""
        for watch in self._watches:
            watch.close("the bus was closed")

    def _open(self, pin: int, *, pull_up: bool) -> Any:
        try:
            factory = self._factory or _default_factory()
            return DigitalInputDevice(pin, pull_up=pull_up, pin_factory=factory)
        except GPIOPinInUse:
            raise ValueError(f"pin = {pin}: another sensor has this pin") from None
        except PinFixedPull:
            raise ValueError(f"pin = {pin}: the board itself pulls this pin up; take another") from None
        except SensorGone:
            raise
        except Exception as error:  # lgpio has an error of its own, which only lgpio knows
            raise SensorGone(f"pin {pin} cannot be had: {error}") from error


def _default_factory() -> Any:
    """What gpiozero chooses, as long as it is its first choice: no other knows the pins of a Pi 5."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", PinFactoryFallback)
            Device.ensure_pin_factory()
    except Exception as error:
        cause = error.__context__ if isinstance(error, PinFactoryFallback) else error
        raise SensorGone(f"no pins here: {cause}; {_remedy(cause)}") from error
    return Device.pin_factory


def _remedy(cause: BaseException | None) -> str:
    if isinstance(cause, ImportError):
        return "install lgpio: apt install python3-lgpio, or pip install lgpio"
    if ".lgd-nfy" in str(cause):
        return "lgpio writes in the working directory: start this where its user may write"
    return "this must be a Raspberry Pi, with its user in the group gpio"


class _Watch:
    """One call of `PinBus.watch`: its pins, and what it is told of them by other threads."""

    def __init__(self, timing: Time) -> None:
        self._time = timing
        self._loop = asyncio.get_running_loop()
        self._told: Told = asyncio.Queue()
        self._devices: dict[int, Any] = {}
        self._opened = contextlib.ExitStack()
        self._contacts: dict[int, Contact] = {}
        self._edge: Edge | None = None
        self._repeat_s = -math.inf

    def add(self, pin: int, device: Any, bounce_s: float) -> None:
        self._devices[pin] = self._opened.enter_context(device)
        device.when_activated = partial(self._tell, pin, True)
        device.when_deactivated = partial(self._tell, pin, False)
        # The state at the start is no edge to gpiozero; looked at last, so that none is lost in between.
        self._contacts[pin] = Contact(is_active=self._look(pin), bounce_s=bounce_s)

    def _tell(self, pin: int, is_active: bool) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens
            edge = Edge(pin, is_active, self._time.now_s())
            self._loop.call_soon_threadsafe(self._told.put_nowait, edge)

    def words(self) -> Iterator[tuple[int, bool]]:
        """What is to be said now."""
        edge, self._edge = self._edge, None
        now_s = self._time.now_s() if edge is None else edge.at_s
        for pin, contact in self._contacts.items():
            if contact.settle(now_s):
                yield pin, contact.said
        if edge is not None and self._contacts[edge.pin].change(edge.at_s, is_active=edge.is_active):
            yield edge.pin, edge.is_active
        if now_s >= self._repeat_s:
            self._repeat_s = now_s + REPEAT_S
            for pin, contact in self._contacts.items():
                contact.change(now_s, is_active=self._look(pin))  # an edge may have been lost on its way
                yield pin, contact.said

    def _look(self, pin: int) -> bool:
        try:
            return bool(self._devices[pin].is_active)
        except Exception as error:  # see PinBus._open
            raise SensorGone(f"pin {pin} cannot be read: {error}") from error

    async def wait(self) -> None:
        """Wait for an edge, or for the time when something is to be said without one."""
        settles_s = min((contact.settles_s for contact in self._contacts.values()), default=math.inf)
        found = await self._time.wait(self._told, min(self._repeat_s, settles_s))
        if isinstance(found, SensorGone):
            raise found
        self._edge = found

    def close(self, why: str) -> None:
        self._told.put_nowait(SensorGone(why))
        self._opened.close()


class Contact:
    """What is said of one pin, by the times of its edges: the shortest touch, and one that bounces only once.

    A change counts at once if the pin was quiet for `bounce_s` before, and else when it has been.
    """

    def __init__(self, *, is_active: bool, bounce_s: float) -> None:
        self.said = is_active
        self._is_active = is_active
        self._bounce_s = bounce_s
        self._quiet_s = -math.inf

    @property
    def settles_s(self) -> float:
        """When it will have been quiet in a state that was not said; infinity if there is none."""
        return math.inf if self._is_active == self.said else self._quiet_s

    def settle(self, now_s: float) -> bool:
        """Time passed; returns whether `said` is new by that."""
        is_new = now_s >= self.settles_s
        if is_new:
            self.said = self._is_active
        return is_new

    def change(self, at_s: float, *, is_active: bool) -> bool:
        """The pin changed, after it settled; returns whether `said` is new by that."""
        if is_active == self._is_active:
            return False
        is_new = at_s >= self._quiet_s
        self._is_active, self._quiet_s = is_active, at_s + self._bounce_s
        if is_new:
            self.said = is_active
        return is_new


# --- recordings ---------------------------------------------------------------------------------------------


class ReplayPins(PinBus):
    """Plays a recorded conversation on mock pins, while whoever watches them waits."""

    def __init__(self, conversation: Conversation) -> None:
        self._recorded = _RecordedTime(conversation)
        super().__init__(self._recorded.factory, self._recorded)

    def _open(self, pin: int, *, pull_up: bool) -> Any:
        with contextlib.ExitStack() as opened:
            device = opened.enter_context(super()._open(pin, pull_up=pull_up))
            self._recorded.begin(pin)
            opened.pop_all()
        return device


class _RecordedTime:
    """Time passes where a line says so."""

    def __init__(self, conversation: Conversation) -> None:
        self.factory = MockFactory()
        self._said = conversation
        self._now_s = 0.0

    def now_s(self) -> float:
        return self._now_s

    async def wait(self, told: Told, until_s: float) -> Edge | SensorGone | None:
        while told.empty() and self._now_s < until_s:
            self.play()
            await asyncio.sleep(0)  # edges arrive by way of the loop
        return None if told.empty() else told.get_nowait()

    def begin(self, pin: int) -> None:
        """Play the level that a pin has when somebody begins to watch it."""
        while self._said.peek().startswith("+"):
            self.play()
        line = self._said.peek()
        if line and not line.startswith((f"{pin} ", "!")):
            raise Strayed(f"recorded {line!r}, but the driver begins to watch pin {pin}")
        self.play()

    def play(self) -> None:
        """Play the next line."""
        line = self._said.next()
        self._said.raise_fault(line)
        mark, _, rest = line.partition(" ")
        if mark == "+":
            self._now_s += float(rest.removesuffix(" s"))
            return
        pin = self.factory.pin(int(mark))
        if pin.when_changed is None:
            raise Strayed(f"{line!r} was recorded, but the driver does not watch this pin")
        (pin.drive_high if rest == "1" else pin.drive_low)()


class TapPins:
    """Writes down what is said on another bus, as levels and the time between them."""

    def __init__(self, bus: GPIO, tape: Tape, now_s: Callable[[], float] = time.monotonic) -> None:
        self._bus = bus
        self._tape = tape
        self._now_s = now_s
        self._since_s = now_s()

    async def watch(
        self, *pins: int, pull_up: bool = False, bounce_s: float = 0.0
    ) -> AsyncGenerator[tuple[int, bool], None]:
        """Watch pins of the other bus, and write down what they do."""
        said: dict[int, bool] = {}
        try:
            async with aclosing(self._bus.watch(*pins, pull_up=pull_up, bounce_s=bounce_s)) as words:
                async for pin, is_active in words:
                    self._pass_time(is_start=len(said) < len(pins))
                    if said.get(pin) != is_active:
                        self._tape.note(str(pin), str(int(is_active != pull_up)))
                    said[pin] = is_active
                    yield pin, is_active
        except SensorGone as error:
            self._tape.fault(error)
            raise

    def _pass_time(self, *, is_start: bool) -> None:
        last_s, self._since_s = self._since_s, self._now_s()
        # Rounded up, so that what was due in time is due in the recording.
        passed_ms = math.ceil(round((self._since_s - last_s) * 1000, 3))
        if passed_ms and not is_start:
            self._tape.note("+", f"{passed_ms / 1000:g} s")
