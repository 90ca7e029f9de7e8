# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What makers pack into the bytes of their radio messages: the list of codecs, and what a codec is.

A codec is a file with a pure `decode(payload)`: bytes to numbers, or `BadFrame` with the byte that it does
not know. It keeps what its table names and nothing else; places and pictures in a payload end here.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bezet.model import Kind
    from edge.sensors import Measured


class Total(NamedTuple):
    """How many a device has counted since its counter began; `counter` tells two of a kind apart."""

    kind: Kind
    so_far: int
    counter: str = ""


class Codec(Protocol):
    """How one maker packs."""

    def __call__(self, payload: bytes) -> list[Measured | Total]:
        """The numbers in a payload; `BadFrame` if it cannot be read to its end."""


#: Codecs by the name of their file, and the devices that they read.
CODECS: Mapping[str, str] = {
    "elsys": "Elsys ERS, ERS CO2, ERS Eye, EMS and others",
    "milesight": "Milesight VS121, VS133, VS135, AM100 and AM300 series",
}


def load_codec(name: str) -> Codec:
    """The codec of that name, imported only now; `ValueError` for one that is not known."""
    if name not in CODECS:
        raise ValueError(f"codec = {name}: one of {', '.join(sorted(CODECS))}")
    found: Codec = import_module(f"edge.payloads.{name}").decode
    return found
