# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Programs that die, end, hang and must go: kept running while the demo runs, and gone with it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from bezet.errors import CannotStart
from demo.programs import Keeper, ProcessGroup, Program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WAITS = "import signal; signal.pause()"


@pytest.fixture
def group() -> Iterator[ProcessGroup]:
    """A process group of one's own."""
    with ProcessGroup() as opened:
        yield opened


def python(code: str, log: Path, *, grace_s: float = 10) -> Program:
    """A program of so much Python."""
    return Program("The singer", (sys.executable, "-c", code), log, grace_s)


async def test_dying_three_times(group: ProcessGroup, tmp_path: Path) -> None:
    """A program that dies is named with the end of its log and started again; the third time all ends."""
    said: list[str] = []
    program = python("import sys; print('no voice'); sys.exit(3)", tmp_path / "log")
    with pytest.raises(CannotStart, match="The singer ended 3 times by itself"):
        await Keeper(group, said.append).keep(program)

    assert [line.partition(". The")[0] for line in said if line.startswith("The singer")] == [
        "The singer ended with exit code 3; starting it again",
        "The singer ended with exit code 3; starting it again",
        "The singer ended with exit code 3; not starting it again",
    ]
    assert said[1] == "    no voice"


async def test_coming_to_an_end(group: ProcessGroup, tmp_path: Path) -> None:
    """A program that is run once may end well, and one that does not is told of with its last words."""
    keeper = Keeper(group, print)
    await keeper.once(python("print('done')", tmp_path / "log"))
    with pytest.raises(CannotStart, match=r"The singer ended with exit code 3: no voice; see"):
        await keeper.once(python("import sys; print('no voice'); sys.exit(3)", tmp_path / "log"))


async def test_a_plug_is_pulled_and_pushed_in_again(group: ProcessGroup, tmp_path: Path) -> None:
    """A program does not run while its plug is pulled, and runs anew afterwards."""
    runs = tmp_path / "runs"
    code = f"open({str(runs)!r}, 'a').write('x'); {WAITS}"
    ran_twice = asyncio.Event()
    asked = 0

    def is_off() -> bool:
        nonlocal asked
        count = len(runs.read_text()) if runs.exists() else 0
        asked += count == 1
        if count == 2:
            ran_twice.set()
        return count == 1 and asked < 4  # pulled when it has run, for some looks

    keeper = Keeper(group, print)
    keeping = asyncio.create_task(keeper.keep_powered(python(code, tmp_path / "log"), is_off))
    await ran_twice.wait()
    keeping.cancel()
    await asyncio.wait([keeping])

    assert keeping.cancelled()
    assert runs.read_text() == "xx"


@pytest.mark.parametrize(
    ("deaf", "grace_s"), [(False, 10), (True, 0.1)], ids=["one that listens", "one that does not"]
)
async def test_cancelling_ends_it(group: ProcessGroup, tmp_path: Path, deaf: bool, grace_s: float) -> None:
    """When its keeper is cancelled a program is asked to end, and made to if it does not."""
    arrived = asyncio.Event()
    lines: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines.append((reader, writer))
        arrived.set()

    ignore = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " if deaf else ""
    call = f"import socket; s = socket.socket(socket.AF_UNIX); s.connect({str(tmp_path / 'ear')!r}); "
    server = await asyncio.start_unix_server(hear, tmp_path / "ear")
    async with server:
        program = python(ignore + call + WAITS, tmp_path / "log", grace_s=grace_s)
        keeping = asyncio.create_task(Keeper(group, print).keep(program))
        await arrived.wait()
        keeping.cancel()
        await asyncio.wait([keeping])

        assert keeping.cancelled()
        ((reader, writer),) = lines
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()


def test_nothing_outlives_the_group() -> None:
    """When the group is closed, whatever is left in it is gone; what is outside is untouched."""
    with ProcessGroup() as group:
        left = subprocess.Popen([sys.executable, "-c", WAITS], process_group=group.id)

        assert os.getpgid(left.pid) == group.id != os.getpgrp()
    assert left.wait(15) == -signal.SIGKILL
