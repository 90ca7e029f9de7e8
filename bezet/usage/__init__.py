# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""States to facts to figures: arrays in, arrays out, and never a clock."""

from __future__ import annotations
