# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Bezet never reads the truth about the demo's town: what it finds, it must find in the data."""

from __future__ import annotations

import ast
import re
import tomllib
from typing import TYPE_CHECKING

import pytest

from demo.truth.files import AIR, FOLDER, SHEETS
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROOMS = ("api", "bezet", "collector", "edge", "store")
#: The demo's own files that may speak of the truth's.
SHIPPED = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*") if path.is_file())
TEXTS = [path for path in SHIPPED if path.suffix in {".py", ".sql", ".js", ".css", ".html", ".json", ".toml"}]
TOLD = "|".join([rf"{name}-(?:\*|\d|\{{|%)" for name in (*SHEETS, AIR)])
TELLS = re.compile(rf"demo\.truth|(?:read|write)_truth|[\"'/]{FOLDER}[\"'/]|{TOLD}")


def _place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("room", ROOMS)
def test_the_import_laws_keep_the_demo_out(room: str) -> None:
    """A law in pyproject.toml forbids each shipped room to import the demo, and with it the truth."""
    laws = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]

    assert any(room in law["source_modules"] and "demo" in law["forbidden_modules"] for law in laws)


@pytest.mark.parametrize("room", ROOMS)
def test_no_room_names_the_truth(room: str) -> None:
    """No shipped file names the truth's folder, its files or what reads them, not even in a text."""
    found = {
        _place(path): TELLS.findall(path.read_text(encoding="utf-8"))
        for path in TEXTS
        if _place(path).startswith(f"{room}/")
    }

    assert {place: names for place, names in found.items() if names} == {}


def test_the_names_are_those_that_would_give_it_away() -> None:
    """Whoever opened the truth would be found out."""
    for line in (
        *(
            "from demo.truth.reading import Truth",
            "read_truth(folder)",
            'folder / "truth"',
            "open('.demo/truth/x')",
        ),
        *('glob("stays-*.csv")', 'f"air-{week}.csv"', "import_module('demo.truth')"),
    ):
        assert TELLS.search(line), line


def test_no_program_of_the_demo_is_told_where_the_truth_is() -> None:
    """Where the demo starts a program of Bezet, nothing of the truth is among its words."""
    for path in sorted((ROOT / "demo").rglob("*.py")):
        for words in _command_lines(ast.parse(path.read_text(encoding="utf-8"))):
            assert FOLDER not in words, _place(path)


def _command_lines(tree: ast.Module) -> Iterator[str]:
    """Calls and tuples that name a program of Bezet, as text."""
    programs = {"collect", "serve", "edge", "replay"}
    for node in ast.walk(tree):
        parts: list[ast.expr] = []
        if isinstance(node, ast.Call):
            parts = node.args
        elif isinstance(node, ast.Tuple | ast.List):
            parts = node.elts
        if programs & {part.value for part in parts if isinstance(part, ast.Constant)}:
            yield ast.unparse(node)
