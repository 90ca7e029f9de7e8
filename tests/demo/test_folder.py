# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The data folder: kept, emptied when asked, and never somebody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bezet.errors import CannotStart
from demo.folder import MARKER, DataFolder

if TYPE_CHECKING:
    from pathlib import Path


def test_history_is_kept(tmp_path: Path) -> None:
    """What was in the folder last time is there the next time."""
    with DataFolder(tmp_path / "data", fresh=False) as folder:
        folder.database.write_text("history")
    with DataFolder(tmp_path / "data", fresh=False) as folder:
        assert folder.database.read_text() == "history"


def test_a_fresh_start(tmp_path: Path) -> None:
    """A fresh start finds nothing of last time, and does not follow links out of the folder."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").touch()
    with DataFolder(tmp_path / "data", fresh=False) as folder:
        folder.database.touch()
        (folder.path / "agents" / "demo-pi-1.toml").touch()
        (folder.path / "link").symlink_to(outside)
    with DataFolder(tmp_path / "data", fresh=True) as folder:
        assert sorted(path.name for path in folder.path.iterdir()) == [MARKER, "agents", "logs"]
        assert list((folder.path / "agents").iterdir()) == []
    assert (outside / "kept").exists()


def test_one_demo_at_a_time(tmp_path: Path) -> None:
    """A folder on which a demo runs is not given to another, and is given when the first is over."""
    with (
        DataFolder(tmp_path / "data", fresh=False),
        pytest.raises(CannotStart, match="another demo"),
        DataFolder(tmp_path / "data", fresh=True),
    ):
        pass
    with DataFolder(tmp_path / "data", fresh=False):
        pass


def test_an_empty_folder_may_be_taken(tmp_path: Path) -> None:
    """A folder with nothing in it is as good as none."""
    with DataFolder(tmp_path, fresh=True) as folder:
        assert (folder.path / MARKER).read_text().startswith("`bezet demo` made this folder")
