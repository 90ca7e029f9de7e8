# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Tokens of ours: what one looks like, and how it is known again. Pure.

`bezet_<id>_<secret>`: the id finds the row, the secret of 32 random bytes is compared by its SHA-256. So much
chance needs no slow hash: there is nothing to guess.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from bezet.retention import HOUR_MS

if TYPE_CHECKING:
    from api.access.caller import Role

PREFIX = "bezet_"
_FORM = re.compile(r"bezet_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
#: When a token was last used is kept to the hour: enough to find those that nobody uses.
USED_STEP_MS = HOUR_MS


class Parts(NamedTuple):
    """What a token says: which row it belongs to, and its secret."""

    id: str
    secret: str


@dataclass(frozen=True, slots=True)
class Token:
    """What is kept of a token; `role` is what its holder may do, and a screen's is to show."""

    id: str
    name: str
    role: Role
    is_screen: bool
    digest: bytes
    made_ms: int
    expires_ms: int
    used_ms: int | None = None


def written(parts: Parts) -> str:
    """The token as its holder gets it, once."""
    return f"{PREFIX}{parts.id}_{parts.secret}"


def read(text: str) -> Parts | None:
    """The parts of a token; None where it is none of ours."""
    found = _FORM.fullmatch(text)
    return Parts(*found.groups()) if found else None


def digest_of(secret: str) -> bytes:
    """What is kept in the place of a secret."""
    return hashlib.sha256(secret.encode()).digest()


def is_good(token: Token, secret: str, now_ms: int) -> bool:
    """Whether a secret is that of a token, and the token still counts."""
    return hmac.compare_digest(token.digest, digest_of(secret)) and now_ms < token.expires_ms
