# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What every LoRaWAN server hands on: radio messages of a device, and what is made of one after another."""

from __future__ import annotations

import base64
import binascii
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, NamedTuple

from bezet.errors import BadFrame
from edge.payloads import Total, load_codec
from edge.sensors import Measured

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable

    from bezet.model import Kind
    from edge.bus import Heard

#: Port 0 is for commands of the radio itself, those from 224 on are for tests (LoRaWAN 1.0.4, section 4.3.2).
PORTS = range(1, 224)


class Uplink(NamedTuple):
    """One radio message: the device's number for it, its port, and its payload."""

    counter: int
    port: int
    payload: bytes


def read_uplink(counter: Any, port: Any, packed: Any) -> Uplink | None:
    """An uplink of what stands in JSON, where servers leave out a 0; None if it has no payload for us."""
    if not packed:
        return None
    for name, found in (("frame counter", counter), ("port", port)):
        if not isinstance(found, int | None) or isinstance(found, bool):
            raise BadFrame(f"{name} is no whole number, but {type(found).__name__}")
    try:
        payload = base64.b64decode(packed, validate=True)
    except (TypeError, ValueError, binascii.Error) as error:
        raise BadFrame(f"not base64: {str(packed)[:40]!r}") from error
    return Uplink(counter or 0, port, payload) if port in PORTS else None


class Uplinks:
    """Makes numbers of the uplinks of one device, by the codec of that name.

    An uplink that comes twice counts once. A counter that runs on gives what was added since the uplink
    before, also over uplinks that were lost; the first, and the first after it began again, give nothing.
    """

    def __init__(self, codec: str) -> None:
        self._decode = load_codec(codec)
        self._last: Uplink | None = None
        self._counts: dict[tuple[Kind, str], int] = {}

    async def hear(
        self, messages: AsyncGenerator[Heard, None], read: Callable[[bytes], Uplink | None]
    ) -> AsyncGenerator[list[Measured], None]:
        """What they say, by the uplink that `read` finds in each; what the broker kept is passed over."""
        async with aclosing(messages):
            async for heard in messages:
                if not heard.retained:
                    uplink = read(heard.payload)
                    yield [] if uplink is None else self.take(uplink)

    def take(self, uplink: Uplink) -> list[Measured]:
        """What this uplink says that is new."""
        if uplink == self._last:
            return []
        found = self._decode(uplink.payload)
        self._last = uplink
        measured = [one for one in found if isinstance(one, Measured)]
        return measured + self._added(one for one in found if isinstance(one, Total))

    def _added(self, totals: Iterable[Total]) -> list[Measured]:
        added: dict[Kind, int] = {}
        for kind, so_far, counter in totals:
            before = self._counts.get((kind, counter))
            self._counts[kind, counter] = so_far
            if before is not None and so_far >= before:
                added[kind] = added.get(kind, 0) + so_far - before
        return [Measured(kind, float(count)) for kind, count in added.items()]
