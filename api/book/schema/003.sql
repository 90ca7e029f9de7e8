-- SPDX-FileCopyrightText: 2026 The Bezet authors
-- SPDX-License-Identifier: EUPL-1.2

-- What other systems were told last of an alarm: nothing, opened or ended. Until here each was told at once, and
-- which were muted then was not written down: of those that are open they hear at least that they end.
ALTER TABLE alarm ADD COLUMN told TEXT NOT NULL DEFAULT 'nothing';
UPDATE alarm SET told = CASE WHEN ended_ms IS NULL THEN 'opened' ELSE 'ended' END;
