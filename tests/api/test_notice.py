# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A notice of the operator appears, changes and goes while pages are open, and no mistake stops anything."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from api.app import build_app
from api.notice import MAX_CHARACTERS, NoticeFile, read_notice
from bezet.errors import ConfigError
from tests.api.conftest import MARKUP, NOW_MS, Stage, Stream, Time
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

#: A notice whose `until` is a minute after the time of the tests.
GOOD = 'nl = "Morgen dicht"\nen = "Closed tomorrow"\nuntil = 2026-11-23T11:01:00+01:00\n'
SAID, NOTHING = {"nl": "Morgen dicht", "en": "Closed tomorrow"}, {"nl": None, "en": None}


class Paper:
    """The file of the notice, as an operator handles it; not there at first."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "notice.toml"

    def write(self, text: str) -> None:
        """Put this up, in place of what was there."""
        written = self.file.with_suffix(".new")
        written.write_text(text)
        written.replace(self.file)

    def take_away(self) -> None:
        """Remove it."""
        self.file.unlink()


@pytest.fixture
def paper(tmp_path: Path) -> Paper:
    """The file of the notice."""
    return Paper(tmp_path)


@asynccontextmanager
async def running(stage: Stage, paper: Paper) -> AsyncIterator[Stream]:
    """The window with that file of a notice, and one who follows it and heard the first notice."""
    stage.app = build_app(
        *(stage.store, stage.link, stage.building, stage.time),
        book=stage.book,
        settings=stage.settings,
        notice=paper.file,
        look_again_s=0.001,
    )
    stage.client = stage.browser()
    async with stage.client, stage.app.router.lifespan_context(stage.app), Stream(stage.app) as stream:
        yield stream


async def shown(stage: Stage, language: str = "nl") -> str:
    """What the page says in the place of the notice, as it stands in its HTML."""
    html = (await stage.client.get(f"/lobby?lang={language}")).text
    [found] = re.findall(r'<p id="notice" class="notice" role="status" aria-live="polite">(.*?)</p>', html)
    return str(found)


async def told(stream: Stream) -> Any:
    """The next notice of the stream."""
    return (await stream.next("notice")).data


async def test_it_appears_changes_and_goes(stage: Stage, paper: Paper) -> None:
    """Who follows hears of no notice at first, then of each change of the file at once, and of its end."""
    heard = []
    async with running(stage, paper) as stream:
        heard.append(await told(stream))
        paper.write(GOOD)
        heard.append(await told(stream))
        pages = [await shown(stage), await shown(stage, "en")]
        paper.write('nl = "Overmorgen"\nen = "In two days"')
        heard.append(await told(stream))
        paper.take_away()
        heard.append(await told(stream))
        pages.append(await shown(stage))

    assert heard == [NOTHING, SAID, {"nl": "Overmorgen", "en": "In two days"}, NOTHING]
    assert pages == ["Morgen dicht", "Closed tomorrow", ""]


async def test_it_is_there_from_the_first_page_on(stage: Stage, paper: Paper) -> None:
    """A notice that is there when the server starts is on its first page, and the first that is told."""
    paper.write(GOOD)
    async with running(stage, paper) as stream:
        page, heard = await shown(stage), await told(stream)

    assert (page, heard) == ("Morgen dicht", SAID)


async def test_it_ends_by_itself(stage: Stage, paper: Paper) -> None:
    """From the instant `until` on it is not shown any more, though the file is still there."""
    paper.write(GOOD)
    async with running(stage, paper) as stream:
        first = await told(stream)
        stage.time.now_ms = NOW_MS + 60_000
        then = await told(stream)
        page = await shown(stage)

    assert (first, then, page) == (SAID, NOTHING, "")


async def test_a_mistake_takes_the_notice_away_and_stops_nothing(stage: Stage, paper: Paper) -> None:
    """A file that is broken is no notice; when it is mended, the notice is there."""
    paper.write(GOOD)
    async with running(stage, paper) as stream:
        heard = [await told(stream)]
        paper.write("nl = ")
        heard.append(await told(stream))
        paper.write(GOOD)
        heard.append(await told(stream))

    assert heard == [SAID, NOTHING, SAID]


async def test_it_is_text_and_nothing_else(stage: Stage, paper: Paper) -> None:
    """Markup in a notice is shown as it is written."""
    paper.write(f"nl = '''{MARKUP}'''\nen = '''{MARKUP}'''")
    async with running(stage, paper) as stream:
        page, heard = await shown(stage), await told(stream)

    assert heard["nl"] == MARKUP
    assert "<" not in page
    assert page.startswith("&lt;b&gt;Zaal")


async def test_a_window_without_a_notice_has_an_empty_place_for_it(stage: Stage) -> None:
    """Without `--notice` the page says nothing there, and who follows is told that there is none."""
    async with stage.running(), Stream(stage.app) as stream:
        page, heard = await shown(stage), await told(stream)

    assert (page, heard) == ("", NOTHING)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nl = ", "notice.toml:1: TOML"),
        ('nl = "Ja"', "notice.toml:1: en: is missing"),
        ('nl = "Ja"\nen = 3', "notice.toml:2: en: needs one line of text of at most 200 characters"),
        ('nl = " "\nen = "Yes"', "notice.toml:1: nl: needs"),
        ('nl = "Ja\\nnee"\nen = "Yes"', "notice.toml:1: nl: needs"),
        (f'nl = "{"x" * (MAX_CHARACTERS + 1)}"\nen = "Yes"', "notice.toml:1: nl: needs"),
        ('nl = "Ja"\nen = "Yes"\nuntill = 1', "notice.toml:3: untill: is not a key here"),
        (
            'nl = "Ja"\nen = "Yes"\nuntil = 2026-11-26',
            "notice.toml:3: until: needs an instant with its offset",
        ),
        ('nl = "Ja"\nen = "Yes"\nuntil = 2026-11-26T12:00:00', "notice.toml:3: until: needs"),
        ('nl = "Ja"\nen = "Yes"\nuntil = "morgen"', "notice.toml:3: until: needs"),
    ],
)
def test_each_mistake_is_named(text: str, said: str) -> None:
    """What is wrong is said with file, line and key: syntax, what is missing, blank, long or unknown."""
    with pytest.raises(ConfigError) as error:
        read_notice(text, "notice.toml")

    assert said in str(error.value)


def test_a_notice_may_be_as_long_as_is_said() -> None:
    """The longest text that is allowed is taken whole."""
    longest = "é" * MAX_CHARACTERS

    assert read_notice(f'nl = "{longest}"\nen = "x"', "notice.toml").notice.nl == longest


@pytest.mark.parametrize("wrong", [b"en = 1", b"\xff", None], ids=["mistake", "no text", "a folder"])
def test_a_mistake_is_logged_once(
    paper: Paper, wrong: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    """However often it is looked at, one line of the log names the file that cannot be shown, and why."""
    if wrong is None:
        paper.file.mkdir()
    else:
        paper.file.write_bytes(wrong)
    looking = NoticeFile(paper.file, Time())

    assert [looking.look() for _ in range(3)] == [None] * 3
    [record] = caplog.records
    assert "notice.toml" in record.getMessage()


@pytest.mark.parametrize("text", ["", " \n", None])
def test_nothing_is_no_mistake(paper: Paper, text: str | None, caplog: pytest.LogCaptureFixture) -> None:
    """A file that is empty, or not there, is no notice and nothing to log."""
    if text is not None:
        paper.write(text)

    assert (NoticeFile(paper.file, Time()).look(), caplog.records) == (None, [])


def test_the_example_is_a_notice() -> None:
    """What docs/how-to/put-up-a-notice.md tells people to write can be shown."""
    page = (ROOT / "docs" / "how-to" / "put-up-a-notice.md").read_text()
    [example] = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)

    assert read_notice(example, "notice.toml").until_ms is not None
