# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""`make demo` where it cannot start: one clear line, and nothing made."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")

#: Name a Python older than 3.11 here, to try with where none is found by itself.
OLD_PYTHON = "BEZET_OLD_PYTHON"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with all that the first steps of the Makefile look at."""
    folder = tmp_path / "project"
    (folder / "requirements").mkdir(parents=True)
    for name in ("Makefile", "pyproject.toml", "requirements/demo.lock", "requirements/test.lock"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def refused(project: Path, python: str | Path, **variables: str) -> str:
    """The one line that `make demo` says with that Python; it must fail and leave no environment."""
    outer = {
        name: found for name, found in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")
    }
    ended = subprocess.run(
        ["make", "demo", f"PYTHON={python}"],
        cwd=project,
        env={**outer, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    (line,) = (ended.stdout + ended.stderr).splitlines()
    assert ended.returncode != 0
    assert not (project / ".venv" / "bin").exists()
    return line


def find_old_python() -> str | None:
    """A Python older than 3.11 that runs, if there is one."""
    names = [os.environ.get(OLD_PYTHON), *(f"python3.{minor}" for minor in (10, 9, 8, 7, 6))]
    code = "import sys; sys.exit(sys.version_info >= (3, 11))"
    for name in filter(None, names):
        path = shutil.which(name)
        if path and subprocess.run([path, "-c", code], capture_output=True, check=False).returncode == 0:
            return path
    return None


def test_no_python(project: Path) -> None:
    """A Python that is not there is named."""
    assert "needs Python 3.11 or newer; there is no python-nowhere here" in refused(project, "python-nowhere")


def test_an_old_python(project: Path) -> None:
    """A Python that is too old is named with its version."""
    python = find_old_python()
    if python is None:
        pytest.skip(f"no Python older than 3.11 is installed; name one in {OLD_PYTHON}")

    assert f"needs Python 3.11 or newer; {python} is 3." in refused(project, python)


def test_something_else_than_python(project: Path, tmp_path: Path) -> None:
    """A program that is no Python is called so."""
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)

    assert f"{program} is no Python" in refused(project, program)


def test_no_venv(project: Path, tmp_path: Path) -> None:
    """A Python without what makes environments, as Debian's without python3-venv, is told what it lacks."""
    (tmp_path / "ensurepip.py").write_text("raise ImportError\n")

    assert "python3-venv" in refused(project, sys.executable, PYTHONPATH=str(tmp_path))


def test_a_folder_that_cannot_be_written(project: Path) -> None:
    """Where no environment can be made, the folder is named."""
    (project / ".venv").write_text("in the way")

    assert f"the folder {project} cannot be written" in refused(project, sys.executable)
