# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The agent's clock: what it stamps while somebody sets the time under it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from edge.clock import CONFIRM_MS, PLAUSIBLE_FROM_MS, ReplayClock, SystemClock

START_MS = PLAUSIBLE_FROM_MS + 86_400_000
HOUR_MS = 3_600_000


class Hands:
    """A wall clock and a monotonic one that are turned by hand; milliseconds."""

    def __init__(self, wall_ms: int = START_MS, *, is_set: bool = True) -> None:
        self.wall_ms = wall_ms
        self.monotonic_ms = 5_000
        self.is_set = is_set
        self.clock = SystemClock(
            lambda: self.wall_ms * 1_000_000, lambda: self.monotonic_ms * 1_000_000, lambda: self.is_set
        )

    def pass_ms(self, wait_ms: int) -> None:
        """Time goes by, and nobody touches the clock."""
        self.wall_ms += wait_ms
        self.monotonic_ms += wait_ms
        self.clock.now_ms()


def test_runs_with_the_wall_clock() -> None:
    """An undisturbed clock gives the wall clock's time and is trusted."""
    hands = Hands()
    hands.pass_ms(1_234)

    assert hands.clock.now_ms() == START_MS + 1_234
    assert hands.clock.is_trusted


def test_small_corrections_are_followed() -> None:
    """What a time server corrects by less than a second is followed at once and still trusted."""
    hands = Hands()
    hands.wall_ms += 400
    hands.pass_ms(1_000)

    assert hands.clock.now_ms() == START_MS + 1_400
    assert hands.clock.is_trusted


def test_a_jump_back_of_an_hour_is_not_believed_at_once() -> None:
    """While the clock has just been set back, stamps go on forwards and are not trusted."""
    hands = Hands()
    hands.pass_ms(10_000)
    hands.wall_ms -= HOUR_MS
    hands.pass_ms(5_000)

    assert hands.clock.now_ms() == START_MS + 15_000
    assert not hands.clock.is_trusted
    assert hands.clock.steps == 0


def test_a_jump_that_holds_is_believed() -> None:
    """A new time that has held for a minute is the time, and the step is counted."""
    hands = Hands()
    hands.wall_ms -= HOUR_MS
    hands.pass_ms(1)
    hands.pass_ms(CONFIRM_MS)

    assert hands.clock.now_ms() == START_MS - HOUR_MS + CONFIRM_MS + 1
    assert hands.clock.is_trusted
    assert hands.clock.steps == 1


def test_a_jump_that_is_taken_back_never_happened() -> None:
    """A clock set wrongly and put right within the minute leaves no trace in the stamps."""
    hands = Hands()
    hands.wall_ms -= HOUR_MS
    hands.pass_ms(2_000)
    hands.wall_ms += HOUR_MS
    hands.pass_ms(2_000)

    assert hands.clock.now_ms() == START_MS + 4_000
    assert hands.clock.is_trusted
    assert hands.clock.steps == 0


def test_a_device_that_was_never_told_the_time() -> None:
    """A clock in 1970 is neither known nor trusted, and becomes both once the time has come."""
    hands = Hands(wall_ms=3_000)

    before = hands.clock.is_known, hands.clock.is_trusted
    hands.wall_ms = START_MS
    hands.pass_ms(1)

    assert before == (False, False)
    assert (hands.clock.is_known, hands.clock.is_trusted) == (True, True)
    assert hands.clock.steps == 0


def test_a_time_that_only_looks_right_is_not_believed() -> None:
    """A Pi that starts with the time of its last shutdown is not trusted before a time server has set it."""
    hands = Hands(START_MS - HOUR_MS, is_set=False)
    hands.pass_ms(2 * CONFIRM_MS)
    before = hands.clock.is_known, hands.clock.is_trusted
    hands.wall_ms += HOUR_MS
    hands.is_set = True

    assert before == (False, False)
    assert hands.clock.is_trusted
    assert hands.clock.now_ms() == START_MS + 2 * CONFIRM_MS


def test_a_time_server_that_goes_away_takes_nothing_back() -> None:
    """A clock that was set once goes on being trusted: it is off by seconds a day, not by hours."""
    hands = Hands()
    hands.is_set = False
    hands.pass_ms(24 * HOUR_MS)

    assert hands.clock.is_trusted


def test_what_was_measured_before_is_stamped_with_when_it_was() -> None:
    """An instant of the monotonic clock becomes the wall clock's of that moment, once that is known."""
    hands = Hands(3_000)
    measured_ms = hands.monotonic_ms
    hands.pass_ms(90_000)
    hands.wall_ms = START_MS
    hands.pass_ms(0)

    assert hands.clock.now_ms() == START_MS
    assert hands.clock.stamp_ms(measured_ms) == START_MS - 90_000


@given(
    st.lists(st.tuples(st.integers(-2 * HOUR_MS, 2 * HOUR_MS), st.integers(0, 2 * CONFIRM_MS)), max_size=20)
)
def test_stamps_run_backwards_only_with_a_counted_step(changes: list[tuple[int, int]]) -> None:
    """However the clock is set, a stamp is earlier than the one before only where a step was counted."""
    hands = Hands(START_MS + 100 * HOUR_MS)
    last_ms, steps = hands.clock.now_ms(), 0
    for set_by_ms, wait_ms in changes:
        hands.wall_ms += set_by_ms
        hands.pass_ms(wait_ms)
        now_ms = hands.clock.now_ms()

        assert now_ms >= last_ms or hands.clock.steps > steps
        last_ms, steps = now_ms, hands.clock.steps


async def test_a_recording_keeps_its_own_time() -> None:
    """As fast as it will go, the clock of a replay stands at the row that was read last."""
    clock = ReplayClock(START_MS, None)
    await clock.sleep_until(START_MS + 60_000)

    assert clock.now_ms() == START_MS + 60_000
    assert clock.is_trusted
