# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The window: shows what is known now and what was, says how old it is, and never calls unknown free."""
