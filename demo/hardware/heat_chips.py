# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Thermal arrays on their two wires: Panasonic's AMG8833 and Melexis' MLX90640.

A picture is made when it is read. What warmth is in the bytes of an MLX90640 depends on numbers in its
EEPROM; those here are made up, like a real chip's, and the bytes are what the datasheet's equations want.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from demo.dice import generator
from demo.hardware.chips import Heard, nack

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bezet.usage.columns import Floats, Ints
    from demo.hardware import World
    from demo.plan import Hung

# --- AMG8833 ---------------------------------------------------------------------------------------------

#: The registers of the pixels, and how often there is a new picture (Grid-EYE reference specification).
PIXELS, BEHIND, FRAME_MS = 0x80, 0x100, 100
STEP_C = 0.25


class AMG8833Chip:
    """A Grid-EYE that has long been awake; a register is one byte."""

    def __init__(self, world: World, hung: Hung) -> None:
        self.address: int = hung.settings.get("address", 0x69)
        self._heard = Heard(world, hung)
        self._kept = bytearray(PIXELS)
        self._at = 0

    def transfer(self, write: bytes, read: int, now_ms: int) -> bytes:
        """See `demo.hardware.chips.Chip`; registers follow each other."""
        if write:
            self._at, given = write[0], write[1:]
            if given and self._at + len(given) > PIXELS:
                raise nack()  # pixels are not written
            self._kept[self._at : self._at + len(given)] = given
        if not read:
            return b""
        if self._at + read > BEHIND:
            raise nack()
        return (bytes(self._kept) + self._picture(now_ms))[self._at : self._at + read]

    def _picture(self, now_ms: int) -> bytes:
        """Two bytes for each pixel, the low one first: twelve bits of two's complement."""
        seen_c = self._heard.signal.picture(now_ms // FRAME_MS * FRAME_MS)
        return bytes((np.rint(seen_c / STEP_C).astype(np.int64) & 0xFFF).astype("<u2").tobytes())


# --- MLX90640 --------------------------------------------------------------------------------------------

ROWS, COLUMNS, ALL_WORDS = 24, 32, 832
#: The control register after power-up: chess, two halves a second, 18 bits.
POWER_UP = 0x1901
NEWS = 0x0008
KELVIN = 273.15
#: What is the same for all pixels, as in the datasheet's worked example (11.2.2): gain, supply voltage and
#: the chip's own warmth as words, and how these depend on each other. The sensitivity is about that of the
#: example.
GAIN, VDD25, KVDD, V_PTAT25, KT_PTAT, ALPHA_PTAT, VBE = 6383, -13056, -3168, 12273, 42.25, 9.0, 19442
ALPHA_SCALE, ALPHA = 37, 16_000
KS_TO, KS_TO_SCALE, KS_TA_8192 = -105, 17, -16
KTA, KTA_SCALE = 42, 13
#: The chip has 30 °C where a room has 22 °C, as its own heat is 8 °C; what it sees sends out 95 % (11.2.2.9).
CHIP_C, OWN_HEAT_C, EMISSIVITY = 30.0, 8.0, 0.95
#: Where these stand in the RAM (the datasheet's address map).
VBE_AT, GAIN_AT, PTAT_AT, VDD_AT = 0x300, 0x30A, 0x320, 0x32A


class Cells(NamedTuple):
    """How the pixels of one chip differ, shape (24, 32): what they give in the dark, and for warmth."""

    offset: Ints
    alpha: Ints


def cells_of(words: str) -> Cells:
    """Those of one chip; they fit into their six bits, and are never all zero, which means a dead pixel."""
    drawn = generator(words, "cells")
    size = ROWS, COLUMNS
    return Cells(drawn.integers(1, 21, size) * drawn.choice((-1, 1), size), drawn.integers(-20, 21, size))


def eeprom_of(cells: Cells) -> bytes:
    """The EEPROM of a chip with these pixels, in the places from which 11.2.2 takes each number."""
    words = np.zeros(ALL_WORDS, np.int64)
    own = ((cells.offset & 0x3F) << 10) + ((cells.alpha & 0x3F) << 4)
    head: Mapping[int, int] = {
        0x10: int(4 * (ALPHA_PTAT - 8)) << 12,
        0x20: ALPHA_SCALE - 30 << 12,
        0x21: ALPHA,
        0x30: GAIN,
        0x31: V_PTAT25,
        0x32: round(8 * KT_PTAT),
        0x33: (KVDD // 32 & 0xFF) << 8 | (VDD25 + 8192) // 32 + 256,
        0x36: KTA << 8 | KTA,
        0x37: KTA << 8 | KTA,
        0x38: 2 << 12 | KTA_SCALE - 8 << 4,
        0x3C: (KS_TA_8192 & 0xFF) << 8,
        0x3D: (KS_TO & 0xFF) << 8,
        0x3F: KS_TO_SCALE - 8,
    }
    words[list(head)] = list(head.values())
    words[64:] = own.ravel()
    return words.astype(">u2").tobytes()


def ram_of(seen_c: Floats, cells: Cells) -> bytes:
    """The RAM of a chip that sees this picture: the equations of 11.2.2 the other way round.

    The voltage is that at which all was calibrated, and nothing is taken away for what the blind pixels see.
    """
    art = V_PTAT25 + KT_PTAT * (CHIP_C - 25)
    ptat = round(art * VBE / (2**18 - art * ALPHA_PTAT))
    warmer_c = (ptat / (ptat * ALPHA_PTAT + VBE) * 2**18 - V_PTAT25) / KT_PTAT
    chip_k4, around_k4 = ((c + KELVIN) ** 4 for c in (25 + warmer_c, 25 + warmer_c - OWN_HEAT_C))
    reflected_k4 = around_k4 - (around_k4 - chip_k4) / EMISSIVITY
    alpha = (ALPHA + cells.alpha) / 2.0**ALPHA_SCALE * (1 + KS_TA_8192 / 8192 * warmer_c)
    got = alpha * (1 + KS_TO / 2.0**KS_TO_SCALE * seen_c) * ((seen_c + KELVIN) ** 4 - reflected_k4)
    pixels = EMISSIVITY * got + cells.offset * (1 + KTA / 2.0**KTA_SCALE * warmer_c)
    words = np.zeros(ALL_WORDS, np.int64)
    words[: ROWS * COLUMNS] = np.rint(pixels).clip(-(2**15), 2**15 - 1).ravel()
    words[[VBE_AT, GAIN_AT, PTAT_AT, VDD_AT]] = VBE, GAIN, ptat, VDD25
    return words.astype(">i2").tobytes()


class MLX90640Chip:
    """An MLX90640, which measures half of its pixels again and again; a register is a word."""

    address = 0x33

    def __init__(self, world: World, hung: Hung) -> None:
        self._heard = Heard(world, hung)
        self._cells = cells_of(f"{world.town.seed}/{hung.id}")
        self._eeprom = eeprom_of(self._cells)
        self._control = POWER_UP
        self._taken = -1

    def transfer(self, write: bytes, read: int, now_ms: int) -> bytes:
        """See `demo.hardware.chips.Chip`; what the driver never asks for is not acknowledged."""
        at, given = int.from_bytes(write[:2], "big"), int.from_bytes(write[2:], "big")
        half = now_ms // self._half_ms
        match at, len(write):
            case 0x8000, 2:  # status
                return (half & 1 | (NEWS if half > self._taken else 0)).to_bytes(2, "big")
            case 0x8000, 4:
                self._taken = half
                return b""
            case 0x800D, 2:  # control
                return self._control.to_bytes(2, "big")
            case 0x800D, 4:
                self._control = given
                return b""
            case 0x2400, 2:
                return self._eeprom[:read]
            case 0x0400, 2:
                return ram_of(self._heard.signal.picture(half * self._half_ms), self._cells)[:read]
        raise nack()

    @property
    def _half_ms(self) -> int:
        """How long it measures half of its pixels: bits 9 to 7 are 0 for 0.5 Hz, 1 for 1 Hz, and so on."""
        return 2_000 >> (self._control >> 7 & 7)
