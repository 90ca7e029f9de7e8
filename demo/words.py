# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What the demo says while history is filled in: in the terminal, and on the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

BAR_WIDTH = 30


class Bar:
    """Shows which share is done: on one line of a terminal, or at each quarter as a line of a file."""

    def __init__(self, weeks: int, write: Callable[[str], None], *, is_terminal: bool) -> None:
        self._weeks = weeks
        self._write = write
        self._is_terminal = is_terminal
        self._quarter = -1
        self.text = ""

    def show(self, share: float) -> None:
        """The share that is done, 0 to 1."""
        is_done = share >= 1
        self.text = "" if is_done else f"Geschiedenis / history: {share:.0%}"
        full = round(BAR_WIDTH * share)
        line = f"History of {self._weeks} weeks [{'#' * full}{'.' * (BAR_WIDTH - full)}] {share:4.0%}"
        quarter = int(4 * share)
        if self._is_terminal:
            self._write(f"\r{line}" + ("\n" if is_done and self._quarter != quarter else ""))
        elif quarter != self._quarter:
            self._write(f"{line}\n")
        self._quarter = quarter


def notice_text(share: float) -> str:
    """The notice for the pages, as a file that `bezet serve --notice` reads."""
    tens = int(share * 10) * 10
    return (
        f'nl = "De geschiedenis van dit stadhuis wordt nog aangevuld: {tens} % is klaar."\n'
        f'en = "The history of this town hall is still being filled in: {tens} % is done."\n'
    )
