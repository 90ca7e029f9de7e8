# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Which version of this project made what is stored: a point in the bucket that keeps for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bezet.errors import StoreUnusable
from store.influx.lines import MONTHS, SCHEMA
from store.influx.queries import NEWEST, select

if TYPE_CHECKING:
    from store.influx.server import Server


def schema(server: Server) -> int | None:
    """The version of what is stored, None where nothing is; raises `StoreUnusable` for a newer one."""
    found = list(server.query(MONTHS, select(["version"], "schema", "", NEWEST)))
    version = next((int(one.rows[0][1]) for one in found if one.rows), None)
    if version is not None and version > SCHEMA:
        made = f"schema {version}, this one knows {SCHEMA}"
        raise StoreUnusable(
            f"{server.place}/{server.database}: made by a newer bezet ({made}); upgrade bezet"
        )
    return version
