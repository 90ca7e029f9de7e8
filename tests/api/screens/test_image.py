# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The picture of a screen for e-ink, and the screens as a resource."""

from __future__ import annotations

from io import BytesIO
from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from api.front.grouping import Group
from api.front.picture import Row, Told
from api.screens.board import draw_board
from api.screens.drawing import INK, Paper, Type
from api.screens.picture import least_px, picture
from api.screens.settings import GREYS, TURNS, Panel, Screen
from api.screens.sign import draw_sign
from bezet.errors import StoreBusy
from bezet.model import Occupancy
from tests.api.conftest import Stage, health, live
from tests.api.screens.conftest import HOUR_MS, booked
from tests.api.screens.qr import read
from tests.api.test_rules import BrokenStore

if TYPE_CHECKING:
    from httpx import Response

SIGN, BOARD = "/v1/screens/deur-0.02/image", "/v1/screens/lijst/image"
PNG_HEAD = b"\x89PNG\r\n\x1a\n"


def opened(answer: Response) -> Image.Image:
    """The picture in an answer."""
    image = Image.open(BytesIO(answer.content))
    image.load()
    return image


async def test_a_picture_is_of_its_size_and_says_what_everybody_may_see(screens: Stage) -> None:
    """A PNG of exactly the size that is set; its headers are those of whatever is polled."""
    async with screens.running():
        await screens.say(health(), live("0.02"))
        sign, board = [await screens.client.get(path) for path in (SIGN, BOARD)]

    for answer, size in ((sign, (800, 480)), (board, (1_200, 825))):
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
        assert answer.content.startswith(PNG_HEAD)
        assert opened(answer).size == size
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["etag"].startswith('"')
    assert (opened(sign).mode, opened(board).mode) == ("P", "1")


async def test_the_tag_changes_only_with_what_is_shown(screens: Stage) -> None:
    """The same picture has the same tag: the second does not count; the minute, the state and bookings do."""
    async with screens.running():
        await screens.say(health(), live("0.02"))
        tags = [await _tag(screens)]
        await screens.say(live("0.01", Occupancy.OCCUPIED))  # elsewhere
        screens.time.now_ms += 30_000
        await screens.say(live("0.02", t_ms=screens.time.now_ms))
        tags.append(await _tag(screens))
        known = await screens.client.get(SIGN, headers={"If-None-Match": tags[0]})
        screens.time.now_ms += 31_000
        await screens.say(live("0.02", t_ms=screens.time.now_ms))
        tags.append(await _tag(screens))
        await screens.say(live("0.02", Occupancy.OCCUPIED, t_ms=screens.time.now_ms))
        tags.append(await _tag(screens))
        booked(screens, "0.02", -HOUR_MS, HOUR_MS)
        tags.append(await _tag(screens))

    assert tags[0] == tags[1]
    assert len(set(tags)) == 4
    assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", tags[0])


async def _tag(stage: Stage) -> str:
    tag: str = (await stage.client.get(SIGN)).headers["etag"]
    return tag


async def test_what_is_too_old_is_unknown_on_paper_too(screens: Stage) -> None:
    """Nothing was heard for 90 s, or the broker is away: each is another picture than free."""
    async with screens.running():
        await screens.say(health(), live("0.02"))
        free = await screens.client.get(SIGN)
        screens.time.now_ms += 91_000
        stale = await screens.client.get(SIGN)
        screens.broker.stop()
        await screens.settle()
        away = await screens.client.get(SIGN)

    assert len({free.content, stale.content, away.content}) == 3
    dark = [_darkness(one) for one in (free, stale)]
    assert dark[1] > dark[0]  # the band of what is unknown is grey, that of what is free is paper


def _darkness(answer: Response) -> float:
    image = opened(answer).convert("L")
    shades = image.crop((700, 200, 790, 380)).histogram()
    return sum((255 - shade) * count for shade, count in enumerate(shades)) / sum(shades)


async def test_the_store_may_be_away(screens: Stage) -> None:
    """What is now is drawn without it."""
    stage = Stage(screens.building, BrokenStore(StoreBusy("locked")), screens.settings)
    async with stage.running():
        await stage.say(health(), live("0.02"))
        answer = await stage.client.get(SIGN)

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("path", "accept", "status"),
    [
        ("/v1/screens/none/image", "*/*", 404),
        ("/v1/screens/none", "*/*", 404),
        ("/v1/screens/hal/image", "*/*", 404),
        (SIGN, "image/webp", 406),
        (SIGN, "application/json", 406),
        (SIGN, "image/*", 200),
        ("/v1/screens", "image/png", 406),
    ],
)
async def test_what_cannot_be_given_is_a_problem(screens: Stage, path: str, accept: str, status: int) -> None:
    """A screen that is none, one without a picture, and another form than PNG."""
    async with screens.running():
        answer = await screens.client.get(path, headers={"Accept": accept})

    assert answer.status_code == status
    if status != 200:
        assert answer.headers["content-type"] == "application/problem+json"


