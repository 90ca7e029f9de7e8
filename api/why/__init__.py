# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Why a space is what it is: the evidence for and against, and what changed, in words; never who was when."""

from __future__ import annotations
