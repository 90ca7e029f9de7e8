# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""How right the rules are: recorded rooms whose truth is known, played as an agent would have heard them."""

from __future__ import annotations
