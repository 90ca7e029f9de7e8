# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from gpiozero.pins.mock import MockFactory, MockPin
from hypothesis import given
from hypothesis import strategies as st

from bezet.errors import SensorGone
from edge.bus.conversation import Conversation, Played, Strayed, Tape
from edge.bus.gpio import REPEAT_S, Contact, PinBus, ReplayPins, TapPins, check_pins

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from edge.bus.gpio import Edge, Told

IS_PI = Path("/proc/device-tree/system/linux,revision").exists()


class HeldPin(MockPin):  # type: ignore[misc]
    """A mock pin whose part holds its level, whatever the resistor in the Pi pulls."""

    level: bool | None = None

    def _set_pull(self, value: str) -> None:
        super()._set_pull(value)
        if self.level is not None:
            (self.drive_high if self.level else self.drive_low)()


class HandTime:
    """Time that passes when a test says so; who waits is woken by a tick."""

    def __init__(self) -> None:
        self._now_s = 0.0
        self._waiting: list[Any] = []

    def now_s(self) -> float:
        """Seconds since the test began."""
        return self._now_s

    def pass_to(self, now_s: float) -> None:
        """It is so many seconds after the test began."""
        self._now_s = now_s
        for told in self._waiting:
            told.put_nowait(None)

    async def wait(self, told: Told, until_s: float) -> Edge | SensorGone | None:
        """Wait for an edge, or for the test to let so much time pass."""
        if told not in self._waiting:
            self._waiting.append(told)
        while self._now_s < until_s or not told.empty():
            found: Edge | SensorGone | None = await told.get()
            if found is not None:
                return found
        return None


async def take(words: AsyncIterator[tuple[int, bool]], count: int) -> list[tuple[int, bool]]:
    """So many words."""
    return [await anext(words) for _ in range(count)]


def wiggle(pin: Any, edges: int) -> threading.Thread:
    """Drive a pin up and down so many times from a thread, as gpiozero's callbacks come from one."""

    def drive() -> None:
        for number in range(edges):
            (pin.drive_low if number % 2 else pin.drive_high)()

    thread = threading.Thread(target=drive)
    thread.start()
    return thread


# --- what a pin says ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", [True, False])
@pytest.mark.parametrize("pull_up", [True, False])
async def test_the_state_at_the_start_is_said(*, level: bool, pull_up: bool) -> None:
    """A pin says how it is at once, though no edge comes; pulled up, it is active while it is low."""
    factory = MockFactory(pin_class=HeldPin)
    factory.pin(17).level = level

    async with aclosing(PinBus(factory).watch(17, pull_up=pull_up)) as words:
        assert await anext(words) == (17, level != pull_up)


async def test_none_of_a_thousand_edges_is_lost() -> None:
    """Every edge that another thread tells is said, in order."""
    factory = MockFactory()
    async with aclosing(PinBus(factory).watch(17)) as words:
        assert await anext(words) == (17, False)
        thread = wiggle(factory.pin(17), 1_000)
        assert await take(words, 1_000) == [(17, True), (17, False)] * 500
        thread.join()


async def test_edges_wait_for_whoever_is_slow() -> None:
    """What happened while nobody asked is said afterwards, in order."""
    factory = MockFactory()
    async with aclosing(PinBus(factory).watch(17)) as words:
        await anext(words)
        wiggle(factory.pin(17), 7).join()
        assert [is_active for _, is_active in await take(words, 7)] == [True, False] * 3 + [True]


async def test_two_watch_two_pins() -> None:
    """Two sensors on one bus hear their own pin only, both without loss."""
    factory = MockFactory()
    bus = PinBus(factory)
    async with aclosing(bus.watch(17)) as left, aclosing(bus.watch(27)) as right:
        await anext(left)
        await anext(right)
        threads = [wiggle(factory.pin(pin), 500) for pin in (17, 27)]
        heard = await asyncio.gather(take(left, 500), take(right, 500))
        assert list(heard) == [[(pin, True), (pin, False)] * 250 for pin in (17, 27)]
        for thread in threads:
            thread.join()


async def test_several_pins_in_the_order_of_their_edges() -> None:
    """Who watches several pins hears them in the order in which they changed."""
    factory = MockFactory()
    async with aclosing(PinBus(factory).watch(5, 6)) as words:
        assert await take(words, 2) == [(5, False), (6, False)]
        factory.pin(6).drive_high()
        factory.pin(5).drive_high()
        factory.pin(6).drive_low()
        assert await take(words, 3) == [(6, True), (5, True), (6, False)]


# --- time ---------------------------------------------------------------------------------------------------


async def test_every_pin_is_said_again() -> None:
    """After half a minute each pin is said again, also while another one changes all the time."""
    factory, timing = MockFactory(), HandTime()
    async with aclosing(PinBus(factory, timing).watch(5, 6)) as words:
        await take(words, 2)
        timing.pass_to(REPEAT_S - 1)
        factory.pin(5).drive_high()
        assert await anext(words) == (5, True)
        timing.pass_to(REPEAT_S)
        assert await take(words, 2) == [(5, True), (6, False)]
        timing.pass_to(2 * REPEAT_S)
        assert await take(words, 2) == [(5, True), (6, False)]


