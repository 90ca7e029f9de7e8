# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A recorded conversation: lines of text, one for each thing that was said on a bus.

Each line is a mark and what was said: `>` is said by us, `<` by the sensor; `!` is what went wrong instead
(`! gone`, `! timeout`, or what the bus adds). Bytes are written in hexadecimal, in groups as one likes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bezet.errors import BezetError, SensorGone

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Strayed(BezetError):
    """A driver said something else than what was recorded."""


class Played(BezetError):
    """All that was recorded has been said."""


class Conversation:
    """Plays recorded lines, each once and in order."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = list(lines)
        self._next = 0

    @property
    def left(self) -> list[str]:
        """The lines that were not said yet."""
        return self._lines[self._next :]

    def peek(self) -> str:
        """The next line, or nothing after the last."""
        return self._lines[self._next] if self._next < len(self._lines) else ""

    def next(self) -> str:
        """The next line, which is now said; `Played` after the last."""
        if self._next == len(self._lines):
            raise Played
        self._next += 1
        return self._lines[self._next - 1]

    def say(self, mark: str, said: bytes | str) -> None:
        """We say something: `Strayed` if something else was recorded here.

        A recorded fault (`! …`) in its place is raised instead.
        """
        line = self.next()
        self.raise_fault(line)
        found = f"{mark} {said.hex() if isinstance(said, bytes) else said}"
        is_same = _packed(line) == _packed(found) if isinstance(said, bytes) else line == found
        if not is_same:
            raise Strayed(f"line {self._next}: recorded {line!r}, but the driver said {found!r}")

    def hear(self, mark: str) -> str:
        """What the sensor said with this mark; a recorded fault is raised."""
        line = self.next()
        self.raise_fault(line)
        if not line.startswith(f"{mark} "):
            raise Strayed(f"line {self._next}: recorded {line!r}, but the driver waited for {mark!r}")
        return line[len(mark) + 1 :]

    def hear_bytes(self, mark: str) -> bytes:
        """What the sensor said with this mark, as bytes."""
        return bytes.fromhex(self.hear(mark))

    @staticmethod
    def raise_fault(line: str) -> None:
        """Raise what went wrong, if the line tells of it."""
        mark, _, fault = line.rpartition("! ")
        if not mark.strip() and line.startswith("!"):
            if fault == "timeout":
                raise TimeoutError("no answer (recorded)")
            if fault == "gone":
                raise SensorGone("unplugged (recorded)")


def _packed(line: str) -> str:
    return "".join(line.split()).lower()


class Tape:
    """Writes down a conversation while it goes on; `write` gets each line."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write

    def note(self, mark: str, said: bytes | str) -> None:
        """Write down one thing that was said."""
        self._write(f"{mark} {said.hex(' ') if isinstance(said, bytes) else said}")

    def fault(self, error: BaseException) -> None:
        """Write down what went wrong."""
        is_late = isinstance(error, TimeoutError)
        self._write("! timeout" if is_late else "! gone")
