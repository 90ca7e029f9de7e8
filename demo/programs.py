# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The programs that the demo starts, watches, starts again, and ends with itself."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from bezet.errors import CannotStart

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

#: How long a program may take to end by itself once it is asked to.
GRACE_S = 3.0
#: A program that ended so often by itself is not started again.
MOST_DEATHS = 3
TAIL_LINES = 5
#: Whether a plug was pulled, or pushed in again, is looked at this often.
LOOK_AT_PLUGS_S = 0.3
#: So much of a log is looked at for its last lines.
TAIL_BYTES = 8_192


@dataclass(frozen=True, slots=True)
class Program:
    """A command and what a person calls it."""

    name: str
    command: tuple[str, ...]
    log: Path
    grace_s: float = GRACE_S


class ProcessGroup:
    """A group of processes that does not outlive this process; opened and closed with `with`.

    It is not the terminal's foreground group, so that Ctrl-C reaches this process alone, once.
    """

    def __enter__(self) -> Self:
        """Start the guard of the group."""
        self._guard = subprocess.Popen(
            [sys.executable, "-m", "demo.guard"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            process_group=0,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of the input that the guard waits on: it kills what is left, and itself."""
        with self._guard:
            pass

    @property
    def id(self) -> int:
        """The number of the group."""
        return self._guard.pid


@dataclass(frozen=True, slots=True)
class Keeper:
    """Keeps programs running in one process group, and says so when one does not."""

    group: ProcessGroup
    say: Callable[[str], None]

    async def keep(self, program: Program) -> None:
        """Run the program until cancelled, which ends it; `CannotStart` when it keeps dying."""
        program.log.unlink(missing_ok=True)
        deaths = 0
        while deaths < MOST_DEATHS:
            code = await self._run(program)
            deaths += 1
            again = "starting it again" if deaths < MOST_DEATHS else "not starting it again"
            self.say(f"{program.name} {_how_it_ended(code)}; {again}. The end of {program.log}:")
            for line in last_lines(program.log):
                self.say(f"    {line}")
        raise CannotStart(
            f"{program.name} ended {deaths} times by itself, so the demo stops; see {program.log}"
        )

    async def keep_powered(self, program: Program, is_off: Callable[[], bool]) -> None:
        """Keep the program running, but not while its plug is pulled."""
        while True:
            if is_off():
                await asyncio.sleep(LOOK_AT_PLUGS_S)
                continue
            running = asyncio.create_task(self.keep(program), name=f"demo.powered[{program.name}]")
            try:
                while not running.done() and not is_off():
                    await asyncio.wait([running], timeout=LOOK_AT_PLUGS_S)
            finally:
                running.cancel()
                await asyncio.wait([running])
            if not running.cancelled():
                await running  # it cannot be kept running

    async def once(self, program: Program) -> None:
        """Run a program to its end; `CannotStart` with its last words if that is not a good one."""
        program.log.unlink(missing_ok=True)
        code = await self._run(program)
        if code != 0:
            words = " / ".join(last_lines(program.log))
            raise CannotStart(f"{program.name} {_how_it_ended(code)}: {words}; see {program.log}")

    async def _run(self, program: Program) -> int:
        """Run once and return the exit code; when cancelled, end the program first."""
        with program.log.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *program.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=self.group.id,
            )
        try:
            return await process.wait()
        finally:
            if process.returncode is None:
                await _end(process, program.grace_s)


async def _end(process: asyncio.subprocess.Process, grace_s: float) -> None:
    # Not asyncio.timeout: before Python 3.11.4 it does not work in a task that is being cancelled.
    process.terminate()
    ended = asyncio.ensure_future(process.wait())
    if not (await asyncio.wait([ended], timeout=grace_s))[0]:
        process.kill()
    await ended


def _how_it_ended(code: int) -> str:
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"


def last_lines(log: Path) -> list[str]:
    """The end of a log."""
    with log.open("rb") as file:
        file.seek(max(0, file.seek(0, 2) - TAIL_BYTES))
        return file.read().decode(errors="replace").splitlines()[-TAIL_LINES:]
