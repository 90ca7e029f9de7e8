# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""`bezet serve`: the window as a program; `bezet why`: what explains a space, on the server itself."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from contextlib import closing
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bezet.cli import (
    DEFAULT_BUILDING,
    DEFAULT_STORE,
    BrokerAddress,
    BuildingFile,
    StoreAddress,
    load_building,
)
from bezet.errors import CannotStart
from bezet.link import DEFAULT_BROKER
from bezet.program import log_to_stderr, now_ms

if TYPE_CHECKING:
    from api.book import Book
    from api.settings import Settings
    from api.words import Language
    from bezet.model import Building
    from store import Store

DEFAULT_BOOK = Path("bezet-window.db")
ACCESS_PAGE = "docs/how-to/set-up-the-window.md"
BookFile = Annotated[
    Path,
    typer.Option(envvar="BEZET_BOOK", help="The window's own book: tokens, what people did, what was muted."),
]
DEFAULT_WINDOW = Path("window.toml")
WindowFile = Annotated[
    Path, typer.Option("--window", envvar="BEZET_WINDOW", help="The file with the settings of the window.")
]
SettingsFile = Annotated[
    Path | None,
    typer.Option(
        "--window",
        envvar="BEZET_WINDOW",
        help="The file with the settings of the window: who may see what, calendars, webhooks.",
        show_default=False,
    ),
]


def serve(
    building: BuildingFile = DEFAULT_BUILDING,
    store: StoreAddress = DEFAULT_STORE,
    broker: BrokerAddress = DEFAULT_BROKER,
    host: Annotated[str, typer.Option(help="The address to listen on; 0.0.0.0 is all.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="The port; 0 takes a free one.")] = 8080,
    notice: Annotated[
        Path | None,
        typer.Option(
            help="A file with something that every page must say; it may come, change and go at any time.",
            show_default=False,
        ),
    ] = None,
    settings: SettingsFile = None,
    book: BookFile = DEFAULT_BOOK,
    theme: Annotated[
        Path | None,
        typer.Option(
            "--theme-css",
            envvar="THEME_CSS",
            help="A stylesheet with the colours and letters of your own organisation.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Show what is known: the lobby page, the API, and live changes.

    Example: `bezet serve --building building.toml --store sqlite:bezet.db --broker mqtt://127.0.0.1:1883`
    """
    from api.access.command_line import note_configuration
    from api.book.book import open_book
    from api.server import listening, open_many
    from api.settings import load_settings
    from api.theme import read_theme
    from store.opening import open_store

    log_to_stderr()
    open_many()
    found = load_building(building)
    asked, own = load_settings(settings, found), read_theme(theme)
    if asked.access is None:
        _must_be_alone(host, settings)
    with (
        listening(host, port) as listener,
        closing(open_book(book)) as kept,
        closing(open_store(store)) as opened,
    ):
        note_configuration(kept, filter(None, (building, settings, theme)))
        asyncio.run(_run(found, opened, broker, listener, kept, asked, notice, own))


def why(
    space: Annotated[str, typer.Argument(help="The id or the name of the space.")],
    at: Annotated[
        str | None,
        typer.Option(
            help="Of when: a time of today, as 10:42, or a day with a time, as 2026-11-23T10:42; else now.",
            show_default=False,
        ),
    ] = None,
    building: BuildingFile = DEFAULT_BUILDING,
    store: StoreAddress = DEFAULT_STORE,
    lang: Annotated[
        str, typer.Option(help="nl or en; without it, the language of this machine.", show_default=False)
    ] = "",
) -> None:
    """Tell in words why a space is free, occupied or unknown: what speaks for it and against it.

    Example: `bezet why 1.04 --at 10:42 --building building.toml --store sqlite:bezet.db`
    """
    from api.why.asking import CannotAnswer
    from api.words import Language
    from store.opening import open_store

    spoken = lang or os.environ.get("LANG", "")[:2]
    if lang and lang not in [*Language]:
        raise CannotStart(f"--lang {lang}: is none of {', '.join(Language)}")
    language = Language(spoken) if spoken in [*Language] else Language.EN
    found = load_building(building)
    opened = open_store(store)
    try:
        typer.echo(_told(found, opened, space, at, language))
    except CannotAnswer as error:
        raise CannotStart(str(error)) from None
    finally:
        opened.close()


def _told(building: Building, store: Store, space: str, at: str | None, language: Language) -> str:
    from api.why.asking import Question, instant_ms, must_show, space_called, stored
    from api.why.finding import found
    from api.why.telling import Teller

    asked_ms = now_ms()
    at_ms = asked_ms if at is None else instant_ms(at, asked_ms, building.timezone)
    question = Question(building, space_called(building, space), at_ms, asked_ms)
    must_show(question)
    return Teller(found(question, stored(store, question)), language).text()


def _must_be_alone(host: str, settings: Path | None) -> None:
    """Without access everything is open, which is for one's own machine alone."""
    where = "give a file with --window" if settings is None else f"add to {settings}"
    try:
        found = {ip_address(one[4][0]) for one in socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM)}
    except OSError:
        return  # that it cannot listen there is said next
    if not all(one.is_loopback for one in found):
        raise CannotStart(
            f"--host {host}: others could reach this, and nobody has said who may see what; {where}:\n"
            '[access]\nanonymous = "public"  # who has no name sees which are free; "nobody": nothing\n'
            f"({ACCESS_PAGE})"
        )


async def _run(
    building: Building,
    store: Store,
    broker: str,
    listener: socket.socket,
    book: Book,
    settings: Settings,
    notice: Path | None,
    theme: bytes,
) -> None:
    from api.app import build_app
    from api.feed import subscriptions
    from api.server import Server
    from bezet.link.mqtt import MqttLink

    name = f"bezet-window-{building.site}-{secrets.token_hex(4)}"
    prefix = settings.demand.home_assistant
    greeting = f"{prefix}/status" if prefix else ""
    link = MqttLink(broker, name, subscriptions=subscriptions(building, greeting))
    app = build_app(
        *(store, link, building, now_ms), book=book, settings=settings, notice=notice, theme=theme
    )
    await Server(app, listener).serve()
