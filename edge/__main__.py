# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""`python -m edge CONFIG`: what `bezet edge run CONFIG` becomes, without the command line's libraries.

They take a quarter of the memory that an agent has on a Raspberry Pi Zero, and nothing needs them any more.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bezet.program import log_to_stderr, run_or_say_why
from edge.config import read_config
from edge.running import run_device

if __name__ == "__main__":
    config, *words = sys.argv[1:]
    log_to_stderr(verbose="--verbose" in words)
    run_or_say_why(lambda: run_device(read_config(Path(config))))
