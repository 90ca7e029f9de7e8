# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Payloads of values one after the other, each behind a head that says what it is, and by that how long."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bezet.errors import BadFrame
from edge.payloads import Total
from edge.sensors import Measured

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Found = list[Measured | Total]


class Value(NamedTuple):
    """How many bytes a value has, and what is made of them."""

    length: int
    read: Callable[[bytes], Found]


def read_values(
    payload: bytes,
    head_bytes: int,
    kept: Mapping[bytes, Value],
    passed_over: Mapping[bytes, int],
    is_end: Callable[[bytes], bool],
) -> Found:
    """What is kept of a payload, up to a head that `is_end` takes for the end of what can be read.

    Heads that are passed over have their length beside them. `BadFrame` names a head that is not known, for
    nothing behind it can be read, or one that is cut short.
    """
    found: Found = []
    at = 0
    while at < len(payload):
        head = payload[at : at + head_bytes]
        value = kept.get(head)
        length = value.length if value else passed_over.get(head)
        if length is None and len(head) == head_bytes and is_end(head):
            break
        if length is None:
            raise BadFrame(f"{head.hex(' ')} at byte {at} is not known: {payload.hex(' ')}")
        end = at + head_bytes + length
        if end > len(payload):
            raise BadFrame(f"{head.hex(' ')} at byte {at} is cut short: {payload.hex(' ')}")
        if value:
            found += value.read(payload[at + head_bytes : end])
        at = end
    return found
