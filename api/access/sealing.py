# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What a browser keeps for us, sealed: it can neither be read there nor changed (JWE, direct A256GCM)."""

from __future__ import annotations

import json
from typing import Any

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

SEAL_BYTES = 32
MOST_CHARACTERS = 4_000
_HEADER = {"alg": "dir", "enc": "A256GCM"}


class Seal:
    """Seals and opens with one secret; what was sealed names the time until which it counts."""

    def __init__(self, secret: bytes) -> None:
        self._key = OctKey.import_key(secret)

    def sealed(self, kept: dict[str, Any], until_ms: int) -> str:
        """The text that a browser keeps."""
        body = json.dumps({**kept, "until_ms": until_ms}).encode()
        return jwe.encrypt_compact(dict(_HEADER), body, self._key)

    def opened(self, text: str, now_ms: int) -> dict[str, Any] | None:
        """What was sealed; None where it was not us, something was changed, or its time is over."""
        if len(text) > MOST_CHARACTERS:
            return None
        try:
            found = json.loads(
                jwe.decrypt_compact(text, self._key, algorithms=["dir", "A256GCM"]).plaintext or b""
            )
        except (JoseError, ValueError, TypeError, KeyError, AssertionError):
            return None
        is_good = isinstance(found, dict) and found.get("until_ms", 0) > now_ms
        return found if is_good else None
