"""Objects over the connection, by SET and GET: the way for a device that cannot be mapped."""

from __future__ import annotations

import threading
from typing import Callable, Optional, TypeVar

from .resp import Connection, ConnectionLost, ReplyError
from .settings import Settings

T = TypeVar("T")

_RECEIVE_BYTES = 64
"""Holds the header of a value and little more, so that the value itself is received where it belongs."""


class PayloadLost(Exception):
    """The transfer failed with its connection; the next one opens another."""


class PayloadChannel:
    """Connections for payload, as many as threads transfer at the same time; opened when needed. Thread-safe."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._guard = threading.Lock()
        self._idle: list[Connection] = []
        self._is_closed = False

    def store(self, key: bytes, source: memoryview) -> bool:
        """Stores the bytes unless the key is stored; True if this call stored them. ReplyError if refused (full)."""
        head = b"*4\r\n$3\r\nSET\r\n$%d\r\n%b\r\n$%d\r\n" % (len(key), key, len(source))
        return self._with_connection(lambda c: _store(c, head, source))

    def load(self, key: bytes, target: memoryview) -> Optional[int]:
        """Fills the front of `target` and returns how many bytes that was; None for a miss."""
        return self._with_connection(lambda c: _load(c, key, target))

    def close(self) -> None:
        with self._guard:
            self._is_closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _with_connection(self, action: Callable[[Connection], T]) -> T:
        try:
            connection = self._take()
            try:
                result = action(connection)
            except ReplyError:  # still in step
                self._return(connection)
                raise
            except BaseException:
                connection.close()
                raise
        except ConnectionLost as failure:
            raise PayloadLost(str(failure)) from failure
        self._return(connection)
        return result

    def _take(self) -> Connection:
        with self._guard:
            if self._idle:
                return self._idle.pop()
        return Connection(self._settings, _RECEIVE_BYTES)

    def _return(self, connection: Connection) -> None:
        with self._guard:
            if not self._is_closed:
                self._idle.append(connection)
                return
        connection.close()


def _store(connection: Connection, head: bytes, source: memoryview) -> bool:
    connection.send(head, source, b"\r\n$2\r\nNX\r\n")
    (reply,) = connection.read_replies(1)
    if isinstance(reply, ReplyError):
        raise reply
    return reply == b"OK"


def _load(connection: Connection, key: bytes, target: memoryview) -> Optional[int]:
    connection.send(b"*2\r\n$3\r\nGET\r\n$%d\r\n%b\r\n" % (len(key), key))
    line = connection.read_line()
    if line[:1] == b"-":
        raise ReplyError(line[1:].decode(errors="replace"))
    if line == b"$-1":
        return None
    if line[:1] != b"$" or not line[1:].isdigit():
        raise ConnectionLost(f"GET answered {line[:40]!r}")
    length = int(line[1:])
    if length > len(target):
        raise ConnectionLost(f"{length} bytes for a buffer of {len(target)}")  # replaced since the lookup
    connection.read_into(target[:length])
    if connection.read_line() != b"":
        raise ConnectionLost("the value is longer than its header said")
    return length
