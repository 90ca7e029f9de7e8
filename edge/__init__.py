# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The agent on each Raspberry Pi: it reads, stamps and fuses, and keeps on disk what is not yet committed."""

from __future__ import annotations
