# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A socket that is read in pieces gives the bytes that were sent, and ends where they end."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from bezet.link.pieces import PIECE_BYTES, Pieces

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, Pieces]]:
    """Two ends that are connected."""
    near, far = socket.socketpair()
    near.setblocking(False)
    with near, far:
        yield far, Pieces(near)


def drained(pieces: Pieces, size: int) -> bytes:
    """What is left of the piece, so many bytes at a time."""
    found = b""
    while pieces.left:
        found += pieces.recv(size)
    return found


@pytest.mark.parametrize("size", [1, 2, 7, PIECE_BYTES, 10 * PIECE_BYTES])
def test_gives_what_was_sent(ends: tuple[socket.socket, Pieces], size: int) -> None:
    """However many bytes are asked for at a time, they are those that were sent, in order."""
    far, pieces = ends
    sent = bytes(range(256)) * 300
    found = b""
    for start in range(0, len(sent), 10_000):
        far.sendall(sent[start : start + 10_000])
        pieces.fill()
        found += drained(pieces, size)

    assert found == sent


def test_blocks_when_there_is_nothing(ends: tuple[socket.socket, Pieces]) -> None:
    """Before the first byte and after the last, a reader is told to wait."""
    far, pieces = ends
    pieces.fill()
    with pytest.raises(BlockingIOError):
        pieces.recv(1)
    far.sendall(b"a")
    with pytest.raises(BlockingIOError):
        pieces.recv(1)
    pieces.fill()

    assert pieces.recv(2) == b"a"
    with pytest.raises(BlockingIOError):
        pieces.recv(1)


def test_the_end_is_told_once(ends: tuple[socket.socket, Pieces]) -> None:
    """When the other end has closed, the reader gets no bytes, which is how a socket says so."""
    far, pieces = ends
    far.sendall(b"last")
    far.close()
    pieces.fill()

    assert drained(pieces, 3) == b"last"
    pieces.fill()
    assert pieces.left
    assert pieces.recv(1) == b""
    assert not pieces.left


def test_all_else_is_the_socket(ends: tuple[socket.socket, Pieces]) -> None:
    """What is sent and asked otherwise goes to the socket."""
    far, pieces = ends
    pieces.send(b"hello")

    assert far.recv(10) == b"hello"
    assert pieces.fileno() > 0
