# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The gate as it stands in a running window: sealed by the book, with whoever signs people in."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from api.access.gate import Gate
from api.access.oidc import Provider
from api.access.sealing import SEAL_BYTES, Seal
from api.book.tokens import seal_of
from bezet.errors import CannotStart
from bezet.program import read_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.access.settings import Access
    from api.book import Book


def make_gate(access: Access | None, book: Book, clock: Callable[[], int]) -> Gate:
    """The gate, which its `aclose` closes; `CannotStart` where the secret of the issuer cannot be read."""
    if access is None:
        return Gate(None, book, clock)
    seal = Seal(seal_of(book, "cookies", secrets.token_bytes(SEAL_BYTES)))
    if access.oidc is None:
        return Gate(access, book, clock, seal)
    secret = read_text(access.oidc.client_secret_file).strip()
    if not secret:
        raise CannotStart(f"{access.oidc.client_secret_file}: is empty; it must hold the client secret")
    key = seal_of(book, "pseudonyms", secrets.token_bytes(SEAL_BYTES))
    return Gate(access, book, clock, seal, Provider(access.oidc, secret, key, clock))
