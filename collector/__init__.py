# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The memory's door: messages in, receipts out once they are committed."""

from __future__ import annotations
