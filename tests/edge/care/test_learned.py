# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What a device learned is shown from its outbox, and forgotten when no agent would write over it."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from bezet.errors import CannotStart
from bezet.occupancy.air import CHANGES_PER_H, Air
from bezet.occupancy.belief import Belief, Patience, freeze
from edge.care.learned import Kept, held_by
from edge.commands import edge
from edge.outbox import Outbox
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

AGENT = """\
[agent]
site = "townhall"
device = "pi-1"
state_folder = "{folder}"

[[sensor]]
id = "pir"
space = "1.04"
driver = "pir"
pin = 17
"""
TAUGHT = Belief(
    air={"co2": Air(0, 500.0, 0.0, 1.0, 0.0, 1.0, 431.0, 2.5, 12.0)}, patience=Patience(1.7, None, 3, 1)
)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A device whose agent has written what it learned, and ended."""
    with closing(Outbox(tmp_path / "outbox.db")) as outbox:
        outbox.put([], {"zone 1.04": freeze(TAUGHT)})
    file = tmp_path / "agent.toml"
    file.write_text(AGENT.format(folder=tmp_path), encoding="utf-8")
    return file


def test_what_is_known_is_shown(config: Path) -> None:
    """Each number stands with its bounds, and with what taught it."""
    said = CliRunner().invoke(edge, ["learned", str(config)]).output

    assert "2.5 times an hour" in said
    assert "12.0 hours of falling CO2" in said
    assert "1.7 times" in said


def test_a_space_begins_anew(config: Path) -> None:
    """What was learned is back where it begins, and the command says from what to what."""
    said = CliRunner().invoke(edge, ["learned", str(config), "--forget", "1.04"]).output
    numbers = {one.name: one.number for one in Kept(config).lessons()["1.04"]}

    assert "was 2.5 times an hour, begins again at 0.8" in said
    assert numbers["changes_per_h"] == CHANGES_PER_H
    assert numbers["patience"] == 1


def test_not_while_an_agent_runs(config: Path) -> None:
    """Whoever holds the outbox would write its own over it: it is named, and nothing is changed."""
    path = config.with_name("outbox.db")
    # A process of its own, because a lock does not hold against its own process.
    words = (
        "import sys; from pathlib import Path; from edge.outbox import Outbox\n"
        "box = Outbox(Path(sys.argv[1])); box.kept('zone 1.04'); print('open', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", words, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"open\n"
        with pytest.raises(CannotStart, match=rf"process {holder.pid}.*systemctl stop bezet-edge"):
            Kept(config).forget(["1.04"])
    assert held_by(path) is None


@pytest.mark.parametrize(("words", "why"), [(["--forget", "9.9"], "there are: 1.04"), ([], "outbox")])
def test_what_cannot_be(config: Path, words: list[str], why: str) -> None:
    """A space that is not of this device, or a device that never ran, is told in one line."""
    if not words:
        config.with_name("outbox.db").unlink()
    result = CliRunner().invoke(edge, ["learned", str(config), *words])

    assert result.exit_code != 0
    assert why in str(result.exception)
