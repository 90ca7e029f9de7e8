# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What an operator wants every page to say for a while: a small file, read again whenever it changes.

docs/how-to/put-up-a-notice.md shows one.
"""

from __future__ import annotations

import asyncio
import logging
import re
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from bezet.errors import CannotStart
from bezet.program import read_text
from bezet.sections import parse, shown

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LOG = logging.getLogger("bezet.api.notice")

LOOK_AGAIN_S = 1.0
MAX_CHARACTERS = 200
_TEXT = re.compile(rf"(?=.*\S)[^\x00-\x1f\x7f]{{1,{MAX_CHARACTERS}}}")
_TEXT_WORDS = f"one line of text of at most {MAX_CHARACTERS} characters"
_UNTIL_WORDS = "an instant with its offset, such as 2026-11-26T17:00:00+01:00"


class Notice(NamedTuple):
    """What the pages say, in each language that they speak."""

    nl: str
    en: str


class Posted(NamedTuple):
    """A notice, and the first instant at which it is not shown any more; None: until it is taken away."""

    notice: Notice
    until_ms: float | None


def read_notice(text: str, file: str) -> Posted:
    """The notice that the TOML `text` of a file holds; raises `ConfigError` with every mistake in it."""
    root = parse(text, file)
    notice = Notice(*(root.text(language, _TEXT, wanted=_TEXT_WORDS) for language in Notice._fields))
    left = root.rest()
    until = left.pop("until", None)
    if until is not None and not (isinstance(until, datetime) and until.tzinfo):
        root.problem("until", f"needs {_UNTIL_WORDS}, not {shown(until)}")
    for key in left:
        root.problem(key, "is not a key here; there are en, nl, until")
    root.done()
    return Posted(notice, until.timestamp() * 1000 if until else None)


class NoticeFile:
    """The file of the notice, which may come, change and go while the window is open."""

    def __init__(self, file: Path, clock: Callable[[], int]) -> None:
        self._file = file
        self._clock = clock
        self._seen: tuple[int, ...] | None = None
        self._posted: Posted | None = None

    def look(self) -> Notice | None:
        """What is to be said now. A file that cannot be read says nothing, and is logged once."""
        seen = self._stamp()
        if seen != self._seen:
            self._seen = seen
            self._posted = self._read() if seen else None
        if self._posted is None:
            return None
        notice, until_ms = self._posted
        return None if until_ms is not None and self._clock() >= until_ms else notice

    async def watch(self, post: Callable[[Notice | None], None], again_s: float) -> None:
        """Post what is to be said, for ever."""
        while True:
            # A disk of the network that hangs must not keep the pages waiting.
            post(await asyncio.to_thread(self.look))
            await asyncio.sleep(again_s)

    def _stamp(self) -> tuple[int, ...] | None:
        try:
            found = self._file.stat()
        except FileNotFoundError:
            return None
        except OSError:
            return ()  # reading it will tell why
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _read(self) -> Posted | None:
        try:
            text = read_text(self._file)
            return read_notice(text, str(self._file)) if text.strip() else None
        except CannotStart as error:
            LOG.warning("a notice that cannot be shown: %s", error)
            return None
