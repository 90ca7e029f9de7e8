# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A store of each kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.store.stage import MAKERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from store import Store


@pytest.fixture(params=MAKERS.values(), ids=list(MAKERS))
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """An empty store."""
    with request.param() as made:
        yield made
