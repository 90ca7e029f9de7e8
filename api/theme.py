# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""An organisation's own tokens (`THEME_CSS`): a small stylesheet after ours, and nothing from elsewhere."""

from __future__ import annotations

import logging
import re
from importlib import resources
from typing import TYPE_CHECKING

from api.contrast import faults
from bezet.errors import CannotStart
from bezet.program import read_text

if TYPE_CHECKING:
    from pathlib import Path

LOG = logging.getLogger("bezet.api.theme")

MOST_BYTES = 64 * 1024
#: What would be asked of another site, or what our pages refuse to load anyway.
_ELSEWHERE = re.compile(r"@import\b|url\(", re.IGNORECASE)


def read_theme(path: Path | None) -> bytes:
    """The stylesheet in a file, or nothing; `CannotStart` names the file, and the line where it can.

    Colours of it that cannot be read on each other are named in the log, and stop nothing.
    """
    if path is None:
        return b""
    text = read_text(path)
    if len(text.encode()) > MOST_BYTES:
        raise CannotStart(f"THEME_CSS {path}: is longer than {MOST_BYTES // 1024} KiB; tokens need little")
    for number, line in enumerate(text.splitlines(), 1):
        if found := _ELSEWHERE.search(line):
            what = f"line {number}: {found.group()} would load something; set custom properties only"
            raise CannotStart(f"THEME_CSS {path}: {what} (api/pages/theme.css names them all)")
    ours = resources.files("api").joinpath("pages", "theme.css").read_text("utf-8")
    for fault in faults(ours, text):
        LOG.warning("THEME_CSS %s: in %s (WCAG 2.2)", path, fault)
    return text.encode()
