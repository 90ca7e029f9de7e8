# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The last to leave: a process that ends its whole group when the demo is gone, however it went.

The demo holds the other end of this process's standard input. When the demo dies, even by SIGKILL, that end
closes. (A parent-death signal would not do: the kernel forgets it when Mosquitto changes its user.)
"""

from __future__ import annotations

import os
import signal
import sys


def main() -> None:
    """Wait for the end of input, then kill the group that this process leads, itself included."""
    sys.stdin.buffer.read()
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
