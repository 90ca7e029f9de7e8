# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Chance that is the same on every machine: numbers that depend on words alone."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np


def dice(*words: object) -> float:
    """A number in [0, 1) that depends on the words alone."""
    return _number(words, 6) / 2**48


def generator(*words: object) -> np.random.Generator:
    """A generator of numbers that depends on the words alone."""
    return np.random.Generator(np.random.PCG64(_number(words, 16)))


def _number(words: tuple[object, ...], size: int) -> int:
    return int.from_bytes(blake2b("/".join(map(str, words)).encode(), digest_size=size).digest(), "big")
