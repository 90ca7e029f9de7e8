# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What an AV device does by its watts: a table of classes of devices, and who may say it better."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Below this a device is off. Regulation (EU) 2023/826 allows 0.5 W both in off mode and in a standby without
#: a network (read in summaries of it, not in the act), so that watts cannot tell those two apart.
AV_STANDBY_W = 0.5
#: An AV device that draws more is on, where nothing else is known of it. The number is ours: above every
#: networked standby that the same regulation allows (2 to 8 W), below any lit display or projector. A device
#: from before 2015, when the first limits came, may stand by above it.
AV_ON_W = 10.0


class AVState(IntEnum):
    """What an AV device does; the numbers are those of `Kind.AV_STATE`."""

    OFF = 0
    STANDBY = 1
    ON = 2
    IN_USE = 3


class Thresholds(NamedTuple):
    """Watts above which a device stands by, is on, and is in use (None: watts cannot tell), and why these."""

    standby_above_w: float
    on_above_w: float
    in_use_above_w: float | None = None
    because: str = ""

    def state(self, power_w: float) -> AVState:
        """What a device does that draws so many watts; one that gives some back is off."""
        if self.in_use_above_w is not None and power_w > self.in_use_above_w:
            return AVState.IN_USE
        if power_w > self.on_above_w:
            return AVState.ON
        return AVState.STANDBY if power_w > self.standby_above_w else AVState.OFF


#: Classes of devices. No class can tell use from idling by its watts; for one model a setting can.
AV_DEVICES: Mapping[str, Thresholds] = {
    "generic": Thresholds(AV_STANDBY_W, AV_ON_W, because="the numbers are ours, see AV_ON_W"),
    "display": Thresholds(
        *(AV_STANDBY_W, AV_ON_W),
        because="lit, a small monitor draws 12.9 W and a 32-inch one 39 W (manuals of Philips 197E3L and "
        "326P1H); the number below those is ours",
    ),
    "projector": Thresholds(
        *(AV_STANDBY_W, 20.0),
        because="meant to be above the fan that runs on after switching off and below a small LED "
        "projector; the number is ours and was not measured",
    ),
    "codec": Thresholds(
        *(AV_STANDBY_W, AV_ON_W),
        because="no maker's numbers were found and these are ours: measure yours in standby and in a call",
    ),
    "amplifier": Thresholds(
        *(AV_STANDBY_W, 5.0),
        because="about 2 W in automatic standby (Crown ComTech D, maker's support page); the number above "
        "that is ours",
    ),
}


def thresholds(
    device: str = "generic", *, on_above_w: float | None = None, in_use_above_w: float | None = None
) -> Thresholds:
    """The row of a class of devices, with a driver's own settings in it; `ValueError` names key and value."""
    if device not in AV_DEVICES:
        raise ValueError(f"device = {device}: there are {', '.join(AV_DEVICES)}")
    found = AV_DEVICES[device]
    if on_above_w is not None:
        if not on_above_w > found.standby_above_w:
            raise ValueError(f"on_above_w = {on_above_w}: more than {found.standby_above_w} W is wanted")
        found = found._replace(on_above_w=on_above_w)
    if in_use_above_w is not None:
        if not in_use_above_w > found.on_above_w:
            raise ValueError(f"in_use_above_w = {in_use_above_w}: more than {found.on_above_w} W is wanted")
        found = found._replace(in_use_above_w=in_use_above_w)
    return found


def av_state(power_w: float, device: str = "generic") -> AVState:
    """What a device of that class does that draws so many watts; `ValueError` for an unknown class."""
    return thresholds(device).state(power_w)
