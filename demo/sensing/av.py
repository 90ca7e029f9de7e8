# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What AV equipment answers when it is asked: a projector by PJLink, a display by CEC, a codec by TCP."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bezet.av import AVState
from bezet.model import Kind
from demo.physics.power import av_use
from demo.sensing import Said, Words, polls

if TYPE_CHECKING:
    from bezet.usage.columns import Ints
    from demo.plan import Hung
    from demo.town import Town

#: Longer than anything takes to go on or off.
EARLIER_MS = 600_000


class Power(IntEnum):
    """A projector's power state, as PJLink numbers it (PJLink Specifications, class 2, 4.2)."""

    STANDBY = 0
    ON = 1
    COOLING = 2
    WARMING = 3


class Projection(NamedTuple):
    """What a projector does: numbers of `Power`, and whether a signal comes in; both shape (n,)."""

    power: Ints
    has_signal: Ints


class ProjectorSignal:
    """A projector that warms up when it is switched on and cools when it is switched off.

    A lamp takes about half a minute to be bright and a laser less, and fans run on for up to two (ours). It
    stands by on the network, also where the equipment of the space is off.
    """

    warms_ms, cools_ms = 30_000, 90_000

    def __init__(self, town: Town, hung: Hung) -> None:
        self._town, self._hung = town, hung

    def at(self, t_ms: Ints) -> Projection:
        """What it does at these rising instants."""
        lately = _lately(self._town, self._hung.space, t_ms)
        warm = np.where(lately.turned_ms < self.warms_ms, Power.WARMING, Power.ON)
        cool = np.where(lately.turned_ms < self.cools_ms, Power.COOLING, Power.STANDBY)
        return Projection(
            np.where(lately.state >= AVState.ON, warm, cool), (lately.state == AVState.IN_USE).astype(int)
        )

    def words(self, start_ms: int, end_ms: int) -> Words:
        """What its driver makes of that: warming is on, cooling is standby, a signal is use."""
        t_ms = _polls(self._hung, start_ms, end_ms)
        power, has_signal = self.at(t_ms)
        lit = np.where(power == Power.WARMING, AVState.ON, AVState.STANDBY)
        return _words(Kind.AV_STATE, t_ms, np.where(power == Power.ON, AVState.ON + has_signal, lit))


class Status(IntEnum):
    """A display's power status on CEC (HDMI 1.4, CEC 13.14), and one that is not heard."""

    ON = 0
    STANDBY = 1
    TO_ON = 2
    TO_STANDBY = 3
    UNHEARD = -1


class DisplaySignal:
    """A display on HDMI-CEC; it takes some seconds to go on or to standby (ours)."""

    turns_ms = 6_000

    def __init__(self, town: Town, hung: Hung) -> None:
        self._town, self._hung = town, hung

    def at(self, t_ms: Ints) -> Ints:
        """Its `Status` at these rising instants."""
        state, turned_ms = _lately(self._town, self._hung.space, t_ms)
        is_turning = turned_ms < self.turns_ms
        lit = np.where(is_turning, Status.TO_ON, Status.ON)
        dark = np.where(is_turning, Status.TO_STANDBY, Status.STANDBY)
        found = np.where(state >= AVState.ON, lit, dark)
        return np.where(state == AVState.OFF, Status.UNHEARD, found)

    def words(self, start_ms: int, end_ms: int) -> Words:
        """What its driver makes of that."""
        t_ms = _polls(self._hung, start_ms, end_ms)
        status = self.at(t_ms)
        lit = np.where(np.isin(status, (Status.ON, Status.TO_ON)), AVState.ON, AVState.STANDBY)
        return _words(Kind.AV_STATE, t_ms, np.where(status == Status.UNHEARD, AVState.OFF, lit))


class ReachableSignal:
    """A codec that is on the network while the equipment of the space is on, once it has started (ours)."""

    starts_ms = 20_000

    def __init__(self, town: Town, hung: Hung) -> None:
        self._town, self._hung = town, hung

    def at(self, t_ms: Ints) -> Ints:
        """1 where it answers at these rising instants, and 0 where it does not."""
        state, turned_ms = _lately(self._town, self._hung.space, t_ms)
        return ((state >= AVState.ON) & (turned_ms >= self.starts_ms)).astype(np.int64)

    def words(self, start_ms: int, end_ms: int) -> Words:
        """The same, when it is asked."""
        t_ms = _polls(self._hung, start_ms, end_ms)
        return _words(Kind.REACHABLE, t_ms, self.at(t_ms))


class _Lately(NamedTuple):
    """What the equipment does, as `AVState`, and how long ago it went on or off; both shape (n,)."""

    state: Ints
    turned_ms: Ints


def _lately(town: Town, space: str, t_ms: Ints) -> _Lately:
    if not len(t_ms):
        return _Lately(t_ms, t_ms)
    use = av_use(town, space, int(t_ms[0]) - EARLIER_MS, int(t_ms[-1]) + 1)
    is_on = use.count >= AVState.ON
    turns_ms = use.t_ms[np.append(True, is_on[1:] != is_on[:-1])]
    return _Lately(use.at(t_ms), t_ms - turns_ms[np.searchsorted(turns_ms, t_ms, side="right") - 1])


def _polls(hung: Hung, start_ms: int, end_ms: int) -> Ints:
    return polls(start_ms, end_ms, round(1_000 * hung.every_s), hung.phase_ms)


def _words(kind: Kind, t_ms: Ints, amounts: Ints) -> Words:
    return Words((Said(kind),), t_ms, amounts.astype(float)[None, :])
