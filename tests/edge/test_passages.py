# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Who went through a doorway: only whoever came from one side and is gone by the other."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.doorway import TURNS, Passage, step

#: What the zones see, as the cases below write it.
SEEN = {".": (False, False), "a": (True, False), "2": (True, True), "b": (False, True)}
#: Where a walker is seen: zone a from -3 to 1, zone b from -1 to 3, both in between.
FAR = 5


def crossings(path: str) -> list[int]:
    """All crossings on a path, in order."""
    passage, found = Passage.EMPTY, []
    for seen in path:
        in_a, in_b = SEEN[seen]
        passage, crossed = step(passage, in_a=in_a, in_b=in_b)
        found += [crossed] if crossed else []
    return found


@pytest.mark.parametrize(
    ("what", "path", "expected"),
    [
        ("nobody", "....", []),
        ("somebody goes through", ".aa22bb.", [1]),
        ("and comes back", ".aa22bb..bb22aa.", [1, -1]),
        ("so fast that both were never seen together", ".ab.", [1]),
        ("a half turn under the first zone", ".aaa.", []),
        ("a half turn under both", ".a2222a.", []),
        ("a half turn at the far end", ".a2bb2a.", []),
        ("two half turns, and through", ".a2a2b2b.", [1]),
        ("standing in the doorway", ".a" + "2" * 1000, []),
        ("standing in it, and going on at last", ".a" + "2" * 1000 + "b.", [1]),
        ("a hand over the sensor", ".222222.", []),
        ("a hand that slips off over one zone", ".222b.", []),
        ("a hand that comes from one side and is drawn back", ".a22.", []),
        ("two close behind each other, with an instant in between", ".a2b.a2b.", [1, 1]),
        ("two who meet and change sides at the same instant", ".2.", []),
        ("two who meet, and both turn round", ".a2a.", []),
        ("limit: two closer than the zones are wide are one", ".a2b2b.", [1]),
        ("limit: two side by side are one", ".a2b.", [1]),
        ("limit: of two who meet, one steps in first and the other is last", ".a22b.", [1]),
        ("somebody stood there at the start", "22b.", []),
        ("a flicker of one zone in the middle", ".a2b2a2b.", [1]),
        ("seen again at once after being lost under both", ".a2.2b.", []),
    ],
)
def test_paths(what: str, path: str, expected: list[int]) -> None:
    """What people do in a doorway comes out as it should, or as the limits say."""
    assert crossings(path) == expected, what


def walked(steps: list[int], start: int) -> tuple[str, int]:
    """What the zones see of a walker, and how often on balance they went from side a to side b.

    The walker goes a step at a time and ends where nobody is seen, on the side that is nearer.
    """
    place, path = start, ""
    for stride in steps:
        place = max(-FAR, min(FAR, place + stride))
        path += seen_at(place)
    end = FAR if place > 0 else -FAR
    for place in range(place, end, 1 if end > place else -1):  # noqa: B020  the walker goes on
        path += seen_at(place)
    return path + seen_at(end), (end > 0) - (start > 0)


def seen_at(place: int) -> str:
    """What the zones see of somebody there."""
    in_a, in_b = -3 <= place <= 1, -1 <= place <= 3
    return next(word for word, seen in SEEN.items() if seen == (in_a, in_b))


@given(st.lists(st.sampled_from([-1, 0, 1]), max_size=200), st.sampled_from([-FAR, FAR]))
def test_in_minus_out_is_where_somebody_ended_up(steps: list[int], start: int) -> None:
    """However somebody dawdles, the crossings add up to the side they came from and the side they are on."""
    path, net = walked(steps, start)
    found = crossings(path)

    assert sum(found) == net
    assert all(one == -other for one, other in pairwise(found))


@given(st.lists(st.sampled_from([-1, 0, 1]), max_size=200))
def test_who_ends_where_they_began_have_changed_nothing(steps: list[int]) -> None:
    """There and back again is nothing, whatever happened in between."""
    there, _ = walked(steps, -FAR)
    back = there[::-1]

    assert sum(crossings(there + back)) == 0


@given(st.text(alphabet="a2b", max_size=50))
def test_nothing_is_counted_while_somebody_is_seen(path: str) -> None:
    """A crossing is counted once nobody is seen any more, and not before."""
    assert crossings("." + path) == []
    assert len(crossings("." + path + ".")) <= 1


@given(st.text(alphabet="a2b.", max_size=50))
def test_both_directions_are_treated_alike(path: str) -> None:
    """With the zones exchanged, the same happens the other way round."""
    mirrored = path.translate(str.maketrans("ab", "ba"))

    assert crossings(mirrored) == [-one for one in crossings(path)]


def test_the_table_is_whole() -> None:
    """Every passage has its row, and nobody seen always ends it."""
    assert set(TURNS) == set(Passage)
    assert {row[0] for row in TURNS.values()} == {Passage.EMPTY}
