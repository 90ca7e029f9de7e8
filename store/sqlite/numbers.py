# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The words of an embedded store and their numbers: each stands once in the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

    from bezet.model import Kind


class ZoneNumbers:
    """The numbers of one zone: its own, its space's, and those of its sensors and rules."""

    __slots__ = ("series", "space", "voices", "zone")

    def __init__(self, space: int, zone: int) -> None:
        self.space = space
        self.zone = zone
        self.series: dict[tuple[str, Kind], int] = {}
        self.voices: dict[str, int] = {}


class Numbers:
    """Remembers the numbers of words. All of it happens inside a transaction that writes.

    What a transaction that failed had numbered is not there any more, nor is what belonged to a space that
    somebody (another program, too) removed: then everything is forgotten and found again.
    """

    def __init__(self) -> None:
        self._removals = -1
        self._zones: dict[tuple[str, str, str], ZoneNumbers] = {}
        self._sayings: dict[tuple[str, tuple[str, ...]], int] = {}

    def check(self, connection: sqlite3.Connection) -> None:
        """Forget everything if a space was removed since it was learnt."""
        (removals,) = connection.execute("SELECT spaces FROM removal").fetchone()
        if removals != self._removals:
            self.forget()
            self._removals = removals

    def forget(self) -> None:
        """Forget everything."""
        self._zones.clear()
        self._sayings.clear()

    def zone(self, connection: sqlite3.Connection, site: str, space: str, device: str) -> ZoneNumbers:
        """The numbers of a zone, which may be new."""
        found = self._zones.get((site, space, device))
        if found is None:
            space_number = numbered(connection, "space (site, name)", site, space)
            zone_number = numbered(connection, "zone (space, device)", space_number, device)
            found = self._zones[site, space, device] = ZoneNumbers(space_number, zone_number)
        return found

    def saying(self, connection: sqlite3.Connection, occupancy: str, because: tuple[str, ...]) -> int:
        """The number of what is said of a zone."""
        found = self._sayings.get((occupancy, because))
        if found is None:
            words = (occupancy, " ".join(because))
            found = numbered(connection, "saying (occupancy, because)", *words)
            self._sayings[occupancy, because] = found
        return found


def numbered(connection: sqlite3.Connection, place: str, *words: object) -> int:
    """The number of the row that holds these words; a new one if none does.

    `place`: table and columns, as in `"space (site, name)"`.
    """
    table, _, columns = place.partition(" ")
    marks = f"({', '.join('?' * len(words))})"
    query = f"SELECT id FROM {table} WHERE {columns} = {marks}"  # noqa: S608  places stand in code
    found = connection.execute(query, words).fetchone()
    if found is not None:
        return int(found[0])
    added = connection.execute(f"INSERT INTO {place} VALUES {marks}", words)  # noqa: S608  as above
    return int(added.lastrowid or 0)
