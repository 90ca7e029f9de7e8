# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What no recording shows of the drivers of air and current: settings, and every number they can give."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bezet.av import AV_DEVICES, AV_STANDBY_W, Thresholds
from bezet.errors import BadFrame
from bezet.model import KINDS, Kind
from edge.bus.conversation import Conversation
from edge.bus.i2c import ReplayI2C
from edge.sensors import ina219, ina260, load_driver, scd30
from tests.bezet.strategies import unhurried

PAGE = Path(__file__).parents[3] / "docs" / "sensors" / "ina219.md"
words = st.binary(min_size=2, max_size=2)


@pytest.mark.parametrize(
    ("driver", "settings", "complaint"),
    [
        ("scd4x", {"altitude_m": -1}, "altitude_m = -1: the chip knows 0 to 3000 m"),
        ("scd4x", {"altitude_m": 3_001}, "altitude_m = 3001"),
        ("scd30", {"altitude_m": -1}, "altitude_m = -1: 0 to 9000 m"),
        ("scd30", {"altitude_m": 9_001}, "altitude_m = 9001"),
        ("scd30", {"interval_s": 1}, "interval_s = 1: the chip knows 2 to 1800 s"),
        ("scd30", {"interval_s": 1_801}, "interval_s = 1801"),
        ("ina219", {"address": 0x3F}, "address = 0x3f: 0x40 to 0x4f"),
        ("ina219", {"address": 0x50}, "address = 0x50"),
        ("ina219", {"shunt_ohm": 0}, "shunt_ohm = 0: 0.001 to 10 ohm"),
        ("ina219", {"shunt_ohm": math.nan}, "shunt_ohm = nan"),
        ("ina219", {"current_max_a": 3.3}, "current_max_a = 3.3: at most 3.2 A over 0.1 ohm"),
        ("ina219", {"current_max_a": 0}, "current_max_a = 0"),
        ("ina219", {"device": "toaster"}, "device = toaster: there are generic"),
        ("ina219", {"on_above_w": 0.2}, "on_above_w = 0.2: more than 0.5 W"),
        ("ina260", {"address": 0x50}, "address = 0x50: 0x40 to 0x4f"),
        ("ina260", {"device": "toaster"}, "device = toaster: there are generic"),
        ("ina260", {"in_use_above_w": 9}, "in_use_above_w = 9: more than 10.0 W"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(driver: str, settings: dict[str, Any], complaint: str) -> None:
    """A wrong setting is refused before anything is said, with its key, its value and what is wanted."""
    with pytest.raises(ValueError, match=re.escape(complaint)):
        load_driver(driver)(ReplayI2C(Conversation([])), **settings)


@pytest.mark.parametrize(
    ("driver", "settings"),
    [
        ("scd4x", {"altitude_m": 3_000}),
        ("scd30", {"altitude_m": 9_000, "interval_s": 1_800}),
        ("ina219", {"current_max_a": 3.2}),
        ("ina219", {"shunt_ohm": 0.01, "current_max_a": 32, "address": 0x4F, "device": "display"}),
        ("ina260", {"address": 0x4F, "on_above_w": 4.5, "in_use_above_w": 9}),
    ],
)
def test_a_setting_at_its_end_is_taken(driver: str, settings: dict[str, Any]) -> None:
    """Both ends of a range belong to it."""
    load_driver(driver)(ReplayI2C(Conversation([])), **settings)


@pytest.mark.parametrize(("device", "row"), AV_DEVICES.items())
def test_the_page_has_the_classes_of_devices(device: str, row: Thresholds) -> None:
    """Whoever chooses a class reads the numbers that the code goes by."""
    text = PAGE.read_text(encoding="utf-8")

    assert f"| `{device}` | {row.on_above_w:g} W |" in text
    assert f"Up to {AV_STANDBY_W:g} W a device is off" in text
    assert row.standby_above_w == AV_STANDBY_W


@unhurried
@given(st.floats(0, 26), st.floats(-3.19, 3.19))
def test_watts_of_an_ina219_are_volts_times_amperes(volt: float, ampere: float) -> None:
    """What the chip converts comes out again, but for half a step of each of its two converters."""
    bus = (round(volt / 0.004) << 3 | ina219.CONVERTED).to_bytes(2, "big")
    shunt = round(ampere * 0.1 / 0.00001).to_bytes(2, "big", signed=True)

    found_w = ina219.decode(bus, shunt, 0.1, 320)

    assert abs(found_w - volt * ampere) <= 0.002 * abs(ampere) + 0.00005 * volt + 0.001


@unhurried
@given(words, words, st.sampled_from(ina219.RANGES_MV), st.floats(0.01, 10))
def test_an_ina219_never_gives_what_cannot_be(
    bus: bytes, shunt: bytes, range_mv: int, shunt_ohm: float
) -> None:
    """Of any bits come watts within the kind's range and within the chip's, or an error with the bytes."""
    assume(bus[1] & ina219.CONVERTED)
    try:
        power_w = ina219.decode(bus, shunt, shunt_ohm, range_mv)
    except BadFrame as error:
        assert shunt.hex(" ") in str(error)  # noqa: PT017  either is right
    else:
        assert abs(power_w) <= 32.8 * range_mv / 1000 / shunt_ohm
        assert KINDS[Kind.POWER_W].low <= power_w <= KINDS[Kind.POWER_W].high


@unhurried
@given(words)
def test_an_ina260_counts_in_hundredths_of_a_watt(power: bytes) -> None:
    """Any power register is a number of 10 mW, and flags that are not asked for do not change it."""
    counted = int.from_bytes(power, "big")

    assert ina260.decode(b"\x00\x08", power) == ina260.decode(b"\xfc\x1b", power) == counted / 100


numbers = st.floats(width=32)


@unhurried
@given(numbers, numbers, numbers)
def test_an_scd30_never_gives_what_is_no_number(
    co2_ppm: float, temperature_c: float, humidity_pct: float
) -> None:
    """Of any three floats come three finite numbers, or an error that shows them; CO2 of 0 is none."""
    try:
        found = scd30.decode(co2_ppm, temperature_c, humidity_pct)
    except BadFrame as error:
        assert f"{co2_ppm} ppm" in str(error)  # noqa: PT017  either is right
        assert not (math.isfinite(co2_ppm + temperature_c + humidity_pct) and co2_ppm > 0)
    else:
        assert [one.kind for one in found] == [Kind.CO2_PPM, Kind.TEMPERATURE_C, Kind.HUMIDITY_PCT]
        assert all(math.isfinite(one.value) for one in found)
