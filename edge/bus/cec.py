# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""HDMI-CEC: a wire in a display's cable, by Debian's program cec-ctl (v4l-utils); its replay and its tap.

Lines of a conversation: `> --skip-info --to 0 …` (the program's arguments, without the device), `< …` (each
line that it prints), `! 1 …` (it ended with this code, and these words last), `! timeout` (it hung).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bezet.errors import SensorGone

if TYPE_CHECKING:
    from edge.bus import Program
    from edge.bus.conversation import Conversation, Tape

PACKAGE = "v4l-utils"
#: cec-ctl itself waits a second for the display, after a few tries to be heard.
TIMEOUT_S = 4.0


class CecClient:
    """The CEC device `cec`, such as /dev/cec0, the first HDMI output of a Raspberry Pi."""

    def __init__(
        self, cec: str = "/dev/cec0", *, program: str = "cec-ctl", timeout_s: float = TIMEOUT_S
    ) -> None:
        self._cec = cec
        self._program = program
        self._timeout_s = timeout_s

    async def run(self, *arguments: str) -> str:
        """What the program prints, errors too; it is killed when it takes longer than it may."""
        try:
            running = await asyncio.create_subprocess_exec(
                *(self._program, "--device", self._cec, *arguments),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
        except OSError as error:
            raise SensorGone(f"{self._program} does not run: install {PACKAGE} ({error.strerror})") from error
        try:
            async with asyncio.timeout(self._timeout_s):
                found, _ = await running.communicate()
        finally:
            if running.returncode is None:
                running.kill()
                await running.wait()
        printed = found.decode(errors="replace")
        if running.returncode:
            raise failed(running.returncode, printed)
        return printed

    async def close(self) -> None:
        """Nothing is kept open."""


def failed(code: int, printed: str) -> SensorGone:
    """What a program that ended with this code means."""
    last = (printed.strip().splitlines() or ["it printed nothing"])[-1]
    return SensorGone(f"{last} (code {code})")


class ReplayCec:
    """Plays a recorded conversation."""

    def __init__(self, conversation: Conversation) -> None:
        self._said = conversation

    async def run(self, *arguments: str) -> str:
        """What was recorded for exactly these arguments."""
        self._said.say(">", " ".join(arguments))
        printed = ""
        while self._said.peek().startswith("<"):
            printed += self._said.next()[2:] + "\n"
        if self._said.peek().startswith("! "):
            line = self._said.next()
            self._said.raise_fault(line)
            code, _, last = line[2:].partition(" ")
            raise failed(int(code), last)
        return printed


class TapCec:
    """Writes down what is said on another bus."""

    def __init__(self, bus: Program, tape: Tape) -> None:
        self._bus = bus
        self._tape = tape

    async def run(self, *arguments: str) -> str:
        """Run it on the other bus, and write it down."""
        self._tape.note(">", " ".join(arguments))
        try:
            printed = await self._bus.run(*arguments)
        except (SensorGone, TimeoutError) as error:
            self._tape.fault(error)
            raise
        for line in printed.splitlines():
            self._tape.note("<", line)
        return printed
