# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""`bezet webhook test`: whether a receiver in window.toml takes what the window sends."""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands import DEFAULT_WINDOW, WindowFile
from bezet.cli import DEFAULT_BUILDING, BuildingFile, load_building
from bezet.errors import CannotStart
from bezet.program import now_ms

if TYPE_CHECKING:
    from api.webhooks.sending import Answer
    from api.webhooks.settings import WebhookSettings
    from bezet.model import Building

#: Of what a receiver answers so many characters are shown.
MOST_TOLD = 200

webhook = typer.Typer(help="Look at the receivers of events.", no_args_is_help=True)


@webhook.callback()
def _webhook() -> None:
    """Look at the receivers of events."""


@webhook.command("test")
def send_test(
    name: Annotated[str, typer.Argument(help="The `name` of the receiver in window.toml.")],
    window: WindowFile = DEFAULT_WINDOW,
    building: BuildingFile = DEFAULT_BUILDING,
) -> None:
    """Send a signed event of type nl.bezet.test.v1 to one receiver, once, and show what it answers.

    It is sent whatever events the receiver asked for. Ends with 1 where it is not taken.

    Example: `bezet webhook test bms --window window.toml --building building.toml`
    """
    from api.settings import load_settings

    found = load_building(building)
    receivers = {one.name: one for one in load_settings(window, found).webhooks}
    if name not in receivers:
        known = ", ".join(receivers) or "none"
        raise CannotStart(f"{window}: there is no webhook {name!r}; there are: {known}")
    answer = asyncio.run(_sent(receivers[name], found))
    if answer.why:
        raise CannotStart(f"webhook {name}: did not take it: {_words(answer)}")
    typer.echo(f"webhook {name}: took it: {_words(answer)}")


def _words(answer: Answer) -> str:
    """What was answered, in one line; nothing in it moves the cursor of a terminal."""
    text = "".join(one if one.isprintable() else " " for one in answer.text)
    return " ".join([str(answer.status or answer.why), *text.split()])[:MOST_TOLD]


async def _sent(receiver: WebhookSettings, building: Building) -> Answer:
    from api.webhooks.events import envelope, headers
    from api.webhooks.sending import new_client, post, read_secrets

    event, t_ms = f"evt_{uuid.uuid4().hex}", now_ms()
    body = envelope(event, "test", building.site, f"webhooks/{receiver.name}", t_ms, {"name": receiver.name})
    async with new_client() as client:
        return await post(client, receiver.url, body, headers(event, body, t_ms, read_secrets(receiver)))
