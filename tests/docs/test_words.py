# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Words are tested: links lead somewhere, and the commands that pages name are there."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bezet import cli

ROOT = Path(__file__).parent.parent.parent
FOLDERS = ("dashboards", "deploy", "docs", "firmware-config")
PAGES = sorted([*ROOT.glob("*.md"), *(page for name in FOLDERS for page in (ROOT / name).rglob("*.md"))])
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")
MAKE = re.compile(r"`make (\w+)|^make (\w+)", re.MULTILINE)
COMMAND = re.compile(r"(?:^|`)(bezet [a-z].*?)(?:`|$)", re.MULTILINE)
RUNNER = CliRunner()


def _page(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", PAGES, ids=_page)
def test_links_lead_somewhere(path: Path) -> None:
    """A link to a file of the project leads to a file of the project."""
    dead = [target for target in LINK.findall(path.read_text()) if not (path.parent / target).exists()]

    assert dead == []


@pytest.mark.parametrize("path", PAGES, ids=_page)
def test_make_has_the_targets_that_pages_name(path: Path) -> None:
    """Every `make` that a page tells to run is a target."""
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {first or second for first, second in MAKE.findall(path.read_text())}

    assert named - targets == set()


@cache
def _help(*words: str) -> str:
    """The help of a command, or of the command of a group that the second word names."""
    names = {point.name: point for point in cli.commands()}
    app = cli.application([names[words[0]]]) if words[0] in names else cli.application([])
    return RUNNER.invoke(app, [*words, "--help"], env={"COLUMNS": "200"}).output


def _told(words: list[str]) -> str:
    """The help of as many of the words as are commands."""
    own = _help(words[0])
    is_group = len(words) > 1 and "COMMAND [ARGS]" in own and not words[1].startswith("-")
    return _help(words[0], words[1]) if is_group else own


@pytest.mark.parametrize("path", PAGES, ids=_page)
def test_bezet_has_the_commands_and_options_that_pages_name(path: Path) -> None:
    """Every `bezet` command that a page shows is there, with every option it shows."""
    wrong = []
    for line in COMMAND.findall(path.read_text()):
        words = line.partition("#")[0].removeprefix("bezet ").split()
        told = _told(words)
        options = {word.partition("=")[0] for word in words if word.startswith("--")}
        wrong += [(line, option) for option in options - {"--help"} if option not in told]
        wrong += [(line, words[0])] if "No such command" in told else []

    assert wrong == []
