# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What people do to a space: its air, warmth, doors, power and movement, each a function of town and instant.

What happens at an instant follows from what happened before it: whatever somebody makes happen now leaves the
past as it was, but for the last seconds before somebody leaves and, of warmth, the last two minutes.
"""
