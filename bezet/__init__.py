# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The middle: what a space says and what it means, without I/O and without a clock."""

from __future__ import annotations

__version__ = "0.1.0"
