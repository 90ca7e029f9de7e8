# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""CO2 profiles: the limits as they are published."""

from __future__ import annotations

import pytest

from bezet.model import AirProfile
from bezet.usage.air import PROFILES, Limits, limits_ppm


@pytest.mark.parametrize(
    ("profile", "outdoor_ppm", "custom_ppm", "expected"),
    [
        (AirProfile.FRISSE_SCHOLEN, 420.0, None, (800, 950, 1200)),
        (AirProfile.FRISSE_SCHOLEN, 600.0, (1.0, 2.0, 3.0), (800, 950, 1200)),
        (AirProfile.EN_16798_1, 420.0, None, (970, 1220, 1770)),
        (AirProfile.EN_16798_1, 400.0, (), (950, 1200, 1750)),
        (AirProfile.CUSTOM, 420.0, (700.0, 900.0, 1100.5), (700, 900, 1100.5)),
    ],
)
def test_limits_are_those_of_the_profile(
    profile: AirProfile, outdoor_ppm: float, custom_ppm: Limits | None, expected: Limits
) -> None:
    """Limits above outdoor air rise with it, others do not, and a site's own hold for `custom` alone."""
    assert limits_ppm(profile, outdoor_ppm, custom_ppm) == expected


@pytest.mark.parametrize("limits", [None, (), (800.0,), (1.0, 2.0, 3.0, 4.0)])
def test_a_profile_without_limits_needs_three(limits: Limits | None) -> None:
    """A site that chooses its own limits must name three."""
    with pytest.raises(ValueError, match="CO2 profile custom: the site must name three limits"):
        limits_ppm(AirProfile.CUSTOM, 420.0, limits)


@pytest.mark.parametrize("profile", AirProfile)
def test_a_profile_says_where_it_is_from(profile: AirProfile) -> None:
    """Every profile stands in the table, names its source, and its limits ascend."""
    limits = PROFILES[profile].limits_ppm

    assert PROFILES[profile].source
    assert list(limits) == sorted(set(limits))
