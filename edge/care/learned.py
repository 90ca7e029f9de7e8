# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What the spaces of a device taught it, as its outbox keeps it; and how to make it forget."""

from __future__ import annotations

import contextlib
import fcntl
import os
import struct
from typing import TYPE_CHECKING, NamedTuple

from bezet.errors import CannotStart, OutboxFull
from bezet.occupancy.belief import freeze, thaw
from bezet.occupancy.learned import Lesson, learned, unlearned
from edge.config import read_config
from edge.outbox import Outbox

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

#: As long as a file is open, SQLite holds a read lock on these bytes of it in this mode (sqlite3's os.h:
#: PENDING_BYTE + 2, SHARED_SIZE; pager.c keeps it between transactions where there is a write-ahead log).
SHARED_FIRST, SHARED_SIZE = 0x4000_0002, 510
#: struct flock of Linux on 64 bits, and of 32 bits with large files: type, whence, start, length, process.
FLOCK = "hhqqi4x"


class Forgotten(NamedTuple):
    """A lesson as it was, and the number that it went back to."""

    before: Lesson
    number: float


class Kept:
    """What the agent of a device keeps of what its spaces taught. Raises `CannotStart`."""

    def __init__(self, config_file: Path) -> None:
        # Nothing is asked of the sensors, so nothing needs a bus: the agent may hold them.
        config = read_config(config_file, lambda _: lambda **_: object())
        self.path = config.state_folder / "outbox.db"
        self._config_file = config_file
        self.spaces = sorted({sensor.space for sensor in config.sensors})
        if not self.path.is_file():
            what = "the agent keeps there what it learns, and has not run yet (state_folder, in [agent])"
            raise CannotStart(f"{config_file}: there is no outbox {self.path}: {what}")

    def lessons(self) -> Mapping[str, list[Lesson]]:
        """What each space taught, as it was when the agent last wrote it; nothing where it said nothing."""
        with self._outbox() as outbox:
            return {space: learned(thaw(text)) for space, text in self._beliefs(outbox, self.spaces)}

    def forget(self, spaces: Sequence[str]) -> Mapping[str, list[Forgotten]]:
        """Begin again in these spaces; refused while an agent runs, which would write its own over it."""
        for space in spaces:
            if space not in self.spaces:
                there = ", ".join(self.spaces)
                raise CannotStart(f"{self._config_file}: no sensor in space {space!r}; there are: {there}")
        holder = held_by(self.path)
        if holder is not None:
            raise CannotStart(
                f"{self.path}: the agent is running (process {holder}), and would write what it learned over "
                "this; stop it first (sudo systemctl stop bezet-edge), and start it again after"
            )
        with self._outbox() as outbox:
            before = {space: thaw(text) for space, text in self._beliefs(outbox, spaces)}
            after = {space: unlearned(belief) for space, belief in before.items()}
            outbox.put([], {f"zone {space}": freeze(belief) for space, belief in after.items()})
        return {space: _forgotten(learned(before[space]), learned(after[space])) for space in before}

    @contextlib.contextmanager
    def _outbox(self) -> Iterator[Outbox]:
        try:
            with contextlib.closing(Outbox(self.path)) as outbox:
                yield outbox
        except OutboxFull as error:
            raise CannotStart(str(error)) from error

    def _beliefs(self, outbox: Outbox, spaces: Sequence[str]) -> Iterator[tuple[str, str]]:
        for space in spaces:
            text = outbox.kept(f"zone {space}")
            if text is None:
                continue
            try:
                thaw(text)
            except ValueError:
                continue  # of another version: the agent begins with knowing nothing too
            yield space, text


def _forgotten(before: Sequence[Lesson], after: Sequence[Lesson]) -> list[Forgotten]:
    return [Forgotten(one, new.number) for one, new in zip(before, after, strict=True)]


def held_by(path: Path) -> int | None:
    """The process that has the SQLite file at `path` open; None where no other has."""
    asked = struct.pack(FLOCK, fcntl.F_WRLCK, os.SEEK_SET, SHARED_FIRST, SHARED_SIZE, 0)
    with path.open("rb") as file:
        kind, _, _, _, holder = struct.unpack(FLOCK, fcntl.fcntl(file, fcntl.F_GETLK, asked))
    return None if kind == fcntl.F_UNLCK else holder
