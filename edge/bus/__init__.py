# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What a sensor hangs on, each beside its replay."""

from __future__ import annotations
