# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Fills a store with the weeks that the town in a data folder lived through, and tells how far it is.

python -m demo.history FOLDER STORE START_MS END_MS
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from bezet.program import log_to_stderr, run_or_say_why
from demo.history.filling import Filling, gaps
from demo.standing import PROGRESS
from demo.truth.files import FOLDER as TRUTH
from demo.truth.reading import covered_spans


def main(folder: Path, store: str, start_ms: int, end_ms: int) -> None:
    """Fill what is missing, the oldest first; the share that is done stands in a file."""
    log_to_stderr()
    missing = gaps(covered_spans(folder / TRUTH), start_ms, end_ms)
    total_ms = sum(to_ms - from_ms for from_ms, to_ms in missing)
    done_ms = 0
    for from_ms, to_ms in missing:
        fill = Filling(folder, store, from_ms, to_ms)
        fill.run(partial(_tell, folder, done_ms, to_ms - from_ms, total_ms))
        done_ms += to_ms - from_ms
    _tell(folder, 1, 0, 1, 1)


def _tell(folder: Path, done_ms: int, span_ms: int, total_ms: int, share: float) -> None:
    """Leave word of the share that is done."""
    (folder / PROGRESS).write_text(f"{(done_ms + share * span_ms) / total_ms:.3f}\n", encoding="ascii")


if __name__ == "__main__":
    words = sys.argv[1:]
    run_or_say_why(partial(main, Path(words[0]), words[1], int(words[2]), int(words[3])))
