# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What spaces need of the building, for the systems that ventilate and heat it, and for Home Assistant."""
