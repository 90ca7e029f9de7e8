# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Copies of an embedded store: made while it is written, checked, put back; and its file packed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from bezet.errors import CannotStart, StoreBusy, StoreUnusable
from store.sqlite.checkup import COUNTED, is_database, looked_at, size_bytes, verify
from store.sqlite.file import STORE, checked_version, translated

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from store.sqlite.checkup import Contents

    Progress = Callable[[str, int, int], None]

#: Pages that are copied between two words about how far it is: 8 MB.
_PAGES = 2_000


def backup(path: Path, target: Path, progress: Progress) -> Contents | None:
    """Copy a store as it is at this instant, while others write to it; what the checked copy holds.

    Never overwrites a file, and leaves none behind when it fails.
    """
    try:
        target.open("x").close()  # the name is ours from now on
    except FileExistsError:
        raise CannotStart(
            f"{target}: is there already, and is not overwritten; choose another name"
        ) from None
    except OSError as error:
        raise CannotStart(f"{target}: {error.strerror}") from error
    try:
        return _copied(path, target, progress)
    except BaseException:
        target.unlink()
        raise


def _copied(path: Path, target: Path, progress: Progress) -> Contents | None:
    """Copy a store into an empty file beside the target, check it, and give it the target's name."""
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    try:
        with looked_at(path) as source, translated(part), closing(sqlite3.connect(part)) as copy:
            checked_version(source, path)
            source.backup(
                copy, pages=_PAGES, progress=lambda _, left, total: progress("copying", total - left, total)
            )
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
        verdict = verify(part, progress)
        if verdict.wrong:
            raise StoreUnusable(f"{path}: the copy is not sound: {verdict.wrong[0]}")
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return verdict.contents


def restore(file: Path, path: Path, progress: Progress, *, aside: Path | None) -> Contents | None:
    """Put a copy in the place of a store; what it holds.

    `aside` is the name that what is there now gets; without it only nothing, or a store without rows, is
    replaced. Raises `CannotStart` with why not; then everything is as it was.
    """
    if aside is None and path.exists() and not _is_empty(path):
        raise CannotStart(f"{path}: holds a store; with --replace it is kept beside the restored one")
    if aside is not None and aside.exists():
        raise CannotStart(f"{aside}: is there already; try again in a second")
    if not path.absolute().parent.is_dir():
        raise CannotStart(f"{path}: there is no folder {path.absolute().parent}")
    fresh = path.with_name(f"{path.name}.restored")
    contents = _copied(file, fresh, progress)
    try:
        _let_go(path)
        if aside is not None:
            for ending in ("-wal", "-shm", ""):  # of a damaged store the log may be the better half
                there = path.with_name(path.name + ending)
                if there.exists():
                    there.rename(aside.with_name(aside.name + ending))
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    return contents


def _is_empty(path: Path) -> bool:
    """Whether a file is a store in which nothing was ever written."""
    with looked_at(path) as connection:
        if checked_version(connection, path) < len(STORE.scripts):
            return False
        return not any(connection.execute(query).fetchone()[0] for query in COUNTED.values())


def _let_go(path: Path) -> None:
    """Raise `CannotStart` if another program has the store open; else its log is folded into it."""
    if not path.exists() or not is_database(path):
        return
    try:
        with translated(path), closing(sqlite3.connect(path, timeout=0.0)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
    except StoreBusy as error:
        raise CannotStart(
            f"{path}: another program has it open; stop the collector and the server first"
        ) from error
    except StoreUnusable:
        pass  # too damaged to say who has it open


def dated(path: Path, now: datetime) -> Path:
    """The name under which an old store is kept beside the one that replaced it."""
    return path.with_name(f"{path.name}.{now:%Y-%m-%dT%H%M%S}")


def vacuum(path: Path) -> tuple[int, int]:
    """Write the file anew without the room that removed rows left; bytes before and after.

    Others can read meanwhile, and wait to write. It takes as much free disk again as the store has rows.
    """
    with looked_at(path) as connection:
        checked_version(connection, path)
    before = size_bytes(path)
    with translated(path), closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return before, size_bytes(path)
