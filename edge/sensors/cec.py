# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A display on HDMI-CEC, asked for its power status by cec-ctl.

A frame is a header, an opcode and operands (HDMI 1.4, CEC: frames in section 6, power status in 13.14):

    ┌──────────┬────────────┐      ┌──────────┬────────────┬────────┐
    │ from  to │ 8f give    │  →   │ from  to │ 90 report  │ status │   0 on, 1 standby,
    └──────────┴────────────┘      └──────────┴────────────┴────────┘   2 going on, 3 going to standby

cec-ctl prints the answer as `pwr-state: on (0x00)`, and in a last line what else became of it:
`Not Acknowledged` (nobody at that address), `Rx, Timeout` (heard, not answered), `Feature Abort` (refused).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bezet.av import AVState
from bezet.errors import BadFrame, SensorGone, SensorNotReady
from bezet.model import Kind
from edge.sensors import Measured

if TYPE_CHECKING:
    from edge.bus import Program

POWER_STATUS = re.compile(r"pwr-state: .*\(0x([0-9a-f]{2})\)")
POWER = {"00": AVState.ON, "01": AVState.STANDBY, "02": AVState.ON, "03": AVState.STANDBY}
UNCONFIGURED = "Adapter is unconfigured"
REGISTER = ("--skip-info", "--playback")


class CEC:
    """The display at `logical_address` on the cable; 0 is the television or monitor itself.

    A display without power is not heard on the wire: `AVState.OFF`.
    """

    def __init__(self, bus: Program, *, logical_address: int = 0) -> None:
        if not 0 <= logical_address <= 14:
            raise ValueError(f"logical_address = {logical_address}: 0 to 14 is wanted")
        self._bus = bus
        self._ask = ("--skip-info", "--to", str(logical_address), "--give-device-power-status")

    async def open(self) -> None:
        """Give this computer an address on the wire, if nobody has since it started."""
        if UNCONFIGURED in await self._bus.run(*self._ask):
            await self._bus.run(*REGISTER)

    async def read(self) -> list[Measured]:
        """What the display does now."""
        return [Measured(Kind.AV_STATE, decode(await self._bus.run(*self._ask)))]


def decode(printed: str) -> AVState:
    """What cec-ctl printed to what the display does; the errors say why it cannot be told."""
    if found := POWER_STATUS.search(printed):
        if found[1] not in POWER:
            raise BadFrame(f"not a power status: {found[0]}")
        return POWER[found[1]]
    if UNCONFIGURED in printed:
        raise SensorGone(
            "this computer has no address on the wire: run cec-ctl --playback for its CEC device"
        )
    if "Not Acknowledged" in printed:
        return AVState.OFF
    if "Rx, Timeout" in printed:
        raise SensorNotReady("the display heard the question and did not answer")
    if "Sequence: " not in printed:  # the kernel takes no question while the cable leads nowhere
        raise SensorGone("no display is on the cable")
    raise BadFrame(" | ".join(line.strip() for line in printed.splitlines() if line.strip()))
