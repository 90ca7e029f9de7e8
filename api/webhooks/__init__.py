# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What changes, told to systems that asked for it: signed, and again until it arrives."""
