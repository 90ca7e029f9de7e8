# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""`bezet webhook test` as it is typed, to a receiver over real HTTP."""

from __future__ import annotations

import base64
import hmac
import json
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from api.webhooks.commands import webhook
from bezet.errors import CannotStart
from tests.api.conftest import answering, building_text
from tests.api.webhooks.test_webhooks import SECRET, Receiver

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from typer.testing import Result


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A running receiver."""
    with Receiver() as server, answering(server):
        yield server


def typed(folder: Path, url: str, name: str = "bms") -> Result:
    """What the command says of a receiver."""
    (folder / "building.toml").write_text(building_text())
    (folder / "secret").write_bytes(SECRET)
    (folder / "window.toml").write_text(
        f'[[webhook]]\nname = "bms"\nurl = "{url}"\nsecret_files = ["secret"]\nevents = ["alarm.opened"]\n'
    )
    files = ["--window", str(folder / "window.toml"), "--building", str(folder / "building.toml")]
    return CliRunner().invoke(webhook, ["test", name, *files])


def test_one_signed_event_is_sent(receiver: Receiver, tmp_path: Path) -> None:
    """A receiver gets a test event that it can tell to be ours, whatever it asked for."""
    said = typed(tmp_path, receiver.url)
    (post,) = receiver.got
    event = json.loads(post.body)
    signed = f"{event['id']}.{post.headers['webhook-timestamp']}.".encode() + post.body
    signature = base64.b64encode(hmac.digest(SECRET, signed, "sha256")).decode()

    assert (event["type"], event["source"], event["subject"]) == (
        *("nl.bezet.test.v1", "/sites/hall", "webhooks/bms"),
    )
    assert post.headers["webhook-signature"] == f"v1,{signature}"
    assert (said.exit_code, said.output) == (0, "webhook bms: took it: 204\n")


@pytest.mark.parametrize("status", [302, 401, 410, 500])
def test_what_is_not_taken_is_said(receiver: Receiver, tmp_path: Path, status: int) -> None:
    """Any other answer than a 2xx is told, and nothing is sent again or elsewhere."""
    receiver.status = status
    error = typed(tmp_path, receiver.url).exception

    assert isinstance(error, CannotStart)
    assert str(error) == f"webhook bms: did not take it: {status}"
    assert len(receiver.got) == 1


def test_what_a_receiver_says_is_shown_in_one_line(receiver: Receiver, tmp_path: Path) -> None:
    """Its words are shown in short, without what would move the cursor of a terminal."""
    receiver.status, receiver.says = 400, b"bad\n\x1b[2J signature" + b"!" * 1_000
    error = str(typed(tmp_path, receiver.url).exception)

    assert error.startswith("webhook bms: did not take it: 400 bad [2J signature!!!")
    assert len(error) < 300


def test_who_does_not_answer_is_said(tmp_path: Path) -> None:
    """A receiver that is away is told as such, without its address."""
    assert str(typed(tmp_path, "http://127.0.0.1:9/hook").exception) == (
        "webhook bms: did not take it: ConnectError"
    )


def test_a_name_that_is_none(tmp_path: Path) -> None:
    """A name that is not in the file is told, with those that are."""
    error = typed(tmp_path, "https://a.example", "air").exception

    assert isinstance(error, CannotStart)
    assert str(error) == f"{tmp_path / 'window.toml'}: there is no webhook 'air'; there are: bms"
