# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A town hall that isn't there: simulated people, air and sensors, shown by the programs of a real one."""

from __future__ import annotations