async def test_a_lost_edge_is_made_good() -> None:
    """A change of which the kernel did not tell is found when the pin is said again."""
    factory, timing = MockFactory(), HandTime()
    async with aclosing(PinBus(factory, timing).watch(17)) as words:
        await anext(words)
        factory.pin(17).edges = "none"
        factory.pin(17).drive_high()
        timing.pass_to(REPEAT_S)
        assert await anext(words) == (17, True)


async def test_real_time_comes_to_an_end() -> None:
    """What bounced is said when it has settled, by the clock of the machine."""
    factory = MockFactory()
    async with aclosing(PinBus(factory).watch(17, bounce_s=0.01)) as words:
        await anext(words)
        wiggle(factory.pin(17), 4).join()
        assert await take(words, 2) == [(17, True), (17, False)]


async def test_bouncing_is_judged_by_the_time_of_the_edges() -> None:
    """Three presses stay three, and one that bounced stays one, even if nobody looked until afterwards."""
    factory, timing = MockFactory(), HandTime()
    async with aclosing(PinBus(factory, timing).watch(17, bounce_s=0.03)) as words:
        await anext(words)
        for after_s in (1, 0.05, 0.05, 0.05, 0.05, 0.01, 0.01, 0.05, 1):
            timing.pass_to(timing.now_s() + after_s)
            pin = factory.pin(17)
            (pin.drive_low if pin.state else pin.drive_high)()
        assert [is_active for _, is_active in await take(words, 7)] == [True, False] * 3 + [True]


@given(gaps_ms=st.lists(st.integers(0, 100), max_size=30), bounce_ms=st.integers(0, 50))
def test_what_is_said_of_a_contact(gaps_ms: list[int], bounce_ms: int) -> None:
    """A change out of quiet is said at once; words alternate, two a bounce at most, and the last is true."""
    contact = Contact(is_active=False, bounce_s=bounce_ms)
    now_ms, is_active = 0, False
    words: list[tuple[float, bool]] = []
    for number, gap_ms in enumerate([*gaps_ms, bounce_ms]):
        now_ms, settles_ms = now_ms + gap_ms, contact.settles_s
        if contact.settle(now_ms):
            words.append((settles_ms, contact.said))
        if number == len(gaps_ms):
            break
        is_active = not is_active
        was_quiet = number == 0 or gap_ms >= bounce_ms
        assert contact.change(now_ms, is_active=is_active) == was_quiet
        if was_quiet:
            words.append((now_ms, contact.said))

    assert [said for _, said in words] == [number % 2 == 0 for number in range(len(words))]
    assert all(third_ms - ms >= bounce_ms for (ms, _), (third_ms, _) in zip(words, words[2:], strict=False))
    assert contact.said == is_active


# --- having and letting go ----------------------------------------------------------------------------------


async def test_a_pin_is_free_again() -> None:
    """Whoever stops watching lets go of the pin, for the same bus and for another."""
    factory = MockFactory()
    bus = PinBus(factory)
    for other in (bus, bus, PinBus(factory)):
        async with aclosing(other.watch(17)) as words:
            await anext(words)
            factory.pin(17).drive_high()
            assert await anext(words) == (17, True)


async def test_closing_tells_who_waits() -> None:
    """When the bus is closed, who waits for a pin is told that it is gone, and the pin is free at once."""
    factory = MockFactory()
    bus = PinBus(factory)
    async with aclosing(bus.watch(17)) as words:
        await anext(words)
        waiting = asyncio.ensure_future(anext(words))
        await asyncio.wait([waiting], timeout=0)
        await bus.close()
        async with aclosing(bus.watch(17)) as again:
            assert await anext(again) == (17, False)
        with pytest.raises(SensorGone, match="closed"):
            await waiting


async def test_a_pin_that_cannot_be_read_is_gone() -> None:
    """A pin that cannot be looked at any more is gone."""
    factory, timing = MockFactory(), HandTime()
    bus = PinBus(factory, timing)
    async with aclosing(bus.watch(17)) as words:
        await anext(words)
        await bus.close()
        timing.pass_to(REPEAT_S)
        with pytest.raises(SensorGone):
            await anext(words)


async def test_one_pin_has_one_sensor() -> None:
    """A pin that another sensor has is refused by name, and that one goes on."""
    factory = MockFactory()
    bus = PinBus(factory)
    async with aclosing(bus.watch(17)) as words:
        await anext(words)
        with pytest.raises(ValueError, match="pin = 17: another sensor has this pin"):
            await anext(bus.watch(27, 17))
        factory.pin(17).drive_high()
        assert await anext(words) == (17, True)
        async with aclosing(bus.watch(27)) as others:
            assert await anext(others) == (27, False)


async def test_the_pins_of_i2c_are_pulled_up() -> None:
    """A pin that the board itself pulls up cannot be pulled down."""
    with pytest.raises(ValueError, match="pin = 2: the board itself pulls this pin up"):
        await anext(PinBus(MockFactory()).watch(2))


