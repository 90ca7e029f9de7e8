# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Why a space is what it is, by the API and by `bezet why`: the same answer, and the same refusals."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
import typer
from typer.testing import CliRunner

from api.commands import why
from bezet.errors import CannotStart
from bezet.model import Kind, Occupancy, Reading
from bezet.program import now_ms
from store.sqlite import SqliteStore
from tests.api.conftest import NOW_MS, building_text, health, live
from tests.api.why.past import MEETING, kept, lived, minutes

if TYPE_CHECKING:
    from pathlib import Path

    from bezet.model import Building
    from tests.api.conftest import Stage

INSTANT = r"\d{4}-\d\d-\d\dT"


def remember(stage: Stage, space: str, readings: list[Reading] = MEETING) -> None:
    """Let a space have a past."""
    kept(stage.store, space, readings, lived(stage.building, space, readings))


async def test_a_meeting_is_explained(stage: Stage) -> None:
    """Words in the language that is asked, with what they rest on as figures."""
    remember(stage, "0.01")
    async with stage.running():
        await stage.say(health(), live("0.01", Occupancy.OCCUPIED))
        answer = await stage.client.get("/v1/spaces/0.01/why", headers={"Accept-Language": "en"})
        dutch = await stage.read("/v1/spaces/0.01/why")

    found = answer.json()
    motion = next(one for one in found["evidence"] if one["kind"] == "motion")
    air = next(one for one in found["evidence"] if one["kind"] == "co2_ppm")
    assert (answer.headers["content-language"], answer.headers["vary"]) == ("en", "Accept-Language")
    assert (found["spaceId"], found["at"], found["occupancy"]) == (
        "0.01",
        "2026-11-23T10:00:00.000Z",
        "occupied",
    )
    assert (found["summary"], dutch["summary"]) == (
        "0.01 Plein is occupied since 11:00, 90 % sure.",
        "0.01 Plein is bezet sinds 11:00, 90 % zeker.",
    )
    assert motion["words"] == "motion by pir-1: last at 11:00:00, counts until 11:15"
    assert (motion["side"], motion["sensor"], motion["device"]) == ("for", "pir-1", "pi-1")
    assert (motion["until"], motion["logOdds"] > 0) == ("2026-11-23T10:15:00.000Z", True)
    assert (air["amount"], air["slopePpmMin"]) == (710, pytest.approx(14))
    assert [(one["at"][11:16], one["after"]) for one in found["changes"]] == [
        ("09:40", "occupied"),
        ("07:00", "free"),
    ]
    assert found["coverage"] == pytest.approx(0.125, abs=0.01)


async def test_it_explains_what_the_live_page_shows(stage: Stage) -> None:
    """A device that went down a moment ago: unknown, with its name and what to do about it."""
    remember(stage, "0.01")
    async with stage.running():
        await stage.say(live("0.01", Occupancy.OCCUPIED), health(online=False))
        found = await stage.read("/v1/spaces/0.01/why")
        shown = await stage.space("0.01")

    assert (
        (found["occupancy"], found["unknownBecause"])
        == ("unknown", shown["unknownBecause"])
        == ("unknown", "offline")
    )
    assert found["summary"].startswith("0.01 Plein is onbekend: het kastje is uitgevallen. Kijk")
    assert [one["words"] for one in found["faults"]] == ["niets gehoord van kastje pi-1 sinds 11:00"]
    assert any("telt nu niet" in one for one in found["notes"])


async def test_the_past_is_of_the_store(stage: Stage) -> None:
    """What was said then, whatever the live page shows now."""
    remember(stage, "0.01")
    async with stage.running():
        found = await stage.read("/v1/spaces/0.01/why?at=2026-11-23T10:30:00%2B01:00")

    assert (found["at"], found["occupancy"]) == ("2026-11-23T09:30:00.000Z", "free")
    assert found["summary"].startswith("0.01 Plein was om 10:30 vrij, en dat sinds ")


def instants(found: dict[str, Any]) -> list[str]:
    """Every instant in an answer but the one that was asked, and every time of day in its words."""
    text = json.dumps({**found, "at": None, "spaceId": None})
    return re.findall(rf"{INSTANT}|\d\d:\d\d", text)


async def test_a_space_for_one_has_no_instants(stage: Stage) -> None:
    """Free or occupied and by what, never since when; only the numbers that the live page shows too."""
    booth = [*minutes("ld2410", Kind.PRESENCE, -180, -21, 0), *minutes("ld2410", Kind.PRESENCE, -20, 0, 1)]
    remember(stage, "1.01", [*booth, *minutes("air", Kind.CO2_PPM, -20, 0, lambda n: 900 + 9 * n)])
    async with stage.running():
        await stage.say(health(), live("1.01", Occupancy.OCCUPIED))
        found = await stage.read("/v1/spaces/1.01/why")

    assert instants(found) == []
    assert (found["occupancy"], found["since"], found["changes"], found["coverage"]) == (
        "occupied",
        None,
        [],
        None,
    )
    assert {one["sensor"] for one in found["evidence"]} >= {"ld2410"}
    assert {
        one[key] for one in found["evidence"] for key in ("amount", "logOdds", "until", "slopePpmMin")
    } == {None}


