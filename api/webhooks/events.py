# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Events as they are told: in a CloudEvents envelope, and signed. Pure.

The envelope is CloudEvents 1.0 in its structured JSON form; the signature is that of the Standard Webhooks
scheme: HMAC-SHA256 over `id.timestamp.body`, so that nobody can send an old one again unseen.
"""

from __future__ import annotations

import base64
import hmac
import json
from typing import TYPE_CHECKING, Any, Literal

from api.schemas import instant, shown_instant
from bezet.retention import DAY_MS, HOUR_MS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from api.webhooks.settings import EventKind

#: A shorter secret could be guessed.
LEAST_SECRET_BYTES = 24
#: Tried again after so long, then twice that, up to an hour; given up after a day.
FIRST_MS, MOST_MS, GIVE_UP_MS = 5_000, HOUR_MS, DAY_MS
MEDIA_TYPE = "application/cloudevents+json"


def envelope(
    event: str, kind: EventKind | Literal["test"], site: str, subject: str, t_ms: int, told: Mapping[str, Any]
) -> str:
    """The body of an event: what happened to whom, when, and what is told of it."""
    return json.dumps(
        {
            "specversion": "1.0",
            "id": event,
            "source": f"/sites/{site}",
            "type": f"nl.bezet.{kind}.v1",
            "subject": subject,
            "time": shown_instant(instant(t_ms)),
            "datacontenttype": "application/json",
            "data": told,
        },
        separators=(",", ":"),
    )


def headers(event: str, body: str, t_ms: int, secrets: Sequence[bytes]) -> dict[str, str]:
    """What is sent with a body at an instant: signed by each of the secrets, so that one can be changed."""
    timestamp = str(t_ms // 1000)
    signed = f"{event}.{timestamp}.{body}".encode()
    signatures = (base64.b64encode(hmac.digest(secret, signed, "sha256")).decode() for secret in secrets)
    return {
        "Content-Type": MEDIA_TYPE,
        "webhook-id": event,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{one}" for one in signatures),
    }


def wait_ms(tries: int, share: float) -> int:
    """How long to wait after so many tries in vain; `share`, 0 to 1, spreads it by a fifth to each side."""
    usual_ms: int = min(FIRST_MS * 2 ** min(tries, 20), MOST_MS)
    return round(usual_ms * (0.8 + 0.4 * share))
