# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The signals of all devices that speak on a broker, by the drivers that hear them."""

from __future__ import annotations

from demo.sensing.lorawan import ChirpStackSignal, ThingsStackSignal
from demo.sensing.topics_plugs import ShellySignal, TasmotaSignal
from demo.sensing.topics_zigbee import ZigbeeSignal

__all__ = ["ChirpStackSignal", "ShellySignal", "TasmotaSignal", "ThingsStackSignal", "ZigbeeSignal"]
