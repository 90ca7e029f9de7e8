# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Finds frames in a stream of bytes, whatever pieces it comes in, and finds them again after garbage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from bezet.errors import BadFrame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Decoded = TypeVar("Decoded")

#: After so many bytes without a frame nothing will come of it. At the wrong baud rate all bytes are garbage.
MOST_GARBAGE_BYTES = 500


class Frames(Generic[Decoded]):
    """Frames that begin with `header`.

    `size_of` tells from the beginning of a frame, its header at least, how many bytes it has: 0 if no frame
    begins like this, and more than are there as long as it can not be told. `decode` raises `BadFrame` for
    one that is wrong. A good one may begin inside it, so the search goes on behind its first byte; up to
    `most_bad` wrong ones in a row are passed over.
    """

    def __init__(
        self,
        header: bytes,
        size_of: Callable[[bytes], int],
        decode: Callable[[bytes], Decoded],
        *,
        most_bad: int = 0,
    ) -> None:
        self._header = header
        self._size_of = size_of
        self._decode = decode
        self._most_bad = most_bad
        self._kept = b""
        self._bad = 0
        self._garbage = 0

    def feed(self, heard: bytes) -> Iterator[Decoded]:
        """What comes of these bytes and those before; `BadFrame` holds the wrong frame, or some garbage."""
        self._kept += heard
        while frame := self._next_frame():
            try:
                decoded = self._decode(frame)
            except BadFrame:
                self._pass_over(1)
                self._bad += 1
                if self._bad > self._most_bad:
                    raise
                continue
            self._kept = self._kept[len(frame) :]
            self._bad = self._garbage = 0
            yield decoded

    def _next_frame(self) -> bytes:
        """The next whole frame, at which the kept bytes now begin; empty if it is not here yet."""
        while True:
            at = self._kept.find(self._header)
            if at < 0:  # the last bytes may be the beginning of a header
                self._pass_over(max(0, len(self._kept) - len(self._header) + 1))
                return b""
            self._pass_over(at)
            size = self._size_of(self._kept)
            if size > len(self._kept):
                return b""
            if size:
                return self._kept[:size]
            self._pass_over(1)

    def _pass_over(self, count: int) -> None:
        some, self._kept = self._kept[:16], self._kept[count:]
        self._garbage += count
        if self._garbage > MOST_GARBAGE_BYTES:
            self._garbage = 0
            raise BadFrame(f"no frame in {MOST_GARBAGE_BYTES} bytes: … {some.hex(' ')} …; wrong baud rate?")
