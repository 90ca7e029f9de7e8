# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What the AV equipment of a space does, and what it draws: standing by, in use, left on, switched off."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bezet.av import AVState
from bezet.model import SpaceKind
from demo.dice import dice, generator
from demo.people import Doing
from demo.physics.sessions import sessions
from demo.physics.spans import DAY_MS, Span, heaped, joined, lately, spans
from demo.town import Steps

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bezet.usage.columns import Floats, Ints
    from demo.people import Stay
    from demo.physics.sessions import Session
    from demo.town import Town

MINUTE_MS = 60_000
NEVER_MS = 2**53


class Habit(NamedTuple):
    """What people do with the equipment of spaces of a kind.

    `used` is the share of sessions that use it; `together` says whether it takes two. `size` is that of the
    equipment: 1 is a meeting room's.
    """

    used: float
    together: bool
    size: float = 1.0


#: The numbers are ours: in a hybrid room nearly every meeting has somebody at home on the screen.
HABITS: Mapping[SpaceKind, Habit] = {
    SpaceKind.FOCUS: Habit(0.3, together=False, size=0.4),
    SpaceKind.MEETING: Habit(0.5, together=True),
    SpaceKind.HYBRID: Habit(0.88, together=True),
    SpaceKind.CREATIVE: Habit(0.35, together=True),
    SpaceKind.SOCIAL: Habit(0.1, together=True),
    SpaceKind.DESKS: Habit(0.0, together=True),
    SpaceKind.PHONE: Habit(0.5, together=False, size=0.4),
}
#: It is switched on so long after there were enough people (ours).
STARTS_MS = (1 * MINUTE_MS, 3 * MINUTE_MS)
#: The share of uses after which it is left on; in so many of those it stands by by itself soon, in the others
#: after four hours, as a television must by itself (Regulation (EC) 642/2009, from memory), or when
#: the cleaners come. The shares are ours.
LEFT_ON, SOON = 0.25, 0.6
SOON_MS, LATE_MS = (5 * MINUTE_MS, 30 * MINUTE_MS), 240 * MINUTE_MS
#: The share of days on which it is really switched off when it is not in use (ours).
OFF_DAYS = 0.06


class Watts(NamedTuple):
    """What a device draws: off, standing by, lit with nobody there, and in use, in W."""

    off: float
    standby: float
    on: float
    in_use: float


#: By the classes of `bezet.av`. Off and standing by are at most what Regulation (EU) 2023/826 allows, 0.5 W
#: and 2 W with a network, as `bezet.av` has it; the others are ours, typical of a display of 65 inch, a laser
#: projector of 4,000 lm, a codec with its camera, and an amplifier.
DEVICES: Mapping[str, Watts] = {
    "generic": Watts(0.2, 1.0, 42.0, 50.0),
    "display": Watts(0.2, 1.2, 95.0, 110.0),
    "projector": Watts(0.2, 1.0, 205.0, 240.0),
    "codec": Watts(0.2, 1.8, 38.0, 52.0),
    "amplifier": Watts(0.2, 1.5, 18.0, 26.0),
}
#: One device draws as much more or less than another as this, and from minute to minute (ours), as shares.
UNLIKE, RIPPLE = 0.1, 0.02


def av_use(town: Town, space: str, start_ms: int, end_ms: int) -> Steps:
    """What the equipment does, as numbers of `AVState`; the first step is at `start_ms`.

    On is lit with nobody there.
    """
    return joined((_use(town, space, span) for span in spans(town, start_ms, end_ms)), start_ms, end_ms)


def power_w(town: Town, space: str, device_class: str, t_ms: Ints) -> Floats:
    """What a device of a class draws at these rising instants, in W; `KeyError` for an unknown class."""
    drawn_w = np.array(DEVICES[device_class])
    drawn_w *= 1 + UNLIKE * (2 * dice(town.seed, "watts", space, device_class) - 1)
    found = np.empty(len(t_ms))
    for span in spans(town, int(t_ms[0]), int(t_ms[-1]) + 1) if len(t_ms) else ():
        inside = slice(*np.searchsorted(t_ms, span))
        size = HABITS[town.layout(space, span.from_ms).kind].size
        drawn_here_w = drawn_w * (1.0, 1.0, size, size)
        found[inside] = drawn_here_w[_use(town, space, span).at(t_ms[inside])]
        found[inside] *= _ripple(town.seed, space, device_class, span.from_ms // DAY_MS)[
            t_ms[inside] % DAY_MS // MINUTE_MS
        ]
    return found


@lru_cache(maxsize=256)
def _ripple(seed: int, space: str, device_class: str, day: int) -> Floats:
    """What a device draws more or less in each minute of a day, as factors."""
    dice_of_day = generator(seed, "ripple", space, device_class, day)
    return dice_of_day.uniform(1 - RIPPLE, 1 + RIPPLE, DAY_MS // MINUTE_MS)


@lru_cache(maxsize=256)
def _use(town: Town, space: str, span: Span) -> Steps:
    is_off = dice(town.seed, "off", space, span.from_ms // DAY_MS) < OFF_DAYS
    stays = lately(town, space, span)
    used = list(_uses(town, space, span, sessions(one for one in stays if one.doing is not Doing.CLEANING)))
    in_use = heaped(((one.from_ms, one.to_ms, 1.0) for one in used), span)
    lit = heaped(((*one, 1.0) for one in _left_on(town, space, stays, used)), span)
    t_ms = np.unique(np.concatenate((in_use.t_ms, lit.t_ms)))
    state = np.where(lit.at(t_ms) > 0, AVState.ON, AVState.OFF if is_off else AVState.STANDBY)
    return Steps(t_ms, np.where(in_use.at(t_ms) > 0, AVState.IN_USE, state).astype(np.int64))


def _uses(town: Town, space: str, span: Span, held: Sequence[Session]) -> Iterator[Span]:
    """When it is used, from some minutes after there were enough people until the last one left."""
    habit = HABITS[town.layout(space, span.from_ms).kind]
    for one in held:
        enough_ms = one.met_ms if habit.together else one.from_ms
        if enough_ms is None or dice(town.seed, "uses", space, one.from_ms) >= habit.used:
            continue
        from_ms = enough_ms + _between(STARTS_MS, dice(town.seed, "starts", space, one.from_ms))
        if from_ms < one.to_ms:
            yield Span(from_ms, one.to_ms)


def _left_on(town: Town, space: str, stays: Sequence[Stay], used: Sequence[Span]) -> Iterator[Span]:
    """When it is left on after a use, until the next one at most."""
    cleaned_ms = [one.from_ms for one in stays if one.doing is Doing.CLEANING]
    next_used_ms = [*(one.from_ms for one in used[1:]), NEVER_MS]
    for use, next_ms in zip(used, next_used_ms, strict=False):
        if dice(town.seed, "left on", space, use.to_ms) >= LEFT_ON:
            continue
        if dice(town.seed, "soon", space, use.to_ms) < SOON:
            for_ms = _between(SOON_MS, dice(town.seed, "for", space, use.to_ms))
        else:
            for_ms = min([LATE_MS, *(one - use.to_ms for one in cleaned_ms if one >= use.to_ms)])
        yield Span(use.to_ms, min(use.to_ms + for_ms, next_ms))


def _between(ends_ms: tuple[int, int], share: float) -> int:
    return ends_ms[0] + int((ends_ms[1] - ends_ms[0]) * share)
