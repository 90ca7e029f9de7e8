# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""One tree of exceptions; the class says whether to wait, to retry or to give up."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class BezetError(Exception):
    """Everything this project raises on purpose."""


class CannotStart(BezetError):
    """A person must change something first; the message is one line that says what. Give up."""


# --- configuration ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a configuration file: where it is and what is wrong there."""

    file: str
    line: int
    key: str
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.key}: {self.what}"


class ConfigError(CannotStart):
    """A configuration file with one or more mistakes, all of them listed. Give up."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


# --- the contract ----------------------------------------------------------------------------------------


class Cause(StrEnum):
    """Why a message was refused; a closed list, because it travels in receipts and stands in tables."""

    TOO_LARGE = "too_large"
    BAD_TOPIC = "bad_topic"
    UNKNOWN_VERSION = "unknown_version"
    NOT_JSON = "not_json"
    BAD_SHAPE = "bad_shape"
    BAD_VALUE = "bad_value"
    FUTURE = "future"
    UNKNOWN_SPACE = "unknown_space"


class BadMessage(BezetError):
    """Bytes that are not a message of the contract. Refuse, count, go on.

    `boot` and `seq` are set when the message could still be told apart, so that its sender can be answered.
    """

    def __init__(self, cause: Cause, what: str, boot: str | None = None, seq: int | None = None) -> None:
        self.cause = cause
        self.what = what
        self.boot = boot
        self.seq = seq
        super().__init__(f"{cause}: {what}")


# --- links -----------------------------------------------------------------------------------------------


class LinkDown(BezetError):
    """There is no broker to talk to at this moment. Wait for the link, then try again."""


# --- sensors ---------------------------------------------------------------------------------------------


class SensorError(BezetError):
    """A sensor could not speak."""


class SensorNotReady(SensorError):
    """The sensor has nothing new yet. Wait for the next turn."""


class BadFrame(SensorError):
    """The sensor answered bytes that are wrong; the message holds them. Retry."""


class SensorGone(SensorError):
    """The sensor is absent or was unplugged. Retry with back-off, from `open`."""


# --- storage ---------------------------------------------------------------------------------------------


class StoreError(BezetError):
    """The store could not do what was asked."""


class StoreBusy(StoreError):
    """Locked, full or away for now; nothing was written. Retry."""


class StoreUnusable(StoreError, CannotStart):
    """Damaged, unreadable, or made by a newer version. Give up."""


class OutboxFull(BezetError):
    """The disk took nothing more, even after the oldest messages were refused. Wait."""
