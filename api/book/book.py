# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The file of the book, and how it is opened; each kind of entry has a file beside this one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bezet.errors import CannotStart, StoreError
from store.sqlite.file import Database, schema_in

if TYPE_CHECKING:
    from pathlib import Path

BUSY_TIMEOUT_S = 5.0
#: "bezw" is in the head of the file.
APPLICATION_ID = 0x62657A77


class Book(Database):
    """The book in the file at `path`, made if it is not there; for several threads and programs at once.

    What its methods raise is a `StoreError`, as that of a store.
    """

    def __init__(self, path: Path) -> None:
        schema = schema_in("api.book", APPLICATION_ID, "a book of bezet's window")
        super().__init__(path, BUSY_TIMEOUT_S, schema)


def open_book(path: Path) -> Book:
    """The book, or `CannotStart` with what is wrong."""
    if not path.parent.is_dir():
        raise CannotStart(f"book {path}: there is no folder {path.parent}")
    try:
        return Book(path)
    except StoreError as error:
        raise CannotStart(f"book {error}") from error
