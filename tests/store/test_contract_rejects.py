# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What every store promises of messages that were refused: counted for ever, the newest whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bezet.errors import Cause
from store import MAX_REJECT_BYTES, MAX_REJECTS, Reject
from tests.store.stage import T_MS

if TYPE_CHECKING:
    from store import Store


def reject(number: int, cause: Cause = Cause.NOT_JSON, payload: bytes = b"\xff\x00bytes") -> Reject:
    """A refused message that can be told apart."""
    return Reject(T_MS + number, f"bezet/v1/townhall/pi-{number}", cause, f"number {number}", payload)


def test_rejects_are_kept_newest_first(store: Store) -> None:
    """Refused messages come back as they were, the newest first, as many as were asked for."""
    given_in = [reject(number, cause) for number, cause in enumerate(Cause)]
    store.reject(given_in[:3])
    store.reject(given_in[3:])

    assert store.rejects() == given_in[::-1]
    assert store.rejects(2) == given_in[:-3:-1]
    assert store.reject_counts() == dict.fromkeys(Cause, 1)


def test_rejects_are_bounded_but_counted_for_ever(store: Store) -> None:
    """The newest 1,000 are kept, whatever the portions they came in; all of them are counted, by cause."""
    numbers = iter(range(2_345))
    for portion in (1, 999, 1, 1_300, 44):
        store.reject([reject(next(numbers), Cause.FUTURE) for _ in range(portion)])
    store.reject([reject(9_999, Cause.BAD_TOPIC)])
    kept = store.rejects(5_000)

    assert len(kept) == MAX_REJECTS == 1_000
    assert [one.t_ms - T_MS for one in kept] == [9_999, *range(2_344, 1_345, -1)]
    assert store.reject_counts() == {Cause.FUTURE: 2_345, Cause.BAD_TOPIC: 1}


@pytest.mark.parametrize("size", [0, 1, 4_095, 4_096, 4_097, 1_000_000])
def test_payloads_of_rejects_are_cut(store: Store, size: int) -> None:
    """Of a refused payload the first 4 KiB are kept."""
    payload = bytes(number % 251 for number in range(size))
    store.reject([reject(1, payload=payload)])

    assert store.rejects()[0].payload == payload[:4_096]
    assert MAX_REJECT_BYTES == 4_096


def test_no_rejects(store: Store) -> None:
    """A store that refused nothing says so, also after it was told of nothing."""
    store.reject([])

    assert store.rejects() == []
    assert store.reject_counts() == {}
