# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The box that answers go into: which spaces have one, and how often one address may use it."""

from __future__ import annotations

import secrets
from hashlib import blake2b
from ipaddress import ip_network
from typing import TYPE_CHECKING

from api.access.rate import Buckets
from api.book.feedback import count_answer
from api.live import MIN_CAPACITY
from api.problems import Refused
from bezet.retention import HOUR_MS, local_day

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.book import Book
    from api.feedback.answers import Face, FeedbackReason
    from bezet.model import Building, Space

#: One address may answer so often at once for one space, and again after so long each: the phones of a
#: meeting share the address of the guest network, and one phone must not fill the box.
AT_ONCE, REFILL_MS = 6, 5 * 60_000


class Box:
    """Takes answers; of where one came from a hash stays, in memory, by a key that ends with this program."""

    def __init__(self, book: Book, building: Building, clock: Callable[[], int]) -> None:
        self._book, self._building, self._clock = book, building, clock
        self._key = secrets.token_bytes(32)
        self._buckets = Buckets(AT_ONCE, AT_ONCE * REFILL_MS)

    def is_there(self, space: Space) -> bool:
        """Whether a space has one now: as `must_be_there`, for who asks without refusing."""
        return space.measured and self._capacity(space) >= MIN_CAPACITY

    def must_be_there(self, space: Space) -> None:
        """Refuse what could never be shown to anybody, so that it is not kept either.

        Of a space in privacy mode nothing is recorded at all, and an answer would tell that somebody was
        there in that hour. In a space for few people an answer with its hour points at a person.
        """
        if not space.measured:
            detail = f"Of space {space.id!r} nothing is recorded, answers neither."
            raise Refused(403, "not-measured", "Not measured", detail)
        if self._capacity(space) < MIN_CAPACITY:
            detail = f"Space {space.id!r} is for so few people that an answer would point at one of them."
            raise Refused(403, "too-small-to-show", "Too small to show singly", detail)

    def put(self, space: Space, face: Face, reason: FeedbackReason | None, origin: str) -> float:
        """Count an answer and return 0; or the seconds until this origin may answer again."""
        self.must_be_there(space)
        now_ms = self._clock()
        hashed = blake2b(f"{space.id} {household(origin)}".encode(), key=self._key).hexdigest()
        wait_s = self._buckets.wait_s(hashed, now_ms)
        if not wait_s:
            count_answer(self._book, space.id, self.hour_ms(now_ms), face, reason)
        return wait_s

    def hour_ms(self, now_ms: int) -> int:
        """The hour that an answer is counted in."""
        return now_ms // HOUR_MS * HOUR_MS

    def _capacity(self, space: Space) -> int:
        return space.layout_on(local_day(self._clock(), self._building.timezone)).capacity


def household(origin: str) -> str:
    """What one device can call itself by: of IPv6 it takes any address of its network (/64) that it likes."""
    try:
        network = ip_network(origin.partition("%")[0])
    except ValueError:
        return origin
    return str(network.supernet(new_prefix=64)) if network.version == 6 else origin
