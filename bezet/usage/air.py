# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""CO2 profiles: where the classes of air end, and who says so. An indicator of ventilation, not of health."""

from __future__ import annotations

from bisect import bisect_left
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from bezet.model import AirProfile

if TYPE_CHECKING:
    from collections.abc import Mapping

Limits = tuple[float, ...]


class AirClass(StrEnum):
    """What air is by the limits of a profile: up to the first, the second, the third, and above."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"
    BAD = "bad"


class Profile(NamedTuple):
    """One row of the table: the upper ends of the first three classes in ppm, and their source and edition.

    A level equal to a limit is in the better class. Where there are none, the site names them itself.
    """

    limits_ppm: Limits
    is_above_outdoor: bool
    source: str


#: Neither source was read whole: the figures of Frisse Scholen are from a page for schools that quotes it
#: (veiligepraktijklokalen.nl), those of EN 16798-1 from a public program that quotes page 55 of its German
#: edition. Check them against the sources before they stand in a contract.
PROFILES: Mapping[AirProfile, Profile] = {
    AirProfile.FRISSE_SCHOLEN: Profile(
        (800.0, 950.0, 1200.0),
        is_above_outdoor=False,
        source="Programma van Eisen Frisse Scholen (RVO), classes A, B, C; the quotation names no edition",
    ),
    AirProfile.EN_16798_1: Profile(
        (550.0, 800.0, 1350.0),
        is_above_outdoor=True,
        source="EN 16798-1:2019, categories I, II, III (as quoted from DIN EN 16798-1:2019, page 55)",
    ),
    AirProfile.CUSTOM: Profile((), is_above_outdoor=False, source="limits of the site's own"),
}


def limits_ppm(profile: AirProfile, outdoor_ppm: float, custom_ppm: Limits | None = None) -> Limits:
    """The upper ends of the first three classes in ppm; `custom_ppm` is for the profile that has none itself.

    Raises ValueError when such a profile does not get three.
    """
    row = PROFILES[profile]
    limits = row.limits_ppm or custom_ppm or ()
    if len(limits) != 3:
        raise ValueError(f"CO2 profile {profile}: the site must name three limits, and named {limits}")
    return tuple(outdoor_ppm + limit for limit in limits) if row.is_above_outdoor else limits


def air_class(co2_ppm: float, limits_ppm: Limits) -> AirClass:
    """The class of air with so much CO2; a level equal to a limit is in the better class."""
    classes = tuple[AirClass, ...](AirClass)
    return classes[bisect_left(limits_ppm, co2_ppm)]