async def test_a_small_space_has_only_its_present(stage: Stage) -> None:
    """Evidence with its times, since when as on the live page, and no timeline."""
    remember(stage, "1.02")
    async with stage.running():
        await stage.say(health(), live("1.02", Occupancy.OCCUPIED))
        found = await stage.read("/v1/spaces/1.02/why")

    assert (found["changes"], found["coverage"]) == ([], None)
    assert found["evidence"][0]["until"]
    assert any("minder dan 5 mensen" in one for one in found["notes"])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("0.04/why", 200),
        ("0.04/why?at=2026-11-23T09:00:00Z", 403),
        ("1.01/why?at=2026-11-23T09:00:00Z", 403),
        ("1.02/why?at=2026-11-23T09:00:00Z", 403),
        ("1.03/why?at=2026-11-20T09:00:00Z", 403),
        ("9.99/why", 404),
        ("0.01/why?at=2026-11-23T10:00:01Z", 400),
        ("0.01/why?at=2026-11-20T09:00:00Z", 400),
        ("0.01/why?at=10:42", 400),
        ("0.01/why?when=now", 400),
        ("0.02/why", 200),
    ],
)
async def test_what_is_refused(stage: Stage, path: str, status: int) -> None:
    """The past of a person and of privacy mode, what is still to come, what was before anything stored."""
    for space in ("0.01", "1.01", "1.02"):
        remember(stage, space)
    async with stage.running():
        answer = await stage.client.get(f"/v1/spaces/{path}")

    assert answer.status_code == status
    assert (answer.headers["content-type"] == "application/problem+json") == (status >= 400)


async def test_privacy_mode_says_that_it_is_not_measured(stage: Stage) -> None:
    """And nothing more."""
    async with stage.running():
        found = await stage.read("/v1/spaces/0.04/why")

    assert (found["occupancy"], found["evidence"], found["faults"]) == ("notMeasured", [], [])
    assert "wordt niet gemeten" in found["summary"]


# --- the command ------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, building: Building) -> Path:
    """A building file, and a store in which somebody has been in 0.01 and 1.01 until this very moment."""
    (tmp_path / "building.toml").write_text(building_text())
    later_ms = now_ms() - NOW_MS
    readings = [one for one in MEETING if one.kind is Kind.MOTION]
    moved = [Reading(one.t_ms + later_ms, *(one.sensor, one.kind, one.value)) for one in readings]
    store = SqliteStore(tmp_path / "bezet.db")
    for space in ("0.01", "1.01"):
        kept(store, space, moved, lived(building, space, moved, until=later_ms // 60_000))
    store.close()
    return tmp_path


def ask(folder: Path, *words: str) -> str:
    """What `bezet why` prints; raises what it raises."""
    app = typer.Typer()
    app.command()(why)
    given = ["--building", str(folder / "building.toml"), "--store", f"sqlite:{folder / 'bezet.db'}"]
    found = CliRunner().invoke(app, [*words, *given], env={"LANG": "C.UTF-8"}, catch_exceptions=True)
    if isinstance(found.exception, CannotStart):
        raise found.exception
    assert found.exit_code == 0, found.output
    return found.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["0.01"], "0.01 Plein is occupied since "),
        (["plein", "--lang", "nl"], "0.01 Plein is bezet sinds "),
        (["1.01"], "1.01 Belcel is occupied, "),
        (["0.02"], "0.02 Markt is unknown: no sensor"),
        (["0.04"], "0.04 Kolfkamer is not measured"),
    ],
)
def test_the_command_tells_the_same(folder: Path, words: list[str], said: str) -> None:
    """By id or name, in either language."""
    assert ask(folder, *words).startswith(said)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["0.1"], r"0.1: there is no such space; there is 0.01 \(Plein\)"),
        (["0.01", "--lang", "fr"], "--lang fr: is none of nl, en"),
        (["0.01", "--at", "soon"], "'soon': needs a time of today"),
        (["0.01", "--at", "2099-01-01T00:00"], "is still to come"),
        (["0.01", "--at", "2020-01-01T00:00"], "nothing is stored of 0.01 before"),
        (["1.01", "--at", "2020-01-01T00:00"], "for fewer than 5 people"),
        (["0.04", "--at", "2020-01-01T00:00"], "is not measured"),
    ],
)
def test_what_the_command_cannot_answer_is_one_line(folder: Path, words: list[str], said: str) -> None:
    """It names what was asked and says what would do."""
    with pytest.raises(CannotStart, match=said):
        ask(folder, *words)
