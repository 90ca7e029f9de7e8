# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Readings to state: evidence in a table, a step function over it, and zones merged into a space."""

from __future__ import annotations
