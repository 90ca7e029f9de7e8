# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What is written down of whoever works on the machine itself: who that is, and which files they changed."""

from __future__ import annotations

import os
import pwd
from hashlib import sha256
from typing import TYPE_CHECKING

from api.book.audit import Entry, last_result, write_down
from bezet.program import now_ms

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from api.book import Book

CONFIGURE, ORIGIN = "configure", "command line"


def user() -> str:
    """Who is at the command line: the account, also behind sudo; its number where it has no name."""
    uid = os.getuid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:  # as in a container
        name = str(uid)
    behind = os.environ.get("SUDO_USER", "")
    return f"user {behind} as {name}" if behind and behind != name else f"user {name}"


def note(book: Book, action: str, what: str, result: str) -> None:
    """Write down what somebody did at the command line."""
    write_down(book, Entry(now_ms(), user(), action, what, result, ORIGIN))


def note_configuration(book: Book, files: Iterable[Path]) -> None:
    """Write down which files say something else than at the last start, by what is in them."""
    for file in files:
        digest = f"sha256 {sha256(file.read_bytes()).hexdigest()}"
        if last_result(book, CONFIGURE, file.name) != digest:
            note(book, CONFIGURE, file.name, digest)
