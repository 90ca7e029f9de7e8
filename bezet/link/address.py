# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Where a broker is, in the words of a configuration."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from bezet.errors import CannotStart

DEFAULT_PORT = 1883
_IS_VERSION_5 = {"5": True, "3.1.1": False}


class Address(NamedTuple):
    """Where a broker is, and what it speaks."""

    host: str
    port: int
    username: str | None
    password: str | None
    is_version_5: bool


def read_address(url: str) -> Address:
    """`mqtt://[user:password@]host[:port][?protocol=3.1.1]`, or raise `CannotStart`.

    User and password may be percent-encoded; no message repeats them.
    """
    try:
        parts = urlsplit(url)
        asked = parse_qs(parts.query, keep_blank_values=True)
        is_version_5 = _IS_VERSION_5[asked.pop("protocol", ["5"])[-1]]
        is_plain = parts.scheme == "mqtt" and parts.path in ("", "/") and not parts.fragment and not asked
        host, port = parts.hostname, parts.port
    except (ValueError, KeyError):
        is_plain = False
    if not is_plain or not host:
        shown = re.sub("//.*@", "//", url)
        raise CannotStart(
            f"broker {shown!r}: needs the form mqtt://[user:password@]host[:port][?protocol=3.1.1], "
            "as in mqtt://127.0.0.1:1883"
        )
    username, password = (word and unquote(word) for word in (parts.username, parts.password))
    return Address(host, port or DEFAULT_PORT, username, password, is_version_5)
