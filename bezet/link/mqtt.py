# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The link over MQTT 5 (or 3.1.1); the only file that knows paho-mqtt.

paho is driven from the event loop, so it has no thread that could die unseen, and every connection gets a
client of its own, so that nothing queued or acknowledged on one connection can leak into the next.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import threading
from typing import TYPE_CHECKING, Any, NamedTuple, Self
from urllib.parse import parse_qs, urlsplit

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from bezet.errors import CannotStart, LinkDown
from bezet.link import Delivery, Down, Event, Up, Will, matches

if TYPE_CHECKING:
    from types import TracebackType

    from paho.mqtt.reasoncodes import ReasonCode

LOG = logging.getLogger("bezet.link")

KEEPALIVE_S = 20
CONNECT_TIMEOUT_S = 3.0
#: Deliveries that may wait for their acknowledgement; the broker holds back the rest (MQTT 5).
RECEIVE_MAXIMUM = 1_000
FIRST_RETRY_S = 0.25
LAST_RETRY_S = 30.0
#: A connection that stood for less does not reset the back-off, so that two clients of one name, who throw
#: each other off the broker, do so less and less often.
STABLE_S = 5.0
SESSION_TAKEN_OVER = 0x8E


class Address(NamedTuple):
    """Where a broker is, and what it speaks."""

    host: str
    port: int
    username: str | None
    password: str | None
    protocol: MQTTProtocolVersion


def read_address(url: str) -> Address:
    """`mqtt://[user:password@]host[:port][?protocol=3.1.1]`, or raise `CannotStart`."""
    try:
        parts = urlsplit(url)
        port = parts.port or 1883
    except ValueError as error:
        raise CannotStart(f"broker {url!r}: {error}") from None
    protocol = parse_qs(parts.query).get("protocol", ["5"])[-1]
    if parts.scheme != "mqtt" or not parts.hostname or protocol not in ("5", "3.1.1"):
        raise CannotStart(f"broker {url!r}: needs the form mqtt://host:port, as in mqtt://127.0.0.1:1883")
    version = MQTTProtocolVersion.MQTTv5 if protocol == "5" else MQTTProtocolVersion.MQTTv311
    return Address(parts.hostname, port, parts.username, parts.password, version)