@pytest.mark.parametrize("pin", [-1, 28, 17.0, "17", True, None])
async def test_a_pin_is_a_bcm_number(pin: Any) -> None:
    """Anything but a whole number from 0 to 27 is refused."""
    with pytest.raises(ValueError, match=r"pin = .*: a pin is wanted by its BCM number, 0 to 27"):
        await anext(PinBus(MockFactory()).watch(pin))


def test_two_settings_have_two_pins() -> None:
    """A pin that is given twice is refused, with the names of both settings."""
    check_pins(good_pin=0, bad_pin=27)
    with pytest.raises(ValueError, match="bad_pin = 5: this pin is good_pin already"):
        check_pins(good_pin=5, bad_pin=5)


def test_nobody_listens_any_more() -> None:
    """An edge that comes when the event loop has ended does no harm."""
    factory = MockFactory()
    words = PinBus(factory).watch(17)
    loop = asyncio.new_event_loop()
    loop.run_until_complete(anext(words))
    loop.close()

    wiggle(factory.pin(17), 3).join()

    assert factory.pin(17).when_changed is not None


# --- where there are no pins --------------------------------------------------------------------------------

ASK = """
import asyncio, sys
{before}
from bezet.errors import SensorGone
from edge.bus.gpio import PinBus

async def main():
    for attempt in range(2):
        try:
            await anext(PinBus().watch(17))
        except SensorGone as error:
            print(error)

asyncio.run(main())
"""


def ask_for_pins(folder: Path, before: str = "") -> list[str]:
    """What a fresh Python says that asks twice for a pin of this machine, in a folder."""
    root = Path(__file__).parents[3]
    environment = {key: found for key, found in os.environ.items() if not key.startswith("GPIOZERO")}
    asked = subprocess.run(
        [sys.executable, "-W", "error", "-c", ASK.format(before=before)],
        cwd=folder,
        env=environment | {"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
    )
    return asked.stdout.splitlines()


def test_without_lgpio(tmp_path: Path) -> None:
    """No other pin factory is taken instead of lgpio: it is said what to install, each time."""
    first, second = ask_for_pins(tmp_path, before="sys.modules['lgpio'] = None")

    assert "install lgpio: apt install python3-lgpio" in first
    assert second == first


@pytest.mark.skipif(IS_PI, reason="this is a Raspberry Pi")
def test_not_on_a_pi(tmp_path: Path) -> None:
    """On a machine without pins it is said what is missing."""
    first, second = ask_for_pins(tmp_path)

    assert "no pins here: " in first
    assert "this must be a Raspberry Pi" in first
    assert second == first


def test_where_lgpio_cannot_write() -> None:
    """In a folder where lgpio cannot make its pipe it is said that this is why."""
    first, _ = ask_for_pins(Path("/proc"))

    assert "lgpio writes in the working directory" in first


# --- recordings ---------------------------------------------------------------------------------------------


async def test_what_was_recorded_is_played() -> None:
    """What a tap writes down makes a replay say the same words."""
    factory, timing = MockFactory(), HandTime()
    lines: list[str] = []
    tap = TapPins(PinBus(factory, timing), Tape(lines.append), timing.now_s)
    heard: list[tuple[int, bool]] = []

    async with aclosing(tap.watch(5, 6, pull_up=True, bounce_s=0.03)) as words:
        heard += await take(words, 2)
        for passed_s, pin in ((1.2, 5), (1.25, 6), (1.4, 6), (29.9, 5)):
            timing.pass_to(passed_s)
            (factory.pin(pin).drive_low if factory.pin(pin).state else factory.pin(pin).drive_high)()
            heard += await take(words, 1)
        timing.pass_to(30.0004)
        heard += await take(words, 2)
        timing.pass_to(60.0009)
        heard += await take(words, 2)

    assert lines[:8] == ["5 1", "6 1", "+ 1.2 s", "5 0", "+ 0.05 s", "6 0", "+ 0.15 s", "6 1"]
    async with aclosing(ReplayPins(Conversation(lines)).watch(5, 6, pull_up=True, bounce_s=0.03)) as played:
        assert await take(played, len(heard)) == heard
        with pytest.raises(Played):
            await anext(played)


async def test_a_recorded_end() -> None:
    """A tap writes down that the pins went away, and a replay says so in its place."""
    lines: list[str] = []
    tap = TapPins(ReplayPins(Conversation(["17 1", "+ 3 s", "! gone"])), Tape(lines.append), lambda: 0.0)
    async with aclosing(tap.watch(17)) as words:
        assert await anext(words) == (17, True)
        with pytest.raises(SensorGone):
            await anext(words)

    assert lines == ["17 1", "! gone"]


@pytest.mark.parametrize("lines", [["27 0"], ["17 0", "27 1"]])
async def test_a_recording_of_another_pin(lines: list[str]) -> None:
    """A line of a pin that is not watched is no recording of this driver."""
    async with aclosing(ReplayPins(Conversation(lines)).watch(17)) as words:
        with pytest.raises(Strayed):
            await take(words, 2)
