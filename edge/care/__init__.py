# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What a person does to a device: look whether it is well, watch it, record a sensor, walk before it."""

from __future__ import annotations
