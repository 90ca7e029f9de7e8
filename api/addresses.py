# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Addresses in window.toml of others that the window asks or tells: over TLS, but on this machine."""

from __future__ import annotations

import re

ADDRESS = re.compile(r"https://[^\s/]+\S*|http://(?:localhost|127\.0\.0\.1)(?::[0-9]+)?(?:/\S*)?")
#: What this machine is called on itself.
THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
ADDRESS_WORDS = "an address that begins with https:// (http:// on this machine only)"
