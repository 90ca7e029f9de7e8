-- SPDX-FileCopyrightText: 2026 The Bezet authors
-- SPDX-License-Identifier: EUPL-1.2
--
-- How people said that a space was. There is no row for an answer: only how many there were of each in an hour,
-- so that nobody can tell who gave which, nor in which order. `reason` is empty where none was given.
CREATE TABLE feedback (
    space TEXT NOT NULL,
    hour_ms INTEGER NOT NULL,
    face TEXT NOT NULL,
    reason TEXT NOT NULL,
    answers INTEGER NOT NULL,
    PRIMARY KEY (space, hour_ms, face, reason)
) STRICT, WITHOUT ROWID;

CREATE INDEX feedback_hour ON feedback (hour_ms);
