-- SPDX-FileCopyrightText: 2026 The Bezet authors
-- SPDX-License-Identifier: EUPL-1.2
--
-- Version 1: readings and states by their identity, and what was refused.

-- Where a row comes from; readings carry its number instead of five words.
CREATE TABLE series (
    id INTEGER PRIMARY KEY,
    site TEXT NOT NULL,
    space TEXT NOT NULL,
    device TEXT NOT NULL,
    sensor TEXT NOT NULL,
    kind TEXT NOT NULL,
    UNIQUE (site, space, device, sensor, kind)
) STRICT;

-- t_ms: milliseconds since 1970 UTC.
CREATE TABLE reading (
    series INTEGER NOT NULL REFERENCES series (id),
    t_ms INTEGER NOT NULL,
    value REAL NOT NULL,
    PRIMARY KEY (series, t_ms)
) STRICT, WITHOUT ROWID;

-- because: the words of the contract, joined with spaces.
CREATE TABLE state (
    site TEXT NOT NULL,
    space TEXT NOT NULL,
    device TEXT NOT NULL,
    t_ms INTEGER NOT NULL,
    rule TEXT NOT NULL,
    occupancy TEXT NOT NULL,
    probability REAL NOT NULL,
    since_ms INTEGER NOT NULL,
    because TEXT NOT NULL,
    people REAL,
    people_low REAL,
    people_high REAL,
    PRIMARY KEY (site, space, device, t_ms, rule)
) STRICT, WITHOUT ROWID;

CREATE TABLE reject (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    t_ms INTEGER NOT NULL,
    topic TEXT NOT NULL,
    cause TEXT NOT NULL,
    what TEXT NOT NULL,
    payload BLOB NOT NULL
) STRICT;

CREATE TABLE reject_count (
    cause TEXT PRIMARY KEY,
    messages INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
