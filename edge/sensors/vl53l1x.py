# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""ST VL53L1X: distance by the flight of light; above a doorway it counts who goes through.

A register stands behind its number of two bytes, the high one first. The chip looks through a part of its 16
by 16 receivers, known by its centre (UM2555); two halves are the two zones of a doorway (UM2600):

    ┌────────┬────────┐   0030  bit 4: ready is low    0031  bit 0: ready       0086  01: taken
    │ zone a │ zone b │   0087  40: start, 00: stop    0089  09: it is valid    0096  distance in mm
    │   167  │   231  │   007f  centre                 0080  f7: 16 high, 8 wide
    └────────┴────────┘   010f  ea cc 10: it is a VL53L1X

One chip measures the zones by turns, one at each reading.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adafruit_vl53l1x import VL53L1X as Chip  # noqa: N811  it is a name, and ours too

from bezet.errors import BadFrame, SensorGone, SensorNotReady
from bezet.model import Kind
from edge.bus.i2c import CircuitPythonFace
from edge.doorway import Passage, step
from edge.sensors import Measured

if TYPE_CHECKING:
    from edge.bus import I2C

ADDRESS = 0x29
HALF = (8, 16)
CENTRES = (167, 231)
#: How long one measurement takes; the least with which the chip sees as far as a floor.
BUDGET_MS = 33
#: Nearer there is no head but a hand, a hanging decoration or dust on the window.
NEAREST_MM = 100
#: A floor is where the mounting says, give or take this share; else somebody stands there.
FLOOR_SHARE = 0.1
#: More than enough to start it; while it is not ready the library writes 200 times a second.
MOST_WRITES = 150


class VL53L1X:
    """A chip `height_mm` above the floor; `inside` is the zone, "a" or "b", on the side of the space.

    Somebody is below it where it measures less than the share `threshold` of the distance to the floor.
    """

    def __init__(
        self, bus: I2C, *, inside: str = "b", height_mm: int = 2_200, threshold: float = 0.8
    ) -> None:
        if inside not in ("a", "b"):
            raise ValueError(f'inside = {inside}: "a" or "b" is wanted')
        if not 1_900 <= height_mm <= 3_500:
            raise ValueError(f"height_mm = {height_mm}: 1900 to 3500 mm are wanted")
        if not 0.3 <= threshold <= 0.9:
            raise ValueError(f"threshold = {threshold}: a share of 0.3 to 0.9 is wanted")
        self._bus = bus
        self._inside = 1 if inside == "b" else -1
        self._height_mm = height_mm
        self._threshold = threshold
        self._chip: Any = None
        self._forget()

    def _forget(self) -> None:
        self._zone = 0
        self._below_mm: dict[int, float] = {}
        # Somebody may be there, from nowhere, until both zones have seen nobody.
        self._is_in = [True, True]
        self._passage = Passage.UNSURE

    async def open(self) -> None:
        """Start measuring; the floor is learned by the first readings. `BadFrame` for another chip."""
        self._forget()
        self._chip = await self._bus.run(self._start)

    def _start(self) -> Any:
        face = ImpatientFace(self._bus)
        try:
            chip = Chip(face, ADDRESS)
            chip.timing_budget = BUDGET_MS
        except ValueError as error:  # the library's word for a chip that is not there
            raise SensorGone(str(error)) from error
        except RuntimeError as error:
            raise BadFrame(f"at {ADDRESS:#04x}: {error}") from error
        face.left = None
        chip.roi_xy = HALF
        chip.roi_center = CENTRES[self._zone]
        chip.start_ranging()
        return chip

    async def read(self) -> list[Measured]:
        """Who came in and who left since the last reading; `SensorNotReady` while it measures."""
        zone, distance_mm = await self._bus.run(self._look)
        if zone not in self._below_mm:
            self._below_mm[zone] = self._threshold * floor_mm(distance_mm, self._height_mm)
        self._is_in[zone] = distance_mm is not None and NEAREST_MM <= distance_mm < self._below_mm[zone]
        self._passage, crossed = step(self._passage, in_a=self._is_in[0], in_b=self._is_in[1])
        came_in = crossed * self._inside
        return [
            Measured(Kind.PEOPLE_IN, max(came_in, 0)),
            Measured(Kind.PEOPLE_OUT, max(-came_in, 0)),
        ]

    def _look(self) -> tuple[int, float | None]:
        """The zone that was measured, and the distance in it in mm; None where the chip saw nothing."""
        chip, zone = self._chip, self._zone
        if chip is None or not chip.data_ready:
            raise SensorNotReady("it is measuring")
        self._zone = 1 - zone
        chip.stop_ranging()
        distance_mm = _taken_mm(chip)
        chip.roi_center = CENTRES[self._zone]
        chip.start_ranging()
        return zone, distance_mm


def _taken_mm(chip: Any) -> float | None:
    distance_cm = chip.distance
    chip.clear_interrupt()
    return None if distance_cm is None else round(distance_cm * 10)


def floor_mm(distance_mm: float | None, height_mm: float) -> float:
    """The distance to the floor: what is measured, or the height where something else is measured."""
    is_floor = distance_mm is not None and abs(distance_mm - height_mm) <= FLOOR_SHARE * height_mm
    return distance_mm if distance_mm is not None and is_floor else height_mm


class ImpatientFace(CircuitPythonFace):
    """The library waits without end for a chip to be ready; here it may write `left` times (None: ever)."""

    def __init__(self, bus: I2C) -> None:
        super().__init__(bus)
        self.left: int | None = MOST_WRITES

    def writeto(self, address: int, buffer: Any, *, start: int = 0, end: int | None = None) -> None:
        """Write a part of a buffer; `TimeoutError` when it may not write any more."""
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise TimeoutError(f"the chip at {address:#04x} does not become ready")
        super().writeto(address, buffer, start=start, end=end)
