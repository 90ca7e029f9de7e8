# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What the latest readings say of a room: its air, and its AV devices. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from api.live import Sensed
from bezet.av import AV_DEVICES, AVState
from bezet.model import Kind
from bezet.usage.air import air_class

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bezet.usage.air import Limits
    from bezet.usage.columns import DeviceReading

_AV = AV_DEVICES["generic"]


class AVWord(NamedTuple):
    """Whether an AV device was on at an instant."""

    t_ms: int
    is_on: bool


def sensed(rows: Sequence[DeviceReading], limits_ppm: Limits) -> Sensed:
    """What a room's readings say, in the order of time, by the limits of the building's profile."""
    co2_ppm, av = mean_co2_ppm(rows), av_words(rows)
    return Sensed(
        co2_ppm=co2_ppm,
        air=None if co2_ppm is None else air_class(co2_ppm, limits_ppm),
        av_is_on=any(words[-1].is_on for words in av) if av else None,
    )


def mean_co2_ppm(rows: Sequence[DeviceReading]) -> float | None:
    """The mean of all CO2 that was measured; None where nothing did."""
    air_ppm = [one.reading.value for one in rows if one.reading.kind is Kind.CO2_PPM]
    return sum(air_ppm) / len(air_ppm) if air_ppm else None


def is_left_on(rows: Sequence[DeviceReading], start_ms: int) -> bool:
    """Whether an AV device has been on since an instant, by rows that begin some time before it.

    It was on in the word that stood then, and in each since, of which there are two or more: a sensor that
    began to speak later does not say since when, and one that fell silent not whether it still is.
    """
    return any(_is_left_on(words, start_ms) for words in av_words(rows))


def _is_left_on(words: Sequence[AVWord], start_ms: int) -> bool:
    before = [one for one in words if one.t_ms <= start_ms]
    since = [one for one in words if one.t_ms > start_ms]
    return bool(before) and len(since) > 1 and all(one.is_on for one in [before[-1], *since])


def av_words(rows: Sequence[DeviceReading]) -> list[list[AVWord]]:
    """For each AV device whether it was on, word by word."""
    said: dict[tuple[str, str], list[AVWord]] = {}
    drawn: dict[tuple[str, str], list[AVWord]] = {}
    for device, one in rows:
        if one.kind not in (Kind.AV_STATE, Kind.POWER_W):
            continue
        is_state = one.kind is Kind.AV_STATE
        state = AVState(int(one.value)) if is_state else _AV.state(one.value)
        word = AVWord(one.t_ms, state >= AVState.ON)
        (said if is_state else drawn).setdefault((device, one.sensor), []).append(word)
    # What a sensor says of its own device counts, and its watts by limits for any device only without that.
    return [*{**drawn, **said}.values()]
