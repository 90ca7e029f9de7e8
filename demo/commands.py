# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""`bezet demo`: everything at once, on one machine, without a sensor."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import socket
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from bezet.cli import DEFAULT_BUILDING, BuildingFile, load_building
from bezet.errors import CannotStart
from bezet.program import now_ms


def demo(
    building: BuildingFile = DEFAULT_BUILDING,
    port: Annotated[int, typer.Option(min=1, max=65_535, help="The port of the page.")] = 8080,
    data: Annotated[Path, typer.Option(help="The folder that keeps the history for the next start.")] = Path(
        ".demo"
    ),
    broker: Annotated[
        str | None,
        typer.Option(
            help="mosquitto or amqtt; without it, Mosquitto where it is installed.", show_default=False
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            min=1, help="Which people there are; without it, some who come in soon.", show_default=False
        ),
    ] = None,
    *,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Forget the history of earlier starts first.")
    ] = False,
) -> None:
    """Show a town hall that isn't there, run by the programs of a real one, until Ctrl-C.

    Example: `bezet demo --port 8081 --fresh`
    """
    from demo.broker import choose_broker
    from demo.folder import DataFolder
    from demo.plan import make_plan
    from demo.show import Show

    found = load_building(building)
    chosen = choose_broker(broker)
    _check_port(port)
    today = datetime.now(found.timezone).date()
    plan = make_plan(found, today, now_ms(), seed)
    with DataFolder(data, fresh=fresh) as folder:
        log = folder.log("demo")
        logging.basicConfig(
            filename=log, filemode="w", format="%(asctime)s %(levelname)s %(name)s: %(message)s"
        )
        _say(f"{found.name}: a town hall that isn't there, with {plan.measured} measured spaces.")
        asyncio.run(Show(building, plan, folder, chosen, port, _say).run())


def _check_port(port: int) -> None:
    """Raise `CannotStart` while somebody else listens on the port."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as error:
        why = "another program uses it" if error.errno == errno.EADDRINUSE else os.strerror(error.errno or 0)
        raise CannotStart(
            f"port {port} cannot be used: {why}; choose another, "
            f"as in: bezet demo --port {port + 1}, or: make demo DEMO_ARGS='--port {port + 1}'"
        ) from None


def _say(line: str) -> None:
    """One line for a person; a terminal that is gone must not keep the demo from ending well."""
    with contextlib.suppress(OSError):
        typer.echo(line)
