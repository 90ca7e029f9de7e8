# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""How people say that a space was: a face and perhaps a reason, counted by the hour, and never who."""
