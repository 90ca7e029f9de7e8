# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The display of a space on HDMI-CEC, by what cec-ctl would print of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from demo.sensing.av import Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from demo.hardware import World
    from demo.plan import Hung

#: How cec-ctl writes a power status (v4l-utils, cec-info).
WORDS: Mapping[Status, str] = {
    Status.ON: "on",
    Status.STANDBY: "standby",
    Status.TO_ON: "to-on",
    Status.TO_STANDBY: "to-standby",
}
ASK, REGISTER = "--give-device-power-status", "--playback"
DISPLAY = "0"


class TownCec:
    """`edge.bus.Program`: one display at the logical address of televisions, and nobody else.

    After a start nobody has an address on the wire, as on a Pi.
    """

    def __init__(self, world: World, sensors: Sequence[Hung]) -> None:
        self._world = world
        (self._hung,) = sensors
        self._has_address = False
        self._asked = 0

    async def run(self, *arguments: str) -> str:
        """What cec-ctl prints."""
        if REGISTER in arguments:
            self._has_address = True
            return ""
        if not self._has_address:
            return "\nAdapter is unconfigured, please configure it first.\n"
        return self._answer(arguments[arguments.index("--to") + 1]) if ASK in arguments else ""

    async def close(self) -> None:
        """Nothing is open."""

    def _answer(self, address: str) -> str:
        now_ms = self._world.now_ms()
        status = Status(int(self._world.signal(self._hung).at(np.array([now_ms]))[0]))
        self._asked += 1
        printed = (
            f"\nTransmit from Playback Device 1 to TV (4 to {address}):\nGIVE_DEVICE_POWER_STATUS (0x8f)\n"
        )
        sent = f"\tSequence: {self._asked} Tx Timestamp: {now_ms / 1_000:.3f}s"
        if status is Status.UNHEARD or address != DISPLAY:
            return f"{printed}{sent}\n\tTx, Not Acknowledged (4), Max Retries\n"
        return (
            f"{printed}    Received from TV ({address}):\n    REPORT_POWER_STATUS (0x90):\n"
            f"\tpwr-state: {WORDS[status]} (0x{status:02x})\n"
            f"{sent} Rx Timestamp: {now_ms / 1_000 + 0.091:.3f}s\n\tApproximate response time: 18 ms\n"
        )
