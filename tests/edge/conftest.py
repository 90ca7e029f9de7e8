# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What tests of serial lines share: a device at the far end of one, and the line to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge.bus.uart import SerialLine
from tests.edge.bus.far_end import FarEnd

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path


@pytest.fixture
def device(tmp_path: Path) -> Iterator[FarEnd]:
    """A device that is plugged in."""
    device = FarEnd(tmp_path)
    yield device
    device.unplug()


@pytest.fixture
async def line(device: FarEnd) -> AsyncIterator[SerialLine]:
    """The line to the device, not open yet."""
    line = SerialLine(device.port)
    yield line
    await line.close()