class MqttLink:
    """A `Link` to a broker at `url`, known there as `name`."""

    def __init__(
        self, url: str, name: str, *, subscriptions: tuple[str, ...] = (), will: Will | None = None
    ) -> None:
        self._address = read_address(url)
        self._name = name
        self._subscriptions = subscriptions
        self._will = will
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._number = 0
        self._connection: _Connection | None = None
        self._task: asyncio.Task[None] | None = None
        self._said: str | None = None

    async def __aenter__(self) -> Self:
        """Start connecting in the background."""
        self._task = asyncio.create_task(self._keep_connected(), name=f"link[{self._name}]")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Say goodbye and close."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def receive(self) -> Event:
        """The next thing that happened, in order."""
        return await self._events.get()

    async def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Hand a message to the broker at QoS 1, or raise `LinkDown`."""
        if self._connection is None:
            raise LinkDown(f"no broker at {self._address.host}:{self._address.port}")
        self._connection.publish(topic, payload, retain=retain)

    def acknowledge(self, delivery: Delivery) -> None:
        """Acknowledge a delivery of the present connection."""
        if self._connection is not None and delivery.connection == self._connection.number:
            self._connection.acknowledge(delivery.ticket)

    async def _keep_connected(self) -> None:
        loop = asyncio.get_running_loop()
        retry_s = FIRST_RETRY_S
        while True:
            began_s = loop.time()
            down = await self._one_connection()
            if loop.time() - began_s > STABLE_S:
                retry_s = FIRST_RETRY_S
            if down.why != self._said:
                self._said = down.why
                self._events.put_nowait(down)
            await asyncio.sleep(retry_s * random.uniform(0.5, 1.5))  # noqa: S311  jitter, not cryptography
            retry_s = min(retry_s * 2, LAST_RETRY_S)

    async def _one_connection(self) -> Down:
        """Connect, stay connected for as long as it lasts, and say why it ended."""
        self._number += 1
        connection = _Connection(self._number, self._address, self._name, self._subscriptions, self._events)
        try:
            await connection.open(self._will)
            await connection.up
            self._connection, self._said = connection, None
            self._events.put_nowait(Up(connection.number))
            return await connection.ended
        except _NotUp as not_up:
            return not_up.down
        except (OSError, ValueError) as error:
            return Down(f"no broker at {self._address.host}:{self._address.port}: {error}")
        finally:
            self._connection = None
            connection.close()


class _NotUp(Exception):
    """The connection ended before it stood."""

    def __init__(self, down: Down) -> None:
        self.down = down


class _Connection:
    """One paho client for one connection, driven by the event loop."""

    def __init__(
        self,
        number: int,
        address: Address,
        name: str,
        subscriptions: tuple[str, ...],
        events: asyncio.Queue[Event],
    ) -> None:
        self.number = number
        self._address = address
        self._subscriptions = subscriptions
        self._events = events
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._timer: asyncio.TimerHandle | None = None
        self._descriptor: int | None = None
        self.up: asyncio.Future[None] = self._loop.create_future()
        self.ended: asyncio.Future[Down] = self._loop.create_future()
        self._client = self._make_client(name)

    def _make_client(self, name: str) -> paho.Client:
        is_5 = self._address.protocol == MQTTProtocolVersion.MQTTv5
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=name,
            protocol=self._address.protocol,
            manual_ack=True,
            reconnect_on_failure=False,
            clean_session=None if is_5 else True,
        )
        client.max_inflight_messages_set(RECEIVE_MAXIMUM)
        client.connect_timeout = CONNECT_TIMEOUT_S
        if self._address.username is not None:
            client.username_pw_set(self._address.username, self._address.password)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        client.on_socket_register_write = self._on_want_write
        client.on_socket_unregister_write = self._on_wrote
        return client

    async def open(self, will: Will | None) -> None:
        """Open the socket and send CONNECT; `OSError` where nobody listens."""
        if will is not None:
            self._client.will_set(will.topic, will.payload, qos=1, retain=True)
        await asyncio.to_thread(self._connect)
        sock = self._client.socket()
        if sock is None:
            raise OSError("the connection closed at once")
        self._descriptor = sock.fileno()
        self._loop.add_reader(self._descriptor, self._guarded, self._client.loop_read)
        self._loop.add_writer(self._descriptor, self._guarded, self._client.loop_write)
        self._tick()

    def _connect(self) -> None:
        more: dict[str, Any] = {}
        if self._address.protocol == MQTTProtocolVersion.MQTTv5:
            properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
            properties.ReceiveMaximum = RECEIVE_MAXIMUM
            more = {"clean_start": True, "properties": properties}
        self._client.connect(self._address.host, self._address.port, keepalive=KEEPALIVE_S, **more)

    def close(self) -> None:
        """Say goodbye if there is still somebody to say it to, and let go of the socket."""
        if self._client.socket() is not None:
            with contextlib.suppress(Exception):
                self._client.disconnect()
                self._client.loop_write()
        self._end(Down("closed"))
        sock = self._client.socket()
        if sock is not None:
            sock.close()

    def publish(self, topic: str, payload: bytes, *, retain: bool) -> None:
        """Hand over to paho while it is connected; otherwise raise `LinkDown` before paho could queue it."""
        if self.ended.done() or not self._client.is_connected():
            raise LinkDown("the connection to the broker is lost")
        sent = self._client.publish(topic, payload, qos=1, retain=retain)
        if sent.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise LinkDown(f"the broker takes nothing: {paho.error_string(sent.rc)}")

    def acknowledge(self, ticket: int) -> None:
        """Send PUBACK."""
        if not self.ended.done():
            self._client.ack(ticket, 1)

    # --- paho's side ---

    def _guarded(self, step: Any) -> None:
        """Run one step of paho; whatever it raises ends this connection, and never goes by unseen."""
        try:
            step()
        except Exception as error:  # noqa: BLE001  paho's steps run our callbacks; nothing may escape unseen
            LOG.warning("link step failed: %r", error)
            self._end(Down(f"broken connection: {error!r}"))

    def _tick(self) -> None:
        self._guarded(self._client.loop_misc)
        if not self.ended.done():
            self._timer = self._loop.call_later(1.0, self._tick)

    def _end(self, down: Down) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._descriptor is not None:
            self._loop.remove_reader(self._descriptor)
            self._loop.remove_writer(self._descriptor)
            self._descriptor = None
        if not self.ended.done():
            self.ended.set_result(down)
        if not self.up.done():
            self.up.set_exception(_NotUp(down))
            self.up.exception()  # it may never be awaited, and that is fine

    def _on_connect(
        self, _client: Any, _userdata: Any, _flags: Any, code: ReasonCode, _properties: Any
    ) -> None:
        if code.is_failure:
            self._end(Down(f"the broker refused this client: {code}"))
            return
        # Subscribe first: the broker takes packets in order, so whatever is published next is answered.
        if self._subscriptions:
            self._client.subscribe([(topic, self._options()) for topic in self._subscriptions])
        if not self.up.done():
            self.up.set_result(None)

    def _options(self) -> Any:
        return SubscribeOptions(qos=1) if self._address.protocol == MQTTProtocolVersion.MQTTv5 else 1

    def _on_subscribe(
        self, _client: Any, _userdata: Any, _mid: int, codes: list[ReasonCode], _properties: Any
    ) -> None:
        for topic, code in zip(self._subscriptions, codes, strict=False):
            if code.is_failure:
                self._end(Down(f"the broker refused the subscription to {topic}: {code}"))

    def _on_disconnect(
        self, _client: Any, _userdata: Any, _flags: Any, code: ReasonCode, _properties: Any
    ) -> None:
        taken = code.value == SESSION_TAKEN_OVER
        why = "another client took the name" if taken else f"the broker is gone: {code}"
        self._end(Down(why, name_taken=taken))

    def _on_message(self, _client: Any, _userdata: Any, message: paho.MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = "�"  # no topic of the contract, so it is refused where refusals are counted
        # Some brokers deliver retained messages of other people's subscriptions (amqtt 0.12).
        if topic == "�" or any(matches(wanted, topic) for wanted in self._subscriptions):
            delivery = Delivery(topic, bytes(message.payload), message.retain, self.number, message.mid)
            self._events.put_nowait(delivery)
        else:
            self.acknowledge(message.mid)

    def _on_want_write(self, _client: Any, _userdata: Any, sock: Any) -> None:
        # While connecting, paho calls this from the connecting thread; `open` adds the writer after it.
        if self._descriptor is not None and threading.get_ident() == self._thread:
            self._loop.add_writer(sock.fileno(), self._guarded, self._client.loop_write)

    def _on_wrote(self, _client: Any, _userdata: Any, sock: Any) -> None:
        if self._descriptor is not None and threading.get_ident() == self._thread:
            self._loop.remove_writer(sock.fileno())
