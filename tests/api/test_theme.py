# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""An organisation's own look: custom properties after ours, and nothing that comes from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import api
from api.app import build_app
from api.contrast import luminance
from api.theme import read_theme
from bezet.errors import CannotStart

if TYPE_CHECKING:
    from tests.api.conftest import Stage

PAGES = Path(api.__file__).parent / "pages"
OWN = b":root { --nl-link-color: #154273; }\n"


async def test_every_page_takes_the_own_stylesheet_after_ours(stage: Stage) -> None:
    """What an organisation sets comes after what we set; without a file there is nothing in it."""
    async with stage.running():
        plain = await stage.client.get("/own-theme.css")
        html = (await stage.client.get("/")).text
    app = build_app(
        *(stage.store, stage.link, stage.building, stage.time),
        book=stage.book,
        settings=stage.settings,
        theme=OWN,
    )
    stage.app = app
    own = await stage.browser().get("/own-theme.css")

    assert html.index('href="/theme.css"') < html.index('href="/own-theme.css"')
    assert (plain.status_code, plain.content) == (200, b"")
    assert (own.headers["content-type"], own.content) == ("text/css; charset=utf-8", OWN)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('@import "https://elsewhere.test/a.css";', "line 1: @import"),
        (":root {\n  background: URL(x.png);\n}", "line 2: URL("),
        ("/*" + "x" * 70_000 + "*/", "longer than 64 KiB"),
    ],
)
def test_what_would_be_loaded_from_elsewhere_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """A stylesheet that loads something, or is no small set of tokens, stops the start and says where."""
    file = tmp_path / "own.css"
    file.write_text(text)

    with pytest.raises(CannotStart, match="THEME_CSS") as caught:
        read_theme(file)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", []),
        (
            ":root { --nl-link-color: #154273 }",
            ["in dark: --nl-link-color on --nl-document-background-color"],
        ),
        (
            ":root { --nl-alert-color: #ffd84d; }",
            ["--nl-alert-color on --nl-alert-background-color is 1.0"],
        ),
        (
            "@media (prefers-color-scheme: dark) { :root { --nl-focus-color: #333 } }",
            ["in dark: --nl-focus-color on --nl-surface-background-color is 1.3:1, needs 3:1"],
        ),
        ("/* --nl-alert-color: gold; */ :root { --nl-alert-color: var(--mine); }", []),
    ],
)
def test_colours_that_cannot_be_read_are_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, text: str, named: list[str]
) -> None:
    """In light and in dark, with their contrast; ours have none; only what is in hex is judged."""
    file = tmp_path / "own.css"
    file.write_text(text)

    assert read_theme(file) == text.encode()
    said = "\n".join(caplog.messages)
    assert all(name in said for name in named)
    assert bool(said) is bool(named)


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_luminance_lies_between_black_and_white(rgb: tuple[int, int, int]) -> None:
    """Of any colour in hex, of three digits or six; of what is written otherwise there is none."""
    found = luminance("#{:02X}{:02x}{:02x}".format(*rgb))
    short = [channel // 17 for channel in rgb]

    assert found is not None
    assert 0 <= found <= 1
    long = "#{0:x}{0:x}{1:x}{1:x}{2:x}{2:x}".format(*short)
    assert luminance("#{:x}{:x}{:x}".format(*short)) == luminance(long)


def test_what_is_no_colour_in_hex_has_no_luminance() -> None:
    """A reference, a name, and what is too short are not judged."""
    assert [luminance(one) for one in ("var(--mine)", "red", "#12345", "")] == [None] * 4
    assert [luminance(one) for one in ("#000", "#fff")] == pytest.approx([0, 1])


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A wrong path stops the start."""
    with pytest.raises(CannotStart, match=r"none\.css"):
        read_theme(tmp_path / "none.css")


@pytest.mark.parametrize(
    "file", [one for one in PAGES.iterdir() if one.suffix == ".css"], ids=lambda one: one.name
)
def test_every_token_that_is_used_is_named_in_the_theme(file: Path) -> None:
    """Whoever writes a theme finds every token that our pages use in one file."""
    named = set(re.findall(r"(--nl-[\w-]+):", (PAGES / "theme.css").read_text()))

    assert set(re.findall(r"var\((--nl-[\w-]+)", file.read_text())) <= named
