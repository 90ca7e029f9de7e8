# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What an AV device does by its watts."""

from __future__ import annotations

import math
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bezet.av import AV_DEVICES, AV_ON_W, AVState, av_state, thresholds
from bezet.model import KINDS, Kind
from tests.bezet.strategies import unhurried

classes = st.sampled_from([*AV_DEVICES])
watts = st.floats(*KINDS[Kind.POWER_W][:2])


@pytest.mark.parametrize("state", AVState)
def test_the_states_are_those_of_the_kind(state: AVState) -> None:
    """Every state has the number and the word that the kind gives it, and the kind has no other."""
    kind = KINDS[Kind.AV_STATE]

    assert f"{state.value} {state.name.lower().replace('_', ' ')}" in kind.meaning
    assert (kind.low, kind.high) == (min(AVState), max(AVState))


@pytest.mark.parametrize(
    ("device", "power_w", "state"),
    [
        *(("generic", -5.0, AVState.OFF), ("generic", 0.0, AVState.OFF), ("generic", 0.5, AVState.OFF)),
        *(("generic", 0.6, AVState.STANDBY), ("generic", AV_ON_W, AVState.STANDBY)),
        *(("generic", 10.1, AVState.ON), ("generic", 3_000.0, AVState.ON)),
        *(("display", 2.0, AVState.STANDBY), ("display", 12.9, AVState.ON)),
        *(("projector", 15.0, AVState.STANDBY), ("projector", 83.0, AVState.ON)),
        *(("codec", 8.0, AVState.STANDBY), ("codec", 20.0, AVState.ON)),
        *(("amplifier", 2.0, AVState.STANDBY), ("amplifier", 8.0, AVState.ON)),
    ],
)
def test_a_device_does_what_its_class_says(device: str, power_w: float, state: AVState) -> None:
    """Watts are compared with the class's thresholds, and those themselves belong to the state below."""
    assert av_state(power_w, device) is state


@unhurried
@given(classes, st.lists(watts, min_size=2))
def test_more_watts_never_do_less(device: str, powers_w: list[float]) -> None:
    """With rising watts a device of any class only wakes up."""
    states = [av_state(power_w, device) for power_w in sorted(powers_w)]

    assert all(lower <= higher for lower, higher in pairwise(states))


@pytest.mark.parametrize("device", AV_DEVICES)
def test_every_class_is_in_order_and_says_why(device: str) -> None:
    """Standby comes before on, and each row says where its numbers come from."""
    row = AV_DEVICES[device]

    assert 0 < row.standby_above_w < row.on_above_w
    assert row.in_use_above_w is None
    assert "ours" in row.because


def test_settings_go_before_the_class() -> None:
    """A driver's own thresholds take the place of the class's, and can tell use where the class cannot."""
    found = thresholds("codec", on_above_w=18, in_use_above_w=25.5)

    assert [found.state(power_w) for power_w in (0.4, 18, 25.5, 26)] == [*AVState]
    assert thresholds("codec", in_use_above_w=30).state(11) is AVState.ON


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"device": "toaster"}, "device = toaster: there are generic, display, projector, codec, amplifier"),
        ({"on_above_w": 0.5}, "on_above_w = 0.5: more than 0.5 W"),
        ({"on_above_w": math.nan}, "on_above_w = nan"),
        ({"in_use_above_w": 20, "device": "projector"}, "in_use_above_w = 20: more than 20.0 W"),
        ({"in_use_above_w": 15, "on_above_w": 16}, "in_use_above_w = 15: more than 16 W"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, float | str], words: str) -> None:
    """An unknown class and thresholds out of order name key, value and what is wanted."""
    with pytest.raises(ValueError, match=re.escape(words)):
        thresholds(**settings)  # type: ignore[arg-type]  # the table holds words and numbers


def test_an_unknown_class_has_no_state() -> None:
    """Whoever asks for the state of a class that is not there is told which are."""
    with pytest.raises(ValueError, match="generic, display"):
        av_state(5.0, "toaster")
