# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""`bezet token`, `bezet screen`, `bezet audit`: who holds a key to the window, and what was done with it."""

from __future__ import annotations

import re
import secrets
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.access.caller import Role
from bezet.errors import CannotStart
from bezet.program import now_ms
from bezet.retention import DAY_MS

if TYPE_CHECKING:
    from api.book import Book

DEFAULT_BOOK = Path("bezet-window.db")
BookFile = Annotated[Path, typer.Option(envvar="BEZET_BOOK", help="The window's own book.")]
Expires = Annotated[str, typer.Option(help="For how long it counts: days as 90d, or years as 2y.")]

YEAR_DAYS, MOST_DAYS = 365, 3_660
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_TERM = re.compile(r"([1-9][0-9]{0,3})([dy])")

token = typer.Typer(help="Keys for scripts and people without an account.", no_args_is_help=True)
screen = typer.Typer(help="Keys for lobby screens, which see what everybody sees.", no_args_is_help=True)


@token.command("create")
def create_token(
    name: Annotated[str, typer.Argument(help="What it is for: a-z, 0-9, '.', '_' or '-'.")],
    role: Annotated[Role, typer.Option(help="What its holder may do.")],
    expires: Expires = "1y",
    book: BookFile = DEFAULT_BOOK,
) -> None:
    """Make a token and show it, once: only its SHA-256 is kept.

    Example: `bezet token create nightly-export --role evaluator --expires 90d`
    """
    _create(book, name, role, expires, is_screen=False)


@token.command("list")
def list_tokens(book: BookFile = DEFAULT_BOOK) -> None:
    """Show which tokens there are, what they may do, and when each was used last.

    Example: `bezet token list`
    """
    _list(book, is_screen=False)


@token.command()
def revoke(
    token_id: Annotated[str, typer.Argument(metavar="ID", help="As `bezet token list` shows it.")],
    book: BookFile = DEFAULT_BOOK,
) -> None:
    """Let a token count no more, from this moment, in a running window too.

    Example: `bezet token revoke 3f9a1c0b77de`
    """
    _remove(book, token_id, is_screen=False)


@screen.command()
def add(
    name: Annotated[str, typer.Argument(help="Where it hangs: a-z, 0-9, '.', '_' or '-'.")],
    expires: Expires = "2y",
    book: BookFile = DEFAULT_BOOK,
) -> None:
    """Make a key for a screen and show it, once; type it in at /sign-in/token on the screen.

    Example: `bezet screen add lobby-east`
    """
    _create(book, name, Role.PUBLIC, expires, is_screen=True)


@screen.command("list")
def list_screens(book: BookFile = DEFAULT_BOOK) -> None:
    """Show which screens have a key, and when each was used last.

    Example: `bezet screen list`
    """
    _list(book, is_screen=True)


@screen.command()
def remove(
    screen_id: Annotated[str, typer.Argument(metavar="ID", help="As `bezet screen list` shows it.")],
    book: BookFile = DEFAULT_BOOK,
) -> None:
    """Let the key of a screen count no more, from this moment.

    Example: `bezet screen remove 3f9a1c0b77de`
    """
    _remove(book, screen_id, is_screen=True)


def audit(
    lines: Annotated[int, typer.Option(min=1, max=100_000, help="So many of the newest.")] = 50,
    book: BookFile = DEFAULT_BOOK,
) -> None:
    """Show what people and scripts did, the newest last: when, who, what, to what, how it ended, from where.

    Example: `bezet audit --lines 20`
    """
    from api.book.audit import written_down

    with closing(_opened(book)) as opened:
        for _, one in reversed(written_down(opened, most=lines)):
            typer.echo(
                f"{_shown(one.t_ms)}  {one.actor}  {one.action}  {one.object}  {one.result}  {one.origin}"
            )


# --- what they share ---------------------------------------------------------------------------------------


def _create(file: Path, name: str, role: Role, expires: str, *, is_screen: bool) -> None:
    from api.access.command_line import note
    from api.access.tokens import Parts, Token, digest_of, written
    from api.book.tokens import add_token, tokens

    if not _NAME.fullmatch(name):
        raise CannotStart(f"name {name!r}: needs up to 64 of a-z, 0-9, '.', '_' or '-', as in lobby-east")
    made_ms = now_ms()
    until_ms = made_ms + _days(expires) * DAY_MS
    parts = Parts(secrets.token_hex(6), secrets.token_urlsafe(32))
    with closing(_opened(file, may_be_new=True)) as book:
        if any(one.name == name and one.expires_ms > made_ms for one in tokens(book, is_screen=is_screen)):
            raise CannotStart(f"name {name!r}: is taken; revoke that one first, or choose another name")
        digest = digest_of(parts.secret)
        add_token(book, Token(parts.id, name, role, is_screen, digest, made_ms, until_ms))
        note(book, "make", f"{'screen' if is_screen else 'token'} {name}", f"as {role}")
    typer.echo(written(parts))
    typer.echo(f"Keep it now: it is not shown again. It counts until {_shown(until_ms)}.", err=True)


def _list(file: Path, *, is_screen: bool) -> None:
    from api.book.tokens import tokens

    with closing(_opened(file)) as book:
        found = tokens(book, is_screen=is_screen)
    if not found:
        typer.echo("There are none.", err=True)
    for one in found:
        used = "never used" if one.used_ms is None else f"used {_shown(one.used_ms)}"
        until = f"until {_shown(one.expires_ms)}" if one.expires_ms > now_ms() else "expired"
        typer.echo(f"{one.id}  {one.name}  {one.role}  {until}  {used}")


def _remove(file: Path, token_id: str, *, is_screen: bool) -> None:
    from api.access.command_line import note
    from api.book.tokens import remove_token, tokens

    with closing(_opened(file)) as book:
        names = {one.id: one.name for one in tokens(book, is_screen=is_screen)}
        if token_id not in names or not remove_token(book, token_id):
            known = ", ".join(f"{one} ({name})" for one, name in names.items()) or "none"
            raise CannotStart(f"id {token_id!r}: there is no such key; there are: {known}")
        note(book, "revoke", f"{'screen' if is_screen else 'token'} {names[token_id]}", "done")
    typer.echo(f"{names[token_id]} counts no more.")


def _opened(file: Path, *, may_be_new: bool = False) -> Book:
    from api.book.book import open_book

    if not may_be_new and not file.is_file():
        raise CannotStart(f"book {file}: is not there; name that of the window with --book")
    return open_book(file)


def _days(expires: str) -> int:
    found = _TERM.fullmatch(expires)
    days = int(found[1]) * (YEAR_DAYS if found[2] == "y" else 1) if found else 0
    if not 1 <= days <= MOST_DAYS:
        raise CannotStart(f"--expires {expires}: needs days as 90d or years as 2y, at most ten years")
    return days


def _shown(t_ms: int) -> str:
    return datetime.fromtimestamp(t_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
