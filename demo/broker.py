# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The broker of the demo: Mosquitto where it is installed, else amqtt in this process, for the demo only."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
from contextlib import asynccontextmanager
from enum import StrEnum
from importlib.util import find_spec
from typing import TYPE_CHECKING

from bezet.errors import CannotStart
from demo.programs import LOOK_AT_PLUGS_S, Program

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from demo.folder import DataFolder
    from demo.programs import Keeper

#: Where Mosquitto is besides PATH: Debian keeps it out of an ordinary user's PATH.
MORE_PLACES = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin")
LISTENS_WITHIN_S = 10.0
LOOK_AGAIN_S = 0.02
#: It has nothing to save, and everything else must have ended before it.
MOSQUITTO_GRACE_S = 1.0


class BrokerKind(StrEnum):
    """The brokers that the demo can start."""

    MOSQUITTO = "mosquitto"
    AMQTT = "amqtt"


def choose_broker(word: str | None) -> BrokerKind:
    """The broker that was asked for, or the best there is; `CannotStart` for one that cannot be had."""
    if word is None:
        word = BrokerKind.MOSQUITTO if find_mosquitto() else BrokerKind.AMQTT
    if word not in [*BrokerKind]:
        raise CannotStart(f"--broker {word!r}: is not a broker that the demo knows; use mosquitto or amqtt")
    if word == BrokerKind.MOSQUITTO and not find_mosquitto():
        raise CannotStart("--broker mosquitto: it is not installed here; install it, or use --broker amqtt")
    if word == BrokerKind.AMQTT and find_spec("amqtt") is None:
        raise CannotStart("there is no broker to use: install Mosquitto, or bezet[demo], which brings amqtt")
    return BrokerKind(word)


def find_mosquitto() -> str | None:
    """The path of Mosquitto, or None."""
    return shutil.which("mosquitto", path=os.pathsep.join([os.environ.get("PATH", ""), *MORE_PLACES]))


def free_port() -> int:
    """A TCP port on loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def open_broker(
    kind: BrokerKind, folder: DataFolder, keeper: Keeper, is_cut: Callable[[], bool]
) -> AsyncIterator[str]:
    """Start the broker on a free port, and end it after use and while it is cut; gives its address."""
    port = free_port()
    if kind is BrokerKind.AMQTT:
        async with _amqtt(port, is_cut):
            yield f"mqtt://127.0.0.1:{port}?protocol=3.1.1"
    else:
        async with _mosquitto(port, folder, keeper, is_cut):
            yield f"mqtt://127.0.0.1:{port}"


@asynccontextmanager
async def _mosquitto(
    port: int, folder: DataFolder, keeper: Keeper, is_cut: Callable[[], bool]
) -> AsyncIterator[None]:
    """Mosquitto with nothing kept on disk: the agents keep what is not committed yet."""
    config = folder.path / "mosquitto.conf"
    config.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\n"
        "max_queued_messages 0\nlog_dest stderr\n"
    )
    command = (find_mosquitto() or "mosquitto", "-c", str(config))
    program = Program("Mosquitto", command, folder.log("broker"), grace_s=MOSQUITTO_GRACE_S)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(keeper.keep_powered(program, is_cut), name="demo.broker")
        if not is_cut():
            await _until_listening(port)
        yield
        running.cancel()


async def _until_listening(port: int) -> None:
    try:
        async with asyncio.timeout(LISTENS_WITHIN_S):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                except OSError:
                    await asyncio.sleep(LOOK_AGAIN_S)
                else:
                    writer.close()
                    return
    except TimeoutError:
        raise CannotStart(f"the broker does not listen on port {port}") from None


@asynccontextmanager
async def _amqtt(port: int, is_cut: Callable[[], bool]) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(_keep_amqtt(port, is_cut), name="demo.broker")
        if not is_cut():
            await _until_listening(port)
        yield
        running.cancel()


async def _keep_amqtt(port: int, is_cut: Callable[[], bool]) -> None:
    from amqtt.broker import Broker  # type: ignore[import-untyped]  # noqa: PLC0415  only where it is wanted

    while True:
        while is_cut():
            await asyncio.sleep(LOOK_AT_PLUGS_S)
        broker = Broker(
            {
                "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}},
                "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
            }
        )
        await broker.start()
        try:
            while not is_cut():
                await asyncio.sleep(LOOK_AT_PLUGS_S)
        finally:
            await broker.shutdown()
