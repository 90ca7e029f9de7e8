# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Zigbee sensors as Zigbee2MQTT tells of them: Aqara's motion sensor, and its first presence sensor.

    zigbee2mqtt/<name>               {"battery":91,"occupancy":true,…}  not kept by the broker
    zigbee2mqtt/<name>/availability  {"state":"online"}                 kept
    zigbee2mqtt/bridge/state         {"state":"online"}                 kept

(Zigbee2MQTT, "MQTT Topics and Messages"; `retain` of a device is off unless somebody sets it.)
"""

from __future__ import annotations

import json
from bisect import bisect_left
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from bezet.model import Kind
from demo.dice import dice
from demo.faults import Fault
from demo.physics.moves import moves
from demo.physics.spans import DAY_MS, spans
from demo.sensing import Said, polls
from demo.sensing.topics_light import light_lux
from demo.sensing.topics_speaking import Message, Spoken, TopicSignal, beside, held, last, phase_of, rolled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bezet.usage.columns import Ints
    from demo.physics.spans import Span
    from demo.plan import Hung
    from demo.town import Town

BASE_TOPIC = "zigbee2mqtt"
BRIDGE = f"{BASE_TOPIC}/bridge/state"
ONLINE, OFFLINE = b'{"state":"online"}', b'{"state":"offline"}'
#: Both tell all that they know about once an hour; the driver takes a word to stand for 1.1 hours.
BEAT_MS = 50 * 60_000
#: A cell lasts two years (ours), and is told of in whole per cents.
BATTERY_DAYS = 730.0


class Eyes(NamedTuple):
    """Of each move, how likely a motion sensor sees it: of somebody who walks, or who sits near by.

    The numbers are ours. NEMA WD 7 tells large from small motion, and a sensor's range for the small is a
    fraction of that for the large.
    """

    walking: float = 0.9
    sitting: float = 0.3


class MotionSensor:
    """Aqara RTCGQ11LM: tells of a motion at once, and of none in the 60 s after.

    It never says that there is none; Zigbee2MQTT does so for it, 90 s after its last word. (Zigbee2MQTT's
    page of the device, `occupancy_timeout`; the 60 s are deCONZ's `duration` of it.)
    """

    said = (Said(Kind.MOTION), Said(Kind.ILLUMINANCE_LUX), Said(Kind.BATTERY_PCT))
    late_ms = 0
    blind_ms, timeout_ms = 60_000, 90_000

    def __init__(self, town: Town, hung: Hung) -> None:
        self._town, self._hung = town, hung
        self._beside = beside(town, hung)
        self._eyes = Eyes() if Fault.PIR_BLIND in town.faults else Eyes(sitting=1.0)
        self._phase_ms = phase_of(town, hung, BEAT_MS)
        self._used_days = BATTERY_DAYS * dice(town.seed, hung.id, "battery")

    def speak(self, span: Span) -> Spoken:
        """Each motion that it tells of, the end of it, and a word now and then."""
        earlier = spans(self._town, span.from_ms - self.timeout_ms, span.from_ms)
        moved_ms = np.concatenate([self._moved(one) for one in (*earlier, span)])
        over_ms = moved_ms[np.append(np.diff(moved_ms) > self.timeout_ms, True)[: len(moved_ms)]]
        beats_ms = polls(span.from_ms - BEAT_MS, span.to_ms, BEAT_MS, self._phase_ms)
        t_ms = np.unique(np.concatenate((moved_ms, over_ms + self.timeout_ms, beats_ms)))
        t_ms = t_ms[slice(*np.searchsorted(t_ms, span))]
        last_ms = last(moved_ms, t_ms)
        # What Zigbee2MQTT says for it repeats what it measured when it spoke last.
        measured_ms = np.maximum(last_ms, last(beats_ms, t_ms))
        lux = np.round(light_lux(self._town, self._hung.space, measured_ms))
        used_days = (measured_ms / DAY_MS + self._used_days) % BATTERY_DAYS
        battery_pct = np.floor(100 - 90 * used_days / BATTERY_DAYS)
        amounts = np.stack((t_ms < last_ms + self.timeout_ms, lux, battery_pct))
        return Spoken(t_ms, amounts, np.empty((0, len(t_ms))))

    def state(self, spoken: Spoken, place: int) -> dict[str, Any]:
        """What Zigbee2MQTT makes of a word of it."""
        is_moving, lux, battery_pct = spoken.amounts[:, place].tolist()
        return {
            "battery": int(battery_pct),
            "device_temperature": 27,
            "illuminance": int(lux),
            "linkquality": 87 + self._hung.seat,
            "occupancy": bool(is_moving),
            "power_outage_count": 6,
            "voltage": 2_700 + 3 * int(battery_pct),
        }

    def _moved(self, span: Span) -> Ints:
        """When it tells of motion in a stretch."""
        found = moves(self._town, self._hung.space, *span)
        is_near = found.seat % self._beside == self._hung.seat
        chance = np.where(found.walking, self._eyes.walking, self._eyes.sitting * is_near)
        dice_ = rolled(found.t_ms, self._town.seed, self._hung.id, "sees")
        stuck = self._town.spells(Fault.PIR_STUCK, self._hung.id, *span)
        seen_ms = [found.t_ms[dice_ < chance], *(np.arange(*one, self.blind_ms) for one in stuck)]
        return _thinned(np.sort(np.concatenate(seen_ms)), self.blind_ms)


class PresenceSensor:
    """Aqara FP1 (RTCZCGQ11LM), a radar: somebody is there from a second after they came until 30 s after.

    (Keys as on Zigbee2MQTT's page of the device; the times are ours.)
    """

    said = (Said(Kind.PRESENCE),)
    late_ms = 0
    sees_after_ms, holds_ms = 1_000, 30_000

    def __init__(self, town: Town, hung: Hung) -> None:
        self._town, self._hung = town, hung
        self._phase_ms = phase_of(town, hung, BEAT_MS)

    def speak(self, span: Span) -> Spoken:
        """Who comes and goes, and a word now and then."""
        earlier_ms = span.from_ms - 2 * self.holds_ms
        turns = held(
            self._town.steps(self._hung.space, earlier_ms, span.to_ms), self.sees_after_ms, self.holds_ms
        )
        beats_ms = polls(*span, BEAT_MS, self._phase_ms)
        t_ms = np.unique(np.concatenate((turns.t_ms, beats_ms)))
        t_ms = t_ms[slice(*np.searchsorted(t_ms, span))]
        return Spoken(t_ms, turns.at(t_ms)[None, :].astype(float), np.empty((0, len(t_ms))))

    def state(self, spoken: Spoken, place: int) -> dict[str, Any]:
        """What Zigbee2MQTT makes of a word of it."""
        is_there = bool(spoken.amounts[0, place])
        return {
            "approach_distance": "far",
            "device_temperature": 31,
            "linkquality": 120,
            "monitoring_mode": "undirected",
            "motion_sensitivity": "medium",
            "power_outage_count": 2,
            "presence": is_there,
            "presence_event": "enter" if is_there else "leave",
        }


MODELS: Mapping[str, Callable[[Town, Hung], MotionSensor | PresenceSensor]] = {
    "motion": MotionSensor,
    "presence": PresenceSensor,
}


class ZigbeeSignal(TopicSignal):
    """A Zigbee sensor; `hung.model` says which."""

    def __init__(self, town: Town, hung: Hung) -> None:
        self._sensor = MODELS[hung.model](town, hung)
        self._topic = f"{BASE_TOPIC}/{hung.settings['name']}"
        super().__init__(town, self._sensor)

    def message(self, spoken: Spoken, place: int) -> Message:
        """All that is known of the device, each time."""
        state = json.dumps(self._sensor.state(spoken, place), separators=(",", ":"))
        return Message(int(spoken.t_ms[place]), self._topic, state.encode())

    def hello(self, t_ms: int) -> list[Message]:
        """Zigbee2MQTT is there, hears the device, and says again what it heard last."""
        online = (BRIDGE, f"{self._topic}/availability")
        kept = [Message(t_ms, topic, ONLINE, retained=True) for topic in online]
        return kept + self.once_more(t_ms, BEAT_MS)


def _thinned(t_ms: Ints, blind_ms: int) -> Ints:
    """The first of these instants, the first that is `blind_ms` after that, and so on."""
    instants, found, at = t_ms.tolist(), [], 0
    while at < len(instants):
        found.append(instants[at])
        at = bisect_left(instants, instants[at] + blind_ms, at)
    return np.array(found, np.int64)
