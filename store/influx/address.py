# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Where an InfluxDB is, and what opens it: `influx:http://HOST:8086/DATABASE[?org=NAME]`, and a token."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from bezet.errors import CannotStart

if TYPE_CHECKING:
    from collections.abc import Mapping

FORM = "influx:http://HOST:8086/DATABASE, or with ?org=NAME behind it"
TOKEN = "BEZET_INFLUX_TOKEN"  # noqa: S105  the name of a variable
TOKEN_FILE = "BEZET_INFLUX_TOKEN_FILE"  # noqa: S105  the name of a variable
#: A slash would make another bucket of it, and quotes would end up in queries.
DATABASE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


@dataclass(frozen=True, slots=True)
class Access:
    """A server, a database of ours there, and the token; `org` is for 2.x, where the token sees several."""

    url: str
    database: str
    org: str | None = None
    token: str | None = field(default=None, repr=False)


def access(address: str, environ: Mapping[str, str]) -> Access:
    """What the address and the environment say; raises `CannotStart` with what is wrong."""
    wrong = CannotStart(f"store {address!r}: needs the form {FORM}")
    scheme, _, place = address.partition(":")
    try:
        parts = urlsplit(place)
        _ = parts.port  # a port that is no number is only found out when asked for
        asked = parse_qs(parts.query, strict_parsing=bool(parts.query))
    except ValueError:
        raise wrong from None
    if parts.username is not None or "@" in parts.netloc:
        raise CannotStart(f"store influx:…@{parts.hostname}: a token goes into {TOKEN}, not into the address")
    org = asked.pop("org", [None])[-1]
    database = parts.path.strip("/")
    well_formed = scheme == "influx" and parts.scheme in ("http", "https") and parts.hostname
    if not well_formed or asked or parts.fragment or not DATABASE.fullmatch(database):
        raise wrong
    return Access(f"{parts.scheme}://{parts.netloc}", database, org, _token(environ))


def _token(environ: Mapping[str, str]) -> str | None:
    if path := environ.get(TOKEN_FILE):
        try:
            return Path(path).read_text(encoding="ascii").strip() or None
        except (OSError, UnicodeDecodeError) as error:
            raise CannotStart(f"{TOKEN_FILE}: cannot read {path}: {error}") from error
    return environ.get(TOKEN, "").strip() or None
