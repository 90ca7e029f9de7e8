# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The data folder of the demo: kept for the next start, and never mistaken for somebody else's."""

from __future__ import annotations

import fcntl
import shutil
from typing import TYPE_CHECKING, Self, TextIO

from bezet.errors import CannotStart

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

MARKER = "MADE-BY-BEZET-DEMO.txt"
MARKED = "`bezet demo` made this folder and keeps its history here. `bezet demo --fresh` empties it.\n"


class DataFolder:
    """A folder that this demo alone uses while it is open; opened and closed with `with`."""

    def __init__(self, path: Path, *, fresh: bool) -> None:
        self.path = path
        self._fresh = fresh
        self._lock: TextIO | None = None

    def __enter__(self) -> Self:
        """Make the folder or take the one of last time; `CannotStart` with the reason if that cannot be."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._refuse_foreign()
            self._lock = (self.path / MARKER).open("a", encoding="utf-8")
            self._take_alone(self._lock)
            if self._fresh:
                self._empty()
            for name in ("agents", "logs"):
                (self.path / name).mkdir(exist_ok=True)
        except OSError as error:
            self.close()
            raise CannotStart(f"data folder {self.path}: cannot be used: {error.strerror}") from None
        except CannotStart:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the next demo have it."""
        self.close()

    def close(self) -> None:
        """Let go of the folder."""
        if self._lock is not None:
            self._lock.close()

    @property
    def database(self) -> Path:
        """Where the history is."""
        return self.path / "bezet.db"

    def log(self, name: str) -> Path:
        """Where a program's words go."""
        return self.path / "logs" / f"{name}.log"

    def _refuse_foreign(self) -> None:
        if any(self.path.iterdir()) and not (self.path / MARKER).is_file():
            raise CannotStart(
                f"data folder {self.path}: holds files that the demo did not make; name another with --data"
            )

    def _take_alone(self, lock: TextIO) -> None:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotStart(
                f"data folder {self.path}: another demo is running on it; stop that one, or use --data"
            ) from None
        if lock.tell() == 0:
            lock.write(MARKED)
            lock.flush()

    def _empty(self) -> None:
        for found in self.path.iterdir():
            if found.is_dir() and not found.is_symlink():
                shutil.rmtree(found)
            elif found.name != MARKER:
                found.unlink()


def put(file: Path, text: str) -> None:
    """Put text in the place of what is in the file, at once or not at all; the same text is not written."""
    if not file.is_file() or file.read_text(encoding="utf-8") != text:
        part = file.with_suffix(".part")
        part.write_text(text, encoding="utf-8")
        part.replace(file)
