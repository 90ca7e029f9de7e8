# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The key of a signature, and a receiver that is written from the docs alone."""

from __future__ import annotations

import base64
import runpy
from typing import TYPE_CHECKING

import pytest

from api.webhooks.events import headers
from api.webhooks.sending import read_secrets
from bezet.program import now_ms
from bezet.retention import HOUR_MS
from tests.api.webhooks.test_webhooks import SECRET, settings_for
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

#: What a secret file holds, and the key that is made of it.
KEYS = {
    SECRET: SECRET,
    b" \t" + SECRET + b" \r\n\n": SECRET,
    b"a secret with spaces inside": b"a secret with spaces inside",
    b"whsec_" + base64.b64encode(SECRET) + b"\n": b"whsec_" + base64.b64encode(SECRET),
}


@pytest.mark.parametrize("text", KEYS)
def test_a_secret_is_the_bytes_of_its_file(tmp_path: Path, text: bytes) -> None:
    """White space at its ends is no part of a secret, and nothing of it is decoded."""
    settings = settings_for("https://a.example", tmp_path)
    settings.secret_files[0].write_bytes(text)

    assert read_secrets(settings) == [KEYS[text]]


def documented_receiver(folder: Path) -> Callable[[dict[str, str], bytes], bool]:
    """The receiver in docs/how-to/set-up-the-window.md, with the secret in a folder."""
    page = (ROOT / "docs/how-to/set-up-the-window.md").read_text()
    code = page.partition("```python\n")[2].partition("```")[0]
    (folder / "receiver.py").write_text(code.replace("secrets/bms", str(folder / "secret")))
    found: Callable[[dict[str, str], bytes], bool] = runpy.run_path(str(folder / "receiver.py"))["is_ours"]
    return found


def test_a_receiver_written_from_the_docs_knows_what_is_ours(tmp_path: Path) -> None:
    """It takes what we send, with one secret or two, and nothing that is changed, of others, or old."""
    secrets = read_secrets(settings_for("https://a.example", tmp_path))
    is_ours = documented_receiver(tmp_path)

    def sent(secrets: list[bytes], t_ms: int) -> dict[str, str]:
        return {name.lower(): text for name, text in headers("evt_1", "{}", t_ms, secrets).items()}

    assert is_ours(sent(secrets, now_ms()), b"{}")
    assert is_ours(sent([b"another" * 4, *secrets], now_ms()), b"{}")
    assert not is_ours(sent(secrets, now_ms()), b"[]")
    assert not is_ours(sent([b"another" * 4], now_ms()), b"{}")
    assert not is_ours(sent(secrets, now_ms() - HOUR_MS), b"{}")
