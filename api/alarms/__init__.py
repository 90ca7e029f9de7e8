# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What somebody should do something about: found by rules in a table, in words, kept until it is over."""
