# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Weeks of history in a minute: the same sensors, rules and store as live, without waiting."""

from __future__ import annotations
