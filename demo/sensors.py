# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A motion sensor that needs no hardware, to try an agent's configuration with; known by entry point."""

from __future__ import annotations

import time

from bezet.model import Kind
from edge.sensors import Measured


class SimulatedMotion:
    """Sees motion for `moves_s` seconds, then none for as long, and so on."""

    def __init__(self, moves_s: int = 20) -> None:
        if moves_s < 1:
            raise ValueError(f"moves_s = {moves_s}: at least 1 second is wanted")
        self._moves_s = moves_s

    async def open(self) -> None:
        """Nothing to make ready."""

    async def read(self) -> list[Measured]:
        """Motion or none."""
        return [Measured(Kind.MOTION, float(time.time() // self._moves_s % 2 == 0))]
