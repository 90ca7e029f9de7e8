# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What every program of the house does at its start and its end: files, words for people, time, signals.

Without the libraries of the command line, because an agent on a Raspberry Pi has no memory to spare for them.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
import time
from typing import TYPE_CHECKING

from bezet.errors import CannotStart

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def run_or_say_why(program: Callable[[], object]) -> None:
    """Run a program; what a person can do something about is one line on stderr, and exit code 1."""
    try:
        program()
    except (CannotStart, BaseExceptionGroup) as error:
        reason = first_reason(error)
        if reason is None:
            raise
        print(f"bezet: {reason}", file=sys.stderr)  # noqa: T201  one clear line for a person
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def first_reason(error: BaseException) -> CannotStart | None:
    """What a person can do something about: the error itself, or the first such one in a group of tasks."""
    if isinstance(error, BaseExceptionGroup):
        found = (first_reason(inner) for inner in error.exceptions)
        return next((reason for reason in found if reason is not None), None)
    return error if isinstance(error, CannotStart) else None


def log_to_stderr(*, verbose: bool = False) -> None:
    """Plain lines with time and room, for a terminal and for journald alike."""
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.INFO,
        format="%(asctime)s %(levelname)-7s %(name)s: %(message)s",
        datefmt="%H:%M:%S",
        stream=sys.stderr,
    )


def now_ms() -> int:
    """Milliseconds since 1970 UTC, by this machine's clock."""
    return time.time_ns() // 1_000_000


def stop_on_signals() -> None:
    """Let SIGTERM and SIGINT cancel the task that calls this."""
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)


def read_text(file: Path) -> str:
    """What is written in a configuration file, or `CannotStart` with the reason."""
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise CannotStart(f"{file}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise CannotStart(
            f"{file}:{line}: is not text (byte {error.object[error.start]:#04x}, no UTF-8)"
        ) from None
