# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""From the words of a configuration to an open store."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from bezet.errors import CannotStart, StoreBusy
from store.memory import MemoryStore
from store.sqlite import SqliteStore

if TYPE_CHECKING:
    from store import Store

TRIES = 10
WAIT_S = 0.3


def open_store(address: str) -> Store:
    """`sqlite:FILE` or `memory:`; raises `CannotStart` with what is wrong."""
    scheme, _, place = address.partition(":")
    if scheme == "memory":
        return MemoryStore()
    if scheme != "sqlite" or not place:
        raise CannotStart(f"store {address!r}: needs the form sqlite:FILE, as in sqlite:bezet.db")
    path = Path(place)
    if not path.parent.is_dir():
        raise CannotStart(f"store {path}: there is no folder {path.parent}")
    for left in range(TRIES, 0, -1):
        try:
            return SqliteStore(path)
        except StoreBusy as error:  # another program makes or upgrades the same file just now
            if left == 1:
                raise CannotStart(f"store {error}") from error
            time.sleep(WAIT_S)
    raise AssertionError
