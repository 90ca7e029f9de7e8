# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""`[[screen]]` and `[directions]` of window.toml: read whole, and every mistake named."""

from __future__ import annotations

import re
from datetime import time
from typing import TYPE_CHECKING

import pytest

from api.screens.settings import Night, Panel, Screen
from api.settings import read_settings
from api.words import Language, Words
from bezet.building import read_building
from bezet.errors import ConfigError
from bezet.model import SpaceKind
from demo.screens import SCREENS
from tests.conftest import ROOT

if TYPE_CHECKING:
    from bezet.model import Building

WHOLE = """
[[screen]]
id = "hal"
place = "Hal, naast de balie"
floor = "0"
floors = ["0", "1"]
kinds = ["meeting", "hybrid"]
spaces = ["0.02", "0.03"]
languages = ["nl", "en"]
rotate_s = 30
page_s = 15
viewing_distance_m = 2.5
diagonal_inch = 55
width_px = 1920
height_px = 1080
night = "19:00-07:00"
public_url = "https://bezet.stadhuis.example/"

[screen.image]
width_px = 1600
height_px = 1200
greys = 16
rotate = 90

[[screen]]
id = "deur-1.02"

[directions]
"1.02" = {nl = "trap op, rechts", en = "up the stairs, right"}
"1.03" = {nl = "trap op"}
"""


def test_all_that_can_be_set_is_read(building: Building) -> None:
    """Every key arrives; without any a screen shows everything, in Dutch, dim while the site is closed."""
    settings = read_settings(WHOLE, "window.toml", building)

    assert settings.screens["hal"] == Screen(
        id="hal",
        place="Hal, naast de balie",
        floor="0",
        floors=("0", "1"),
        kinds=(SpaceKind.MEETING, SpaceKind.HYBRID),
        spaces=("0.02", "0.03"),
        languages=(Language.NL, Language.EN),
        rotate_s=30,
        page_s=15,
        distance_m=2.5,
        diagonal_inch=55,
        width_px=1_920,
        height_px=1_080,
        night=Night(time(19), time(7)),
        public_url="https://bezet.stadhuis.example",
        image=Panel(1_600, 1_200, 16, 90),
    )
    assert settings.screens["deur-1.02"] == Screen("deur-1.02")
    assert settings.directions == {
        "1.02": Words("trap op, rechts", "up the stairs, right"),
        "1.03": Words("trap op", "trap op"),
    }


IMAGE = "\n[screen.image]\nwidth_px = 800\nheight_px = 480\n"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("", "window.toml:1: screen #1, id: is missing"),
        ('id = "Hal"', 'screen "Hal", id: needs an id such as hal, not "Hal"'),
        ('id = "a"\n[[screen]]\nid = "a"', 'screen "a", id: "a" stands on line 2 already'),
        ('id = "a"\nflors = ["0"]', "flors: is not a key here; did you mean floors?"),
        ('id = "a"\nfloor = "9"', 'floor: "9" is not a floor of the building file'),
        ('id = "a"\nfloors = ["0", "9"]', 'floors #2: "9" is not a floor of the building file'),
        ('id = "a"\nkinds = ["hall"]', "kinds #1: needs one of focus, meeting"),
        ('id = "a"\nspaces = ["9.99"]', 'spaces #1: "9.99" is not a space of the building file'),
        (
            'id = "a"\nspaces = ["0.02"]\nfloors = ["1"]',
            "spaces: none of them is on the floors of this screen",
        ),
        ('id = "a"\nlanguages = ["fy"]', 'languages #1: needs one of nl, en, not "fy"'),
        ('id = "a"\nlanguages = []', "languages: needs a list of 1 or more, not a list of 0"),
        ('id = "a"\nlanguages = ["nl", "nl"]', "languages: names a language twice"),
        ('id = "a"\nrotate_s = 2', "rotate_s: needs a whole number from 5 to 600, not 2"),
        ('id = "a"\npage_s = "x"', 'page_s: needs a whole number from 5 to 600, not "x"'),
        ('id = "a"\nnight = "19-7"', 'night: needs hours such as "19:00-07:00", or "never", not "19-7"'),
        ('id = "a"\nnight = "19:00-19:00"', 'night: 19:00-19:00 is no time at all; "never" says that'),
        ('id = "a"\npublic_url = "bezet"', "public_url: needs an address that begins with https://"),
        ('id = "a"\nwidth_px = 1920', "width_px: needs height_px too"),
        ('id = "a"\nviewing_distance_m = 2', "viewing_distance_m: needs diagonal_inch too"),
        (
            'id = "a"\nviewing_distance_m = 2\ndiagonal_inch = 55',
            "viewing_distance_m: needs width_px and height_px too: how fine the screen is",
        ),
        (
            'id = "a"\nviewing_distance_m = 9\ndiagonal_inch = 32\nwidth_px = 1920\nheight_px = 1080',
            "viewing_distance_m: letters must be 434 px then (0.7°), and there are 1080 px: hang a larger",
        ),
        (
            'id = "a"\nviewing_distance_m = 3\ndiagonal_inch = 7.5' + IMAGE,
            "viewing_distance_m: letters must be 253 px then (0.7°), and there are 480 px: hang a larger",
        ),
        ('id = "a"\n[screen.image]\nwidth_px = 800', 'screen "a", image, height_px: is missing'),
        ('id = "a"' + IMAGE + "greys = 4", "image, greys: needs one of 2, 16, not 4"),
        ('id = "a"' + IMAGE + "rotate = 45", "image, rotate: needs one of 0, 90, 180, 270, not 45"),
        ('id = "a"\n[directions]\n"9.99" = {nl = "hier"}', '"9.99" is not a space of the building file'),
        ('id = "a"\n[directions]\n"1.02" = "hier"', 'directions, "1.02": needs a table'),
        (
            'id = "a"\n[directions]\n"1.02" = {en = "here"}',
            "nl: is missing: needs a line of at most 80 letters",
        ),
    ],
)
def test_a_mistake_is_named(building: Building, lines: str, said: str) -> None:
    """File, line, screen, key, what is wrong and what is wanted."""
    with pytest.raises(ConfigError) as caught:
        read_settings(f"[[screen]]\n{lines}\n", "window.toml", building)

    assert said in str(caught.value)


@pytest.mark.parametrize("page", ["hang-up-a-screen.md", "set-up-the-window.md"])
def test_the_samples_of_the_how_to_load(page: str) -> None:
    """What a page tells to write into window.toml is right, for the example building."""
    building = read_building((ROOT / "building.toml").read_text(), "building.toml")
    samples = re.findall(
        r"^```toml\n(.*?)^```", (ROOT / "docs" / "how-to" / page).read_text(), re.DOTALL | re.MULTILINE
    )

    assert samples
    for sample in samples:
        assert read_settings(sample, "window.toml", building).screens


def test_the_screens_of_the_demo_load() -> None:
    """Each is one that the example building has room for, and one is shown in the README."""
    building = read_building((ROOT / "building.toml").read_text(), "building.toml")

    assert read_settings(SCREENS, "window.toml", building).screens.keys() == {"hal", "deur-1.02", "trap"}


def test_the_example_file_loads_with_its_screen(building: Building) -> None:
    """window.toml as it is shipped, and with its screen made real."""
    text = (ROOT / "window.toml").read_text()
    begins = text.index("# [[screen]]")

    assert read_settings(text, "window.toml", building).screens == {}
    real = text[:begins] + text[begins:].replace("# ", "")
    assert read_settings(real, "window.toml", building).screens.keys() == {"hal"}
