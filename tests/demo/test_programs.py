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


def python(code: str, log: Path, *, ends: bool = False, grace_s: float = 10) -> Program:
    """A program of so much Python."""
    return Program("The singer", (sys.executable, "-c", code), log, ends, grace_s)


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
    """A program that may come to its end is started again without a word, as long as it ends well."""
    said: list[str] = []
    code = f"f = open({str(tmp_path / 'runs')!r}, 'a+'); f.write('x'); f.seek(0); exit(len(f.read()) > 4)"
    with pytest.raises(CannotStart):
        await Keeper(group, said.append).keep(python(code, tmp_path / "log", ends=True))

    assert (tmp_path / "runs").read_text() == "x" * 7
    assert len(said) == 3


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
