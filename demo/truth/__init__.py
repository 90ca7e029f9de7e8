# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What really happened, beside what was sensed: written for analyses, and read by no room but the demo."""

from __future__ import annotations
