# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What thermal arrays at the ceiling say: how many people the counter of the agent finds in their pictures.

For weeks a picture each second would take too long. But who sits where changes a few hundred times a day, in
one of a few ways for a minute, and a counter that knows the empty room says of the same picture nearly always
the same; so it is asked once for each arrangement of people and each way. What it misses (neighbours who
become one, who sits beside the picture) is missed here too; what the noise of a sensor makes of a count for a
moment is not.
"""

from __future__ import annotations

import copy
import math
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bezet.model import Kind
from demo.dice import generator
from demo.physics.heat import SWAY_MS, WAYS, HeatedRoom, Sight
from demo.physics.moves import WALK_MS
from demo.physics.spans import spans
from demo.sensing import Said, Words, polls
from edge.heat import ODD_S, HeatCounter
from edge.sensors import DRIVERS
from edge.sensors.amg8833 import LENS
from edge.sensors.mlx90640 import ASK_AGAIN_S, LENSES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bezet.usage.columns import Floats, Ints
    from demo.physics.spans import Span
    from demo.plan import Hung
    from demo.town import Town
    from edge.heat import Lens

PEOPLE = (Said(Kind.PEOPLE_COUNT),)
#: How high a sensor hangs if its settings do not say (the drivers' own).
HEIGHT_M = 2.7
#: The noise of a pixel at 10 pictures a second (Grid-EYE characteristics: typically 0.05 °C at 1 Hz, so
#: 0.16 °C), and at 1 Hz (datasheet MLX90640 3901090640: 0.1 K); it grows with the root of the rate.
AMG8833_NOISE_C, MLX90640_NOISE_C = 0.16, 0.1
#: The noise of the pictures that the counter is shown, by driver; what it says most often is taken. Where
#: pixels are coarse the noise decides about close neighbours: one picture without it would not be typical.
LOOKS: Mapping[str, tuple[float, ...]] = {"amg8833": (AMG8833_NOISE_C,) * 5, "mlx90640": (0.0,)}


class Seated(NamedTuple):
    """Who sits where: `seats[n]`, those in view in order, from `t_ms[n]` up to the next."""

    t_ms: Ints
    seats: Sequence[tuple[int, ...]]


class CountedRoom:
    """A room, and what the counter of a driver finds in it once it knows it empty."""

    def __init__(self, words: str, capacity: int, sight: Sight, driver: str) -> None:
        self.room = HeatedRoom(words, capacity, sight)
        self._words, self._looks = words, LOOKS[driver]
        every_s = DRIVERS[driver].every_s
        self._knows = HeatCounter(sight.lens, height_m=sight.height_m, every_s=every_s)
        for _ in range(math.ceil(ODD_S / every_s) + 1):
            self._knows.count(self.room.empty)
        self.people = lru_cache(maxsize=16_384)(self._counted)

    def _counted(self, seats: tuple[int, ...], way: int) -> int:
        """How many are counted of those who sit there in that way."""
        knows, picture = copy.deepcopy(self._knows), self.room.picture(seats, way)
        noise = generator(self._words, "looks", way, *seats)
        found = [knows.count(picture + noise.normal(0, by_c, picture.shape)).people for by_c in self._looks]
        return max(found, key=found.count)


@lru_cache(maxsize=64)
def counted_room(words: str, capacity: int, sight: Sight, driver: str) -> CountedRoom:
    """The room below one sensor, kept because it costs some hundredths of a second to know it."""
    return CountedRoom(words, capacity, sight, driver)


class HeatSignal:
    """A thermal array with a lens, whose pixels have so much noise."""

    def __init__(self, town: Town, hung: Hung, lens: Lens, noise_c: float) -> None:
        self._town, self._hung, self._noise_c = town, hung, noise_c
        wall_m = math.sqrt(town.building.spaces[hung.space].area_m2) / 2
        self._sight = Sight(lens, hung.settings.get("height_m", HEIGHT_M), wall_m)
        self._of_span = lru_cache(maxsize=4)(self._worked_out)

    def counts(self, t_ms: Ints) -> Ints:
        """How many people are counted at rising instants."""
        found = [np.empty(0, np.int64)]
        ends_ms = (int(t_ms[0]), int(t_ms[-1]) + 1) if len(t_ms) else (0, 0)
        for span in spans(self._town, *ends_ms):
            inside = t_ms[slice(*np.searchsorted(t_ms, span))]
            seated, room = self._of_span(span), self._room(span)
            arranged = np.searchsorted(seated.t_ms, inside, side="right") - 1
            looks = WAYS * arranged + inside // SWAY_MS % WAYS
            people = np.zeros(WAYS * len(seated.seats), np.int64)
            for look in np.flatnonzero(np.bincount(looks)).tolist():
                people[look] = room.people(seated.seats[look // WAYS], look % WAYS)
            found.append(people[looks])
        return np.concatenate(found)

    def picture(self, t_ms: int) -> Floats:
        """What it sees at an instant, noise included, in °C, rows by columns."""
        (span,) = spans(self._town, t_ms, t_ms + 1)
        seated = self._of_span(span)
        seats = seated.seats[int(np.searchsorted(seated.t_ms, t_ms, side="right")) - 1]
        picture = self._room(span).room.picture(seats, t_ms // SWAY_MS % WAYS)
        noise = generator(self._town.seed, "heat noise", self._hung.id, t_ms)
        return picture + noise.normal(0, self._noise_c, picture.shape)

    def _room(self, span: Span) -> CountedRoom:
        capacity = self._town.layout(self._hung.space, span.from_ms).capacity
        words = f"{self._town.seed}/{self._hung.id}"
        return counted_room(words, capacity, self._sight, self._hung.driver)

    def _worked_out(self, span: Span) -> Seated:
        """Who sits where in a stretch; on the way to a seat and from it nobody is in view."""
        room, turns, people = self._room(span).room, [], Counter[int]()
        for stay in self._town.stays(self._hung.space, *span):
            if room.shows(stay.seat):
                walk_ms = min(WALK_MS, (stay.to_ms - stay.from_ms) // 2)
                turns += [(stay.from_ms + walk_ms, stay.seat, 1), (stay.to_ms - walk_ms, stay.seat, -1)]
        arranged: dict[int, tuple[int, ...]] = {span.from_ms: ()}
        for t_ms, seat, change in sorted(turns):
            people[seat] += change
            if t_ms < span.to_ms:
                arranged[max(t_ms, span.from_ms)] = tuple(sorted(+people))
        return Seated(np.array(list(arranged), np.int64), list(arranged.values()))


class SmallHeatSignal(HeatSignal):
    """An AMG8833 of 8 by 8 pixels."""

    def __init__(self, town: Town, hung: Hung) -> None:
        super().__init__(town, hung, LENS, AMG8833_NOISE_C)

    def words(self, start_ms: int, end_ms: int) -> Words:
        """How many people it sees, whenever it is asked."""
        t_ms = polls(start_ms, end_ms, round(1_000 * self._hung.every_s), self._hung.phase_ms)
        return Words(PEOPLE, t_ms, self.counts(t_ms).astype(np.float64)[None, :])


class LargeHeatSignal(HeatSignal):
    """An MLX90640 of 32 by 24 pixels, which measures half of them at each multiple of `half_ms`."""

    def __init__(self, town: Town, hung: Hung) -> None:
        refresh_hz = hung.settings.get("refresh_hz", 4)
        lens = LENSES[hung.settings.get("lens_deg", 110)]
        super().__init__(town, hung, lens, MLX90640_NOISE_C * math.sqrt(refresh_hz))
        self.half_ms = round(1_000 / refresh_hz)

    def words(self, start_ms: int, end_ms: int) -> Words:
        """How many people it sees, as soon as the second half of the picture is there; the first one was.

        The driver looks for it every `ASK_AGAIN_S`. It is not asked more often than there are pictures.
        """
        every_ms, again_ms = round(1_000 * self._hung.every_s), round(1_000 * ASK_AGAIN_S)
        asked_ms = polls(start_ms - self.half_ms - again_ms, end_ms, every_ms, self._hung.phase_ms)
        second_ms = (asked_ms // self.half_ms + 1) * self.half_ms
        t_ms = asked_ms - (asked_ms - second_ms) // again_ms * again_ms
        inside = slice(*np.searchsorted(t_ms, (start_ms, end_ms)))
        return Words(PEOPLE, t_ms[inside], self.counts(second_ms[inside]).astype(np.float64)[None, :])