async def test_the_screens_are_a_resource(screens: Stage) -> None:
    """What is set, in the order of the file, with the smallest letter that follows from it."""
    async with screens.running():
        await screens.say(health())
        found = (await screens.read("/v1/screens"))["items"]
        door = await screens.read("/v1/screens/deur-0.02")

    assert [one["id"] for one in found] == ["hal", "boven", "deur-0.02", "lijst"]
    assert found[2] == door
    assert (found[0]["leastLetterPx"], found[0]["image"], found[0]["languages"]) == (57, None, ["nl", "en"])
    assert door["image"] == {
        "widthPx": 800,
        "heightPx": 480,
        "greys": 16,
        "rotate": 0,
        "leastLetterPx": 59,
    }
    assert (door["spaces"], door["path"], door["isNight"]) == (["0.02"], "/lobby/deur-0.02", False)


# --- drawn -------------------------------------------------------------------------------------------------

CODE = "https://bezet.stadhuis.example/find?lang=nl"
ROW = Row(
    *(Group.FREE, "1.02", "Coördinatiekamer", "Vrij", "tot 14:00"),
    *("Eerste verdieping", "Vergaderkamer", "voor 8"),
)
TOLD = Told(
    *((ROW,), ((Group.FREE, 1, "Vrij"),), "niets vrij", "en nog {n}"),
    *("gegevens van 11:00", "van 11:00", "", CODE, "bezet.stadhuis.example/find"),
)


@pytest.mark.parametrize(("greys", "turned", "spaces"), [*product(GREYS, TURNS, [("1.02",), ()])])
def test_every_sort_of_panel_has_its_picture(greys: int, turned: int, spaces: tuple[str, ...]) -> None:
    """As many bits for a pixel as the panel has, no grey that it has not, upright however the panel hangs."""
    panel = Panel(800, 480, greys, turned)
    png = picture(Screen("a", spaces=spaces), panel, TOLD)
    image = Image.open(BytesIO(png))

    assert image.size == (800, 480)
    assert (png[24], png[25]) == ((1, 0) if greys == 2 else (4, 3))  # bits, and greys or a palette
    shades = {shade for _, shade in image.convert("L").getcolors() or []}
    assert {0, 255} <= shades <= {level * 255 // (greys - 1) for level in range(greys)}
    upright = image.convert("L").rotate(-turned, expand=True)
    assert upright.size == ((800, 480) if turned % 180 == 0 else (480, 800))
    if turned % 180 == 0:  # there is room for it, and for it to be read
        assert read(upright) == CODE


@settings(deadline=None)  # the first drawing reads the fonts
@given(
    group=st.sampled_from(Group),
    name=st.text(min_size=1, max_size=60),
    detail=st.text(max_size=60),
    sides=st.tuples(st.integers(120, 900), st.integers(120, 900)),
    rows=st.integers(1, 30),
)
def test_whatever_is_said_is_drawn(
    group: Group, name: str, detail: str, sides: tuple[int, int], rows: int
) -> None:
    """No name, however long or odd, and no panel, however small, has no picture."""
    row = ROW._replace(group=group, name=name, detail=detail)
    told = TOLD._replace(rows=(row,) * rows)
    screen = Screen("a", spaces=("1.02",))

    assert picture(screen, Panel(*sides), told).startswith(PNG_HEAD)


def test_no_letter_is_smaller_than_the_least() -> None:
    """Every word that is drawn, on a sign and on a board, has letters of the least size or more."""
    panel = Panel(1_600, 1_200, 16)
    screen = Screen("a", distance_m=0.8, diagonal_inch=13.3, image=panel)
    sizes: set[int] = set()

    least = least_px(screen, panel)
    draw_board(Watched(panel, sizes), TOLD._replace(rows=(ROW,) * 20, loud="Niet bereikbaar."), least)
    draw_sign(Watched(panel, sizes), TOLD, ROW._replace(name="Vergaderkamer " * 6), least)

    assert least >= (screen.least_picture_letter_px() or 0)
    assert min(sizes) >= least


class Watched(Paper):
    """Paper that notes how large its letters are."""

    def __init__(self, panel: Panel, sizes: set[int]) -> None:
        super().__init__(panel)
        self._sizes = sizes

    def words(
        self, left: float, top: float, text: str, how: Type, shade: int = INK, *, ends: bool = False
    ) -> float:
        """Note it, and write."""
        self._sizes.add(how.size_px)
        return super().words(left, top, text, how, shade, ends=ends)
