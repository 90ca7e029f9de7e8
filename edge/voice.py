# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What the agent says live, on retained topics: what each zone is, and how the agent itself is doing."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import bezet
from bezet import wire
from bezet.errors import LinkDown
from edge.clock import loop_ms

if TYPE_CHECKING:
    from collections.abc import Callable

    from bezet.link import Link
    from bezet.model import State, Zone

#: Live state and health are said again this often, so that silence means something.
REPEAT_S = 30.0
#: News of health is said at once, and news that follows within this time together, so that a sensor with a
#: loose wire does not flood the broker.
REST_S = 2.0


@dataclass(frozen=True, slots=True)
class Device:
    """Who this agent is."""

    site: str
    name: str


def new_boot() -> str:
    """A name for one start of the agent."""
    return secrets.token_hex(8)


def health_message(device: Device, boot: str, now_ms: int, **rest: Any) -> wire.Health:
    """A health message; without more, the one that serves as last will."""
    plain: dict[str, Any] = {
        "online": False,
        "uptime_s": 0,
        "queued": 0,
        "refused": 0,
        "clock": wire.Clock.UNTRUSTED,
        "sensors": {},
        "troubles": (),
    }
    plain.update(rest)
    return wire.Health(
        site=device.site,
        device=device.name,
        t_ms=max(now_ms, wire.T_MIN_MS),  # a device that stands in 1970 still has something to say
        boot=boot,
        version=bezet.__version__,
        **plain,
    )


class Voice:
    """Says the newest, and all of it again when asked, and every 30 seconds.

    What to say comes from two functions: the instant and the health, and the state of each zone.
    """

    def __init__(
        self,
        link: Link,
        device: Device,
        boot: str,
        *,
        health: Callable[[], tuple[int, dict[str, Any]]],
        states: Callable[[], list[tuple[Zone, State]]],
    ) -> None:
        self._link = link
        self._device = device
        self._boot = boot
        self._health = health
        self._states = states
        self._started_ms = loop_ms()
        self._again = asyncio.Event()

    def again(self) -> None:
        """Say everything again, soon."""
        self._again.set()

    async def repeat(self) -> None:
        """Say everything now and then, and when asked, until cancelled."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(REPEAT_S):
                    await self._again.wait()
            await self.all()
            await asyncio.sleep(REST_S)

    async def all(self) -> None:
        """Say what every zone is, and how the agent is doing."""
        self._again.clear()
        for zone, state in self._states():
            await self.state(zone, state)
        now_ms, rest = self._health()
        await self._publish(self._health_now(now_ms, rest))

    async def state(self, zone: Zone, state: State) -> None:
        """Say what a zone is."""
        await self._publish(wire.Live(zone.site, zone.device, zone.space, state))

    async def goodbye(self, now_ms: int, queued: int) -> None:
        """Say that the agent is gone, so that no retained "online" outlives it."""
        await self._publish(health_message(self._device, self._boot, now_ms, queued=queued))

    def _health_now(self, now_ms: int, rest: dict[str, Any]) -> wire.Health:
        uptime_s = (loop_ms() - self._started_ms) // 1000
        return health_message(self._device, self._boot, now_ms, online=True, uptime_s=uptime_s, **rest)

    async def _publish(self, message: wire.Live | wire.Health) -> None:
        topic, payload = wire.encode(message)
        with contextlib.suppress(LinkDown):  # at the next connection everything live is said again
            await self._link.publish(topic, payload, retain=True)
