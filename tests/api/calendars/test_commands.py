# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""`bezet calendars check` as it is typed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from api.calendars.commands import calendars
from bezet.errors import CannotStart
from bezet.program import now_ms
from tests.api.conftest import building_text

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result

TITLE = "Functioneringsgesprek Piet"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a good building file."""
    (tmp_path / "building.toml").write_text(building_text())
    return tmp_path


def appointment(in_days: int, more: str = "") -> str:
    """An hour in so many days from now."""
    start = datetime.fromtimestamp(now_ms() / 1000, UTC) + timedelta(days=in_days, hours=1)
    return (
        f"BEGIN:VEVENT\r\nUID:{in_days}{len(more)}\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:{TITLE}\r\n{more}"
        f"DTSTART:{start:%Y%m%dT%H%M%SZ}\r\nDURATION:PT1H\r\nEND:VEVENT\r\n"
    )


def feed(*appointments: str) -> str:
    """A calendar."""
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{''.join(appointments)}END:VCALENDAR\r\n"


def checked(folder: Path, feeds: str) -> Result:
    """What the command says of these feeds."""
    (folder / "window.toml").write_text(f"[calendars.feeds]\n{feeds}")
    words = ["check", "--window", folder / "window.toml", "--building", folder / "building.toml"]
    return CliRunner().invoke(calendars, [str(one) for one in words])


def test_each_calendar_is_asked_once_and_nothing_kept(folder: Path) -> None:
    """Of each space is told how often it is busy in the next seven days, and what does not count."""
    (folder / "a.ics").write_text(
        feed(appointment(1), appointment(3), appointment(9), appointment(2, "STATUS:CANCELLED\r\n"))
    )
    (folder / "b.ics").write_text(feed(appointment(6)))
    said = checked(folder, '"0.02" = "a.ics"\n"0.03" = "b.ics"\n')
    _, first, second = said.output.splitlines()

    assert first.split() == ["0.02", "Markt", "2", "times", "1", "cancelled"]
    assert second.split() == ["0.03", "Raadzaal", "1", "time"]
    assert (said.exit_code, "Piet" in said.output) == (0, False)
    assert {one.name for one in folder.iterdir()} == {"a.ics", "b.ics", "building.toml", "window.toml"}


def test_appointments_that_cannot_be_read_are_told(folder: Path) -> None:
    """Of a calendar of which something cannot be read is told how much, why, and what could be read."""
    broken = "BEGIN:VEVENT\r\nUID:b\r\nDTSTART:notadate\r\nEND:VEVENT\r\n"
    never = appointment(2, "RRULE:FREQ=NEVER\r\n")
    (folder / "a.ics").write_text(feed(appointment(1), broken, broken, never))
    said = checked(folder, '"0.02" = "a.ics"\n')
    words = " ".join(said.output.splitlines()[1].split())

    assert words == "0.02 Markt 1 time 2 with a time that cannot be read, 1 with a rule that cannot be read"
    assert said.exit_code == 0


def test_what_cannot_be_read_is_said_and_ends_with_1(folder: Path) -> None:
    """One that fails is told with why, and not with its address; the others are told all the same."""
    (folder / "a.ics").write_text(feed())
    (folder / "b.ics").write_text("<html>Sign in</html>")
    said = checked(
        folder, '"0.01" = "http://127.0.0.1:9/private-x"\n"0.02" = "a.ics"\n"0.03" = "b.ics"\n"0.04" = "c"\n'
    )
    lines = [" ".join(one.split()) for one in said.output.splitlines()[1:]]

    assert lines == [
        "0.01 Plein its server does not answer (ConnectError)",
        "0.02 Markt 0 times",
        "0.03 Raadzaal it is not a calendar",
        "0.04 Kolfkamer No such file or directory",
    ]
    assert (said.exit_code, "private" in said.output) == (1, False)


def test_without_calendars_there_is_nothing_to_check(folder: Path) -> None:
    """A file that names no calendar is said to name none."""
    error = checked(folder, "").exception

    assert isinstance(error, CannotStart)
    assert str(error) == f"{folder / 'window.toml'}: there is no calendar in [calendars.feeds]"
