# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""`python -m bezet` is `bezet`."""

from __future__ import annotations

from bezet.cli import main

if __name__ == "__main__":
    main()
