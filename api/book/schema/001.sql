-- SPDX-FileCopyrightText: 2026 The Bezet authors
-- SPDX-License-Identifier: EUPL-1.2
--
-- The window's own book. Instants are milliseconds since 1970 UTC.

-- "bezw": so that a program, and `file`, can tell what this is.
PRAGMA application_id = 1650817655;

-- What people and scripts did. The columns are those of BIO2 8.15.01.
CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    t_ms INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    result TEXT NOT NULL,
    origin TEXT NOT NULL
) STRICT;
