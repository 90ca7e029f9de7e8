# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The tokens that were given out, and what the window seals with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.access.caller import Role
from api.access.tokens import Token

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.book.book import Book


def add_token(book: Book, token: Token) -> None:
    """Commit a new one."""
    with book.transaction() as connection:
        connection.execute(
            "INSERT INTO token (id, name, role, is_screen, digest, made_ms, expires_ms, used_ms) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(token.id, token.name, token.role, token.is_screen, token.digest),
                *(token.made_ms, token.expires_ms, token.used_ms),
            ),
        )


def token_of(book: Book, token_id: str) -> Token | None:
    """The token of an id; None if there is none, or not any more."""
    with book.snapshot() as connection:
        row = connection.execute("SELECT * FROM token WHERE id = ?", (token_id,)).fetchone()
    return None if row is None else _token(row)


def tokens(book: Book, *, is_screen: bool) -> list[Token]:
    """Those of screens, or all others, by name."""
    with book.snapshot() as connection:
        rows = connection.execute(
            "SELECT * FROM token WHERE is_screen = ? ORDER BY name, made_ms", (is_screen,)
        ).fetchall()
    return [_token(row) for row in rows]


def remove_token(book: Book, token_id: str) -> bool:
    """Let a token count no more, from this moment; False if there was none."""
    with book.transaction() as connection:
        return connection.execute("DELETE FROM token WHERE id = ?", (token_id,)).rowcount > 0


def note_used(book: Book, token_id: str, t_ms: int) -> None:
    """Commit when a token was used last."""
    with book.transaction() as connection:
        connection.execute("UPDATE token SET used_ms = ? WHERE id = ?", (t_ms, token_id))


def seal_of(book: Book, name: str, new: bytes) -> bytes:
    """The secret of that name; `new` becomes it where there is none yet."""
    with book.transaction() as connection:
        connection.execute(
            "INSERT INTO seal (name, secret) VALUES (?, ?) ON CONFLICT DO NOTHING", (name, new)
        )
        found: bytes = connection.execute("SELECT secret FROM seal WHERE name = ?", (name,)).fetchone()[0]
    return found


def _token(row: Sequence[Any]) -> Token:
    token_id, name, role, is_screen, *rest = row
    return Token(token_id, name, Role(role), bool(is_screen), *rest)
