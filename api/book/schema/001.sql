-- SPDX-FileCopyrightText: 2026 The Bezet authors
-- SPDX-License-Identifier: EUPL-1.2
--
-- The window's own book. Instants are milliseconds since 1970 UTC.

-- "bezw": so that a program, and `file`, can tell what this is.
PRAGMA application_id = 1650817655;
