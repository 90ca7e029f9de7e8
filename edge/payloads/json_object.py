# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""JSON that devices of others speak: objects with more keys than we know, of which single numbers are wanted.

Whatever does not read as such is a `BadFrame` that holds what was wrong, cut short.
"""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from bezet.errors import BadFrame

#: No device says more at once; what is longer is not even looked at.
MOST_BYTES = 65_536


def read_object(payload: bytes) -> dict[str, Any]:
    """The object that a payload is."""
    if len(payload) > MOST_BYTES:
        raise BadFrame(f"{len(payload)} bytes are more than {MOST_BYTES}: {payload[:40]!r}…")
    try:
        found = json.loads(payload, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise BadFrame(f"not JSON: {payload[:40]!r}: {error}") from error
    if not isinstance(found, dict):
        raise BadFrame(f"not an object, but {_shown(found)}")
    return found


def member(found: dict[str, Any], key: str) -> dict[str, Any]:
    """The object under a key; empty where there is none."""
    inner = found.get(key)
    if inner is None:
        return {}
    if not isinstance(inner, dict):
        raise BadFrame(f"{key} is no object, but {_shown(inner)}")
    return inner


def number(found: Any, key: str) -> float:
    """What stands under `key`, as a number; not a word that looks like one, and not a truth value."""
    try:
        if isinstance(found, int | float) and not isinstance(found, bool) and math.isfinite(found):
            return float(found)
    except OverflowError:
        pass
    raise BadFrame(f"{key} is no number, but {_shown(found)}")


def truth(found: Any, key: str) -> bool:
    """What stands under `key`, as true or false."""
    if not isinstance(found, bool):
        raise BadFrame(f"{key} is neither true nor false, but {_shown(found)}")
    return found


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _shown(found: Any) -> str:
    """A value for a message: short, whatever it is."""
    if isinstance(found, str | float | bool):
        return repr(found)[:40]
    return type(found).__name__
