# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What is done beside the collecting, and never stops it: facts are made, and what is too old is removed."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, NamedTuple

import structlog

from bezet.errors import StoreBusy, StoreUnusable
from collector.facts import FactMaker
from collector.retention import RetentionJob

if TYPE_CHECKING:
    from collections.abc import Callable

    from bezet.model import Building
    from collector.facts import Made
    from collector.metrics import Meters
    from store import Store

LOG = structlog.get_logger("bezet.collector.upkeep")


class Pauses(NamedTuple):
    """How long to wait between two turns, and first and last wait for a busy store."""

    facts_s: float = 30.0
    removal_s: float = 3_600.0
    first_retry_s: float = 1.0
    last_retry_s: float = 60.0


class Upkeep:
    """Makes the facts of one site and keeps its retention, one after the other, until cancelled.

    `dice` gives each pause a share of its own, so that of several collectors usually one does the work.
    """

    def __init__(
        self,
        store: Store,
        building: Building,
        now_ms: Callable[[], int],
        meters: Meters,
        *,
        pauses: Pauses | None = None,
        dice: random.Random | None = None,
    ) -> None:
        self._maker = FactMaker(store, building, now_ms)
        self._retention = RetentionJob(store, building, now_ms, self._make_facts)
        self._meters = meters
        self._pauses = pauses or Pauses()
        self._dice = dice or random.Random()  # noqa: S311  jitter, not cryptography
        self._said: set[tuple[str, type[Exception]]] = set()

    async def run(self) -> None:
        """Run; only a store that can not be used any more ends it."""
        now_s = asyncio.get_running_loop().time
        removal_due_s = now_s()
        while True:
            await self._do("facts", self._make_facts)
            if now_s() >= removal_due_s:
                await self._do("retention", self._remove)
                removal_due_s = now_s() + self._share(self._pauses.removal_s)
            await asyncio.sleep(self._share(self._pauses.facts_s))

    def _share(self, pause_s: float) -> float:
        return pause_s * self._dice.uniform(0.5, 1.5)

    def _make_facts(self) -> Made:
        made = self._maker.make_due()
        self._meters.facts_made.inc(made.quarters)
        self._meters.facts_revised.inc(made.revised)
        self._meters.touched_quarters.set(made.waiting)
        return made

    def _remove(self) -> None:
        report = self._retention.run_once()
        self._meters.removed({level: one.rows for level, one in report.levels.items()})

    async def _do(self, task: str, work: Callable[[], object]) -> None:
        """Do it in a thread, as often as the store is busy; a mistake of ours waits for the next turn."""
        wait_s = self._pauses.first_retry_s
        while True:
            try:
                await asyncio.to_thread(work)
            except StoreBusy as error:
                self._meters.store_failed(error)
                self._say_once(
                    task, error, "upkeep waits: the store takes nothing; trying again with back-off"
                )
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, self._pauses.last_retry_s)
                continue
            except StoreUnusable as error:
                self._meters.store_failed(error)
                raise
            except Exception as error:  # noqa: BLE001  whatever is wrong here, collecting goes on
                self._meters.upkeep_failures.labels(task).inc()
                self._say_once(task, error, "upkeep failed, which is a mistake in Bezet; trying again later")
            else:
                self._said = {said for said in self._said if said[0] != task}
            return

    def _say_once(self, task: str, error: Exception, what: str) -> None:
        """Say it at the first of a row of failures; the metrics count the rest."""
        if (task, type(error)) not in self._said:
            self._said.add((task, type(error)))
            LOG.error(what, task=task, why=str(error), exc_info=not isinstance(error, StoreBusy))
