# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What the agent tells systemd: that it is ready, how it is doing, that it is alive (sd_notify(3))."""

from __future__ import annotations

import contextlib
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Notifier:
    """Tells systemd, or nobody where `address` is empty; it wants to hear again within `watchdog_s` s."""

    address: str = ""
    watchdog_s: float | None = None

    @classmethod
    def from_environ(cls, environ: Mapping[str, str], pid: int) -> Notifier:
        """As systemd says in NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID; `pid` is this process."""
        is_meant = environ.get("WATCHDOG_PID", str(pid)) == str(pid)
        usec = environ.get("WATCHDOG_USEC", "")
        watchdog_s = int(usec) / 1e6 if usec.isdecimal() and int(usec) and is_meant else None
        return cls(environ.get("NOTIFY_SOCKET", ""), watchdog_s)

    def ready(self) -> None:
        """It has started, and does its work."""
        self._tell("READY=1")

    def status(self, text: str) -> None:
        """How it is doing, for `systemctl status`."""
        self._tell(f"STATUS={' '.join(text.split())}")  # a line end would begin another word to systemd

    def watchdog(self) -> None:
        """It is alive; to be told about twice within `watchdog_s`."""
        self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        """It is about to end."""
        self._tell("STOPPING=1")

    def _tell(self, word: str) -> None:
        if not self.address:
            return
        # One that begins with @ is a name without a file, which Linux writes with a zero byte.
        address = "\0" + self.address[1:] if self.address.startswith("@") else self.address
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
            told.setblocking(False)  # a systemd that is busy may not hold up the sensors
            told.sendto(word.encode(), address)
