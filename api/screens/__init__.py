# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Screens on walls, signs at doors: each shows its part of what is now, in letters read from afar."""
