# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The pictures of the README are those that `make pictures` takes."""

from __future__ import annotations

import importlib.util
import struct
from pathlib import Path
from typing import Any

import pytest

from api.access.matrix import MATRIX

ROOT = Path(__file__).parent.parent.parent
SPEC = importlib.util.spec_from_file_location("pictures", ROOT / "docs" / "pictures.py")
assert SPEC is not None
assert SPEC.loader is not None
pictures = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(pictures)


@pytest.mark.parametrize("picture", pictures.PICTURES, ids=lambda one: one.name)
def test_a_picture_is_of_its_size_and_shown(picture: Any) -> None:
    """Each row of the table is a file of that size, is of a page that there is, and stands in the README."""
    head = (pictures.FOLDER / f"{picture.name}.png").read_bytes()[:24]
    place = "/" + picture.path.lstrip("/").partition("?")[0].partition("/")[0]

    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", head[16:]) == (picture.width_px, picture.height_px)
    assert any(page == place or page.startswith(f"{place}/") for page in MATRIX)
    assert f"docs/pictures/{picture.name}.png" in (ROOT / "README.md").read_text()


def test_no_picture_is_left_over() -> None:
    """What is no row of the table is no file."""
    assert {one.stem for one in pictures.FOLDER.iterdir()} == {one.name for one in pictures.PICTURES}
