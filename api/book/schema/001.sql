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

-- Keys that people, scripts and screens hold. Of the secret in one only its SHA-256 is here.
CREATE TABLE token (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    is_screen INTEGER NOT NULL,
    digest BLOB NOT NULL,
    made_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    used_ms INTEGER
) STRICT;

-- What this window seals with: made once, and never shown.
CREATE TABLE seal (
    name TEXT PRIMARY KEY,
    secret BLOB NOT NULL
) STRICT;

-- When spaces are booked, as their calendars said; what is over stays for figures of bookings that nobody used.
CREATE TABLE busy (
    space TEXT NOT NULL,
    start_ms INTEGER NOT NULL,
    end_ms INTEGER NOT NULL,
    PRIMARY KEY (space, start_ms)
) STRICT, WITHOUT ROWID;

-- Until when each calendar was read.
CREATE TABLE calendar (
    space TEXT PRIMARY KEY,
    as_of_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Something to do, while it lasts and for some time after.
CREATE TABLE alarm (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    since_ms INTEGER NOT NULL,
    seen_ms INTEGER NOT NULL,
    number REAL,
    ended_ms INTEGER,
    known_ms INTEGER,
    known_why TEXT
) STRICT;

-- What is not told until an instant, also when the alarm comes back.
CREATE TABLE mute (
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    until_ms INTEGER NOT NULL,
    why TEXT NOT NULL,
    PRIMARY KEY (kind, subject)
) STRICT, WITHOUT ROWID;

-- What is on its way to a webhook.
CREATE TABLE parcel (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    webhook TEXT NOT NULL,
    made_ms INTEGER NOT NULL,
    event TEXT NOT NULL,
    body TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    due_ms INTEGER NOT NULL
) STRICT;

CREATE INDEX parcel_due ON parcel (webhook, due_ms);
