# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""`bezet serve`: the window as a program."""

from __future__ import annotations

import asyncio
import secrets
import socket
from pathlib import Path  # noqa: TC003  Typer reads the annotations when it runs
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
    from bezet.model import Building
    from store import Store


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
) -> None:
    """Show what is known: the lobby page, the API, and live changes.

    Example: `bezet serve --building building.toml --store sqlite:bezet.db --broker mqtt://127.0.0.1:1883`
    """
    from store.opening import open_store

    log_to_stderr()
    found = load_building(building)
    with _listen(host, port) as listener:
        opened = open_store(store)
        try:
            asyncio.run(_run(found, opened, broker, listener, notice))
        finally:
            opened.close()


def _listen(host: str, port: int) -> socket.socket:
    """A socket that holds the port, or `CannotStart` with the reason."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as error:
        why = (error.strerror or str(error)).partition(" (while")[0]
        raise CannotStart(f"cannot listen on {host} port {port}: {why}") from None


async def _run(
    building: Building, store: Store, broker: str, listener: socket.socket, notice: Path | None
) -> None:
    from api.app import build_app
    from api.feed import subscriptions
    from api.server import Server
    from bezet.link.mqtt import MqttLink

    name = f"bezet-window-{building.site}-{secrets.token_hex(4)}"
    link = MqttLink(broker, name, subscriptions=subscriptions(building))
    await Server(build_app(store, link, building, now_ms, notice=notice), listener).serve()
