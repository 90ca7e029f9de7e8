# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Figures of others, and of methods that need more than NumPy, on the same recordings; copied here."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from edge.accuracy.scoring import Score

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.accuracy.shapes import Recording

#: Candanedo & Feldheim 2016, their R script: trained on datatraining, judged on datatest; no time of the day.
CANDANEDO = "Candanedo 2016"
#: Singh et al. 2018, abstract: random folds, which put near copies of a row on both sides.
SINGH = "Singh 2018, random folds"
#: Reference figures by scikit-learn, causal, trained on other days than those judged.
REFERENCE = "reference, scikit-learn"


class Published(NamedTuple):
    """One figure: of which recording, by what, and where it stands."""

    set: str
    recording: str
    method: str
    source: str
    score: Score


def _uci(method: str, accuracy: float) -> Published:
    return Published("uci-occupancy", "datatest", method, CANDANEDO, Score(accuracy=accuracy))


ROOM_COUNT = ("uci-room-count", "occupancy_estimation_dec_22_24")
ROBOD = ("robod-room1", "combined_Room1")

PUBLISHED: tuple[Published, ...] = (
    _uci("LDA, all", 0.9790),
    _uci("RF, all", 0.9505),
    _uci("GBM, all", 0.9306),
    _uci("CART, all", 0.9557),
    _uci("LDA, no light", 0.8533),
    _uci("CART, no light", 0.8465),
    _uci("GBM, no light", 0.6953),
    _uci("RF, no light", 0.6863),
    _uci("LDA, CO2 and temp.", 0.8762),
    _uci("CART or GBM, CO2", 0.8713),
    _uci("LDA, CO2", 0.8619),
    _uci("RF, CO2", 0.7876),
    _uci("LDA, GBM, CART: light", 0.9786),
    Published(
        *("uci-occupancy", "datatest", "logistic and HMM, CO2", REFERENCE), Score(accuracy=0.8687, f1=0.784)
    ),
    Published(*ROOM_COUNT, "all sensors", SINGH, Score(accuracy=0.984, f1=0.953)),
    # Leave one day out.
    Published(*ROOM_COUNT, "LDA, CO2 and PIR", REFERENCE, Score(accuracy=0.9745, f1=0.936, count_mae=0.109)),
    Published("sdu-ou44", "room_1", "HGB, CO2 and damper", REFERENCE, Score(count_mae=3.38)),
    Published("sdu-ou44", "room_2", "HGB, CO2 and damper", REFERENCE, Score(count_mae=1.67)),
    Published("sdu-ou44", "room_1", "mass balance of others", REFERENCE, Score(count_mae=4.09)),
    Published("sdu-ou44", "room_2", "mass balance of others", REFERENCE, Score(count_mae=1.62)),
    # Seven blocks of whole days.
    Published(*ROBOD, "mass balance, CO2, fan", REFERENCE, Score(accuracy=0.816, f1=0.694, count_mae=1.03)),
    Published(*ROBOD, "HGB, sound, light, power", REFERENCE, Score(accuracy=0.901, f1=0.801, count_mae=1.08)),
    Published(*ROBOD, "HGB, all and WiFi", REFERENCE, Score(accuracy=0.911, f1=0.817, count_mae=0.81)),
)


def published(recording: Recording) -> Iterator[Published]:
    """What is known of a recording."""
    return (one for one in PUBLISHED if (one.set, one.recording) == (recording.set, recording.name))
