-- SPDX-FileCopyrightText: 2026 The Bezet authors
-- SPDX-License-Identifier: EUPL-1.2
--
-- Version 2: states in a form of their own, health, facts by day, months, and which quarter hours wait for
-- their facts. What version 1 held is moved, and every quarter hour that it touches waits.

-- "bezt": so that a program, and `file`, can tell what this is.
PRAGMA application_id = 1650817652;

-- Words stand once; rows carry their numbers.
CREATE TABLE space (
    id INTEGER PRIMARY KEY,
    site TEXT NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (site, name)
) STRICT;

-- device: '' for all devices of the space together, which have facts only.
CREATE TABLE zone (
    id INTEGER PRIMARY KEY,
    space INTEGER NOT NULL REFERENCES space (id),
    device TEXT NOT NULL,
    UNIQUE (space, device)
) STRICT;

INSERT INTO space (site, name) SELECT site, space FROM series UNION SELECT site, space FROM state;

INSERT INTO zone (space, device)
SELECT space.id, device
FROM (SELECT site, space, device FROM series UNION SELECT site, space, device FROM state) AS known
JOIN space ON space.site = known.site AND space.name = known.space;

-- --- readings ----------------------------------------------------------------------------------------------

-- The readings keep the numbers of their series, so none of them moves.
CREATE TABLE series_of_zone (
    id INTEGER PRIMARY KEY,
    zone INTEGER NOT NULL REFERENCES zone (id),
    sensor TEXT NOT NULL,
    kind TEXT NOT NULL,
    UNIQUE (zone, sensor, kind)
) STRICT;

INSERT INTO series_of_zone
SELECT series.id, zone.id, sensor, kind
FROM series
JOIN space ON space.site = series.site AND space.name = series.space
JOIN zone ON zone.space = space.id AND zone.device = series.device;

DROP TABLE series;

ALTER TABLE series_of_zone RENAME TO series;

-- --- states ------------------------------------------------------------------------------------------------

-- Who makes a statement: a zone, by a version of the rules.
CREATE TABLE voice (
    id INTEGER PRIMARY KEY,
    zone INTEGER NOT NULL REFERENCES zone (id),
    rule TEXT NOT NULL,
    UNIQUE (zone, rule)
) STRICT;

-- What is said again and again. because: the words of the contract, joined with spaces.
CREATE TABLE saying (
    id INTEGER PRIMARY KEY,
    occupancy TEXT NOT NULL,
    because TEXT NOT NULL,
    UNIQUE (occupancy, because)
) STRICT;

INSERT INTO voice (zone, rule)
SELECT DISTINCT zone.id, rule
FROM state
JOIN space ON space.site = state.site AND space.name = state.space
JOIN zone ON zone.space = space.id AND zone.device = state.device;

INSERT INTO saying (occupancy, because) SELECT DISTINCT occupancy, because FROM state;

ALTER TABLE state RENAME TO state_in_words;

-- lasting_ms: for how long it had been so, which is shorter to write than since when.
CREATE TABLE state (
    voice INTEGER NOT NULL REFERENCES voice (id),
    t_ms INTEGER NOT NULL,
    saying INTEGER NOT NULL REFERENCES saying (id),
    probability REAL NOT NULL,
    lasting_ms INTEGER NOT NULL,
    people REAL,
    people_low REAL,
    people_high REAL,
    PRIMARY KEY (voice, t_ms)
) STRICT, WITHOUT ROWID;

INSERT INTO state
SELECT voice.id, t_ms, saying.id, probability, t_ms - since_ms, people, people_low, people_high
FROM state_in_words AS old
JOIN space ON space.site = old.site AND space.name = old.space
JOIN zone ON zone.space = space.id AND zone.device = old.device
JOIN voice ON voice.zone = zone.id AND voice.rule = old.rule
JOIN saying ON saying.occupancy = old.occupancy AND saying.because = old.because;

DROP TABLE state_in_words;

-- --- health ------------------------------------------------------------------------------------------------

CREATE TABLE agent (
    id INTEGER PRIMARY KEY,
    site TEXT NOT NULL,
    device TEXT NOT NULL,
    UNIQUE (site, device)
) STRICT;

-- What agents say again and again. sensors: a JSON object; troubles: words joined with spaces.
CREATE TABLE condition (
    id INTEGER PRIMARY KEY,
    online INTEGER NOT NULL,
    clock TEXT NOT NULL,
    sensors TEXT NOT NULL,
    troubles TEXT NOT NULL,
    version TEXT NOT NULL,
    UNIQUE (online, clock, sensors, troubles, version)
) STRICT;

CREATE TABLE health (
    agent INTEGER NOT NULL REFERENCES agent (id),
    t_ms INTEGER NOT NULL,
    condition INTEGER NOT NULL REFERENCES condition (id),
    boot BLOB NOT NULL,
    uptime_s INTEGER NOT NULL,
    queued INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    PRIMARY KEY (agent, t_ms)
) STRICT, WITHOUT ROWID;

-- --- facts -------------------------------------------------------------------------------------------------

-- One row for a zone and a UTC day, so that the days of a zone lie together: zone and day (since 1970) are in
-- the id. quarters: how many quarter hours are there. columns: see store/sqlite/days.py.
CREATE TABLE facts (
    id INTEGER PRIMARY KEY,
    quarters INTEGER NOT NULL,
    columns BLOB NOT NULL,
    zone INTEGER GENERATED ALWAYS AS (id >> 20) VIRTUAL REFERENCES zone (id),
    day INTEGER GENERATED ALWAYS AS (id & 1048575) VIRTUAL
) STRICT;

-- month: '2026-11'. amounts: as columns, of the whole month.
CREATE TABLE month (
    site TEXT NOT NULL,
    month TEXT NOT NULL,
    amounts BLOB NOT NULL,
    revision INTEGER NOT NULL,
    PRIMARY KEY (site, month)
) STRICT, WITHOUT ROWID;

-- quarter: since 1970 UTC. token: drawn by lot at each write, to tell a touch from a later one.
CREATE TABLE touched (
    space INTEGER NOT NULL REFERENCES space (id),
    quarter INTEGER NOT NULL,
    token INTEGER NOT NULL,
    PRIMARY KEY (space, quarter)
) STRICT, WITHOUT ROWID;

-- A statement or a reading (presence evidence speaks through states only) reaches fifteen minutes far, so the
-- quarter hours that it touches are the one it is in, and the one in which the last of these milliseconds is.
INSERT OR IGNORE INTO touched
SELECT space, quarter, 0 FROM (
    SELECT DISTINCT zone.space, t_ms / 900000 AS quarter
    FROM reading JOIN series ON series.id = series JOIN zone ON zone.id = zone
    WHERE kind NOT IN ('motion', 'door_open', 'people_count')
    UNION
    SELECT DISTINCT zone.space, (t_ms + 899999) / 900000
    FROM reading JOIN series ON series.id = series JOIN zone ON zone.id = zone
    WHERE kind NOT IN ('motion', 'door_open', 'people_count')
    UNION
    SELECT DISTINCT zone.space, t_ms / 900000
    FROM state JOIN voice ON voice.id = voice JOIN zone ON zone.id = zone
    UNION
    SELECT DISTINCT zone.space, (t_ms + 899999) / 900000
    FROM state JOIN voice ON voice.id = voice JOIN zone ON zone.id = zone
);

-- --- removal -----------------------------------------------------------------------------------------------

-- How many spaces were removed: who remembers the numbers of words forgets them when this one changes.
CREATE TABLE removal (
    spaces INTEGER NOT NULL
) STRICT;

INSERT INTO removal VALUES (0);
