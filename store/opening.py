# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""From the words of a configuration to an open store."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bezet.errors import CannotStart, StoreBusy
from store.influx.address import FORM, access
from store.memory import MemoryStore
from store.sqlite import SqliteStore

if TYPE_CHECKING:
    from collections.abc import Mapping

    from store import Store

TRIES = 10
WAIT_S = 0.3


def open_store(address: str, environ: Mapping[str, str] = os.environ) -> Store:
    """`sqlite:FILE`, `influx:URL/DATABASE` or `memory:`; raises `CannotStart` with what is wrong."""
    scheme, _, place = address.partition(":")
    if scheme == "memory":
        return MemoryStore()
    if scheme == "influx":
        return _open_influx(address, environ)
    if scheme != "sqlite" or not place:
        raise CannotStart(f"store {address!r}: needs the form sqlite:FILE, as in sqlite:bezet.db, or {FORM}")
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


def _open_influx(address: str, environ: Mapping[str, str]) -> Store:
    """A server that is away at the start is waited for, like one that goes away later."""
    found = access(address, environ)
    try:
        from store.influx.store import InfluxStore  # noqa: PLC0415  half a second that only this store costs
    except ImportError as error:
        raise CannotStart(f"store {address!r}: needs {error.name}, which is not installed here") from error
    store = InfluxStore(found, now_ms=lambda: time.time_ns() // 1_000_000)
    try:
        store.check()
    except StoreBusy:
        pass
    except BaseException:
        store.close()
        raise
    return store
