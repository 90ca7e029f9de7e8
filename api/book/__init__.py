# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The window's own book: what it must remember by itself, in one SQLite file beside whatever store there is.

What was measured is not in it, nor who used a space.
"""

from __future__ import annotations

from api.book.book import Book

__all__ = ["Book"]
