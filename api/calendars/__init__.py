# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""When spaces are booked, from iCalendar feeds: busy times only. Titles, people and places stay outside."""
