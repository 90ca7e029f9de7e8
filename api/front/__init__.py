# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The pages: what each is filled with, from what the API says and nothing else."""
