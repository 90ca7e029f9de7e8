# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Plugs that measure what hangs on them: a Shelly Plus Plug S, and a plug with Tasmota.

    <topic_prefix>/status/switch:0  {"id":0,"output":true,"apower":81.5,…}  not kept by the broker
    <topic_prefix>/online           true                                    kept
    tele/<topic>/SENSOR             {"Time":"…","ENERGY":{"Power":56,…}}    not kept
    tele/<topic>/LWT                Online                                  kept

(Shelly, "Gen2+ Device API": MQTT, `status_ntf`, and Switch; Tasmota, "Commands": TelePeriod, PowerDelta,
SensorRetain.) Their counters of energy begin with each stretch of time, usually the day of UTC.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from bezet.av import thresholds
from bezet.model import Kind
from demo.physics.power import power_w
from demo.sensing import Said
from demo.sensing.topics_speaking import Message, Pace, Spoken, TopicSignal, looks, phase_of, told

if TYPE_CHECKING:
    from bezet.av import Thresholds
    from bezet.usage.columns import Floats
    from demo.physics.spans import Span
    from demo.plan import Hung
    from demo.town import Town

#: What the grid gives (EN 50160), and how far current is behind voltage in such devices (ours).
VOLTS, FACTOR = 230.0, 0.92
HOUR_MS = 3_600_000
#: Each minute, with the energy of the minutes before, and as soon as the power changes. From how much on the
#: maker does not say; the numbers are ours.
SHELLY = Pace(look_ms=5_000, beat_ms=60_000, change=1.0, share=0.03)
#: `TelePeriod 60` and `PowerDelta 110`, as the page of this sensor advises: each minute, and sooner where the
#: power changes by 10 W. Tasmota looks at the power more often; whoever switches does not do so in 5 s.
TASMOTA = Pace(look_ms=5_000, beat_ms=60_000, change=10.0)
#: A Shelly tells at full minutes, when it has closed the minute.
CLOSES_MS = 400


class Meter:
    """What is measured at a plug, in watts to so many decimals; `rest` is the energy so far, and of minutes.

    `rest` has a row for the energy of the stretch so far in Wh, and one for each of the last three beats.
    """

    said = (Said(Kind.POWER_W), Said(Kind.AV_STATE))

    def __init__(self, town: Town, hung: Hung, pace: Pace, phase_ms: int, decimals: int) -> None:
        self._town, self._space = town, hung.space
        self._pace, self._phase_ms, self._decimals = pace, phase_ms, decimals
        self._device = str(hung.settings["device"])
        self.late_ms = pace.beat_ms

    def speak(self, span: Span) -> Spoken:
        """What it tells of the power."""
        t_ms = looks(self._pace, span, self._phase_ms)
        true_w = power_w(self._town, self._space, self._device, t_ms.ravel()).reshape(t_ms.shape)
        is_told = told(self._pace, true_w)
        seen_w = np.round(true_w[is_told], self._decimals)
        energy_wh = true_w * (self._pace.look_ms / HOUR_MS)
        so_far_wh = np.cumsum(energy_wh).reshape(t_ms.shape) - energy_wh
        beats_wh = np.pad(energy_wh.sum(axis=1), (3, 0))
        beat = np.nonzero(is_told)[0]
        lately_wh = [beats_wh[beat + 3 - back] for back in (1, 2, 3)]
        amounts = np.stack((seen_w, av_states(thresholds(self._device), seen_w)))
        return Spoken(t_ms[is_told], amounts, np.stack((so_far_wh[is_told], *lately_wh)))


def av_states(watts: Thresholds, power_w: Floats) -> Floats:
    """`watts.state` of each of these, shape (n,)."""
    levels = [watts.standby_above_w, watts.on_above_w]
    if watts.in_use_above_w is not None:
        levels.append(watts.in_use_above_w)
    return np.asarray(np.sum([power_w > level for level in levels], axis=0, dtype=float))


class ShellySignal(TopicSignal):
    """A Shelly Plus Plug S with "Generic status update" on."""

    def __init__(self, town: Town, hung: Hung) -> None:
        super().__init__(town, Meter(town, hung, SHELLY, CLOSES_MS + hung.phase_ms, decimals=1))
        self._prefix = str(hung.settings["topic_prefix"])

    def message(self, spoken: Spoken, place: int) -> Message:
        """All that it knows of its switch."""
        t_ms, (power, _) = int(spoken.t_ms[place]), spoken.amounts[:, place].tolist()
        total_wh, *lately_wh = spoken.rest[:, place].tolist()
        status = {
            "id": 0,
            "source": "init",
            "output": True,
            "apower": power,
            "voltage": VOLTS,
            "current": round(power / VOLTS / FACTOR, 3),
            "aenergy": {
                "total": round(total_wh, 3),
                "by_minute": [round(1_000 * one, 3) for one in lately_wh],
                "minute_ts": t_ms // 60_000 * 60,
            },
            "temperature": {"tC": 39.2, "tF": 102.6},
        }
        payload = json.dumps(status, separators=(",", ":")).encode()
        return Message(t_ms, f"{self._prefix}/status/switch:0", payload)

    def hello(self, t_ms: int) -> list[Message]:
        """It is there, and what it measures."""
        kept = Message(t_ms, f"{self._prefix}/online", b"true", retained=True)
        return [kept, *self.once_more(t_ms, SHELLY.beat_ms)]


class TasmotaSignal(TopicSignal):
    """A plug with Tasmota, whose clock is at UTC (`Timezone 0`)."""

    def __init__(self, town: Town, hung: Hung) -> None:
        phase_ms = phase_of(town, hung, TASMOTA.beat_ms)
        super().__init__(town, Meter(town, hung, TASMOTA, phase_ms, decimals=0))
        self._topic = str(hung.settings["topic"])

    def message(self, spoken: Spoken, place: int) -> Message:
        """Its telemetry."""
        t_ms, (power, _) = int(spoken.t_ms[place]), spoken.amounts[:, place].tolist()
        total_wh, lately_wh, *_ = spoken.rest[:, place].tolist()
        apparent = power / FACTOR
        energy = {
            "TotalStartTime": f"{_local(t_ms)[:10]}T00:00:00",
            "Total": round(total_wh / 1_000, 3),
            "Yesterday": 0.0,
            "Today": round(total_wh / 1_000, 3),
            "Period": round(lately_wh),
            "Power": int(power),
            "ApparentPower": round(apparent),
            "ReactivePower": round((apparent**2 - power**2) ** 0.5),
            "Factor": FACTOR if power else 0.0,
            "Voltage": round(VOLTS),
            "Current": round(apparent / VOLTS, 3),
        }
        payload = json.dumps({"Time": _local(t_ms), "ENERGY": energy}, separators=(",", ":")).encode()
        return Message(t_ms, f"tele/{self._topic}/SENSOR", payload)

    def hello(self, t_ms: int) -> list[Message]:
        """It is there, and switched on."""
        return [
            Message(t_ms, f"tele/{self._topic}/LWT", b"Online", retained=True),
            Message(t_ms, f"stat/{self._topic}/POWER", b"ON"),
        ]


def _local(t_ms: int) -> str:
    return f"{datetime.fromtimestamp(t_ms // 1_000, UTC):%Y-%m-%dT%H:%M:%S}"
