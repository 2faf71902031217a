"""A small RESP2 client: one connection, one request at a time, every wait bounded."""

from __future__ import annotations

import os
import socket
import struct
from typing import Sequence, Union

from .settings import Settings

Reply = Union[None, int, bytes, list, "ReplyError"]

_STATUS, _ERROR, _INTEGER, _BULK, _ARRAY, _NULL = b"+-:$*_"

_MAX_LINE_BYTES = 64 * 1024
_MAX_BULK_BYTES = 512 * 1024 * 1024
_MAX_ARRAY_ITEMS = 1024 * 1024
_READ_BUFFER_BYTES = 256 * 1024


class ConnectionLost(Exception):
    """The peer closed, did not answer in time, or spoke no RESP; the connection is of no more use."""


class ReplyError(Exception):
    """The service answered with an error; the connection is still in step."""


def encode(words: Sequence[bytes]) -> bytes:
    """A command as an array of bulk strings."""
    parts = [b"*%d\r\n" % len(words)]
    parts += [b"$%d\r\n%b\r\n" % (len(word), word) for word in words]
    return b"".join(parts)


class Connection:
    """One RESP connection. Not thread-safe; after ConnectionLost only `close` may be called.

    The time-outs are the kernel's (SO_RCVTIMEO, SO_SNDTIMEO) rather than Python's, which would poll before every
    call and give up the interpreter lock once more each time.
    """

    def __init__(self, settings: Settings) -> None:
        try:
            self._socket = _connect(settings)
        except OSError as failure:
            raise ConnectionLost(f"cannot connect to {settings.address}: {failure}") from failure
        self._timeout = settings.request_timeout
        self._reader = self._socket.makefile("rb", buffering=_READ_BUFFER_BYTES)
        try:
            self._introduce(settings)
        except BaseException:
            self.close()
            raise

    @property
    def is_unix(self) -> bool:
        return self._socket.family == socket.AF_UNIX

    def fileno(self) -> int:
        """The socket's descriptor, -1 once closed."""
        return self._socket.fileno()

    def close(self) -> None:
        """Ends the session at the service. Idempotent."""
        self._reader.close()
        self._socket.close()

    def call(self, *words: bytes) -> Reply:
        """One command, its reply; raises ReplyError if that is an error."""
        reply = self.exchange([words])[0]
        if isinstance(reply, ReplyError):
            raise reply
        return reply

    def exchange(self, commands: Sequence[Sequence[bytes]]) -> list[Reply]:
        """Sends the commands together and reads their replies: one round trip. Errors are returned, not raised."""
        self.send(b"".join(encode(words) for words in commands))
        return [self.read_reply() for _ in commands]

    def send(self, *pieces: Union[bytes, memoryview]) -> None:
        try:
            for piece in pieces:
                self._socket.sendall(piece)
        except OSError as failure:
            raise self._lost(failure) from failure

    def read_reply(self) -> Reply:
        try:
            return self._reply_of(self._line())
        except OSError as failure:
            raise self._lost(failure) from failure

    def read_line(self) -> bytes:
        """The next line with its CRLF."""
        try:
            return self._line()
        except OSError as failure:
            raise self._lost(failure) from failure

    def read_into(self, target: memoryview) -> None:
        """Fills `target` with the next bytes of the stream."""
        done = 0
        while done < len(target):
            try:
                count = self._reader.readinto(target[done:])
            except OSError as failure:
                raise self._lost(failure) from failure
            if not count:
                raise self._lost(None)
            done += count

    def call_for_descriptor(self, *words: bytes) -> int:
        """One command whose `+OK` brings a file descriptor (SCM_RIGHTS); the caller closes it.

        Reads the socket past the buffered reader, which is empty between requests and would drop the descriptor.
        """
        self.send(encode(words))
        reply, descriptors = b"", []
        try:
            while not reply.endswith(b"\r\n"):
                data, received, _, _ = socket.recv_fds(self._socket, _MAX_LINE_BYTES, 4, socket.MSG_CMSG_CLOEXEC)
                descriptors += received
                if not data:
                    raise self._lost(None)
                reply += data
            if reply.startswith(b"-"):
                raise ReplyError(reply[1:-2].decode(errors="replace"))
            if reply != b"+OK\r\n" or len(descriptors) != 1:
                raise ConnectionLost(f"expected +OK and one descriptor, got {reply[:40]!r} and {len(descriptors)}")
            return descriptors.pop()
        except OSError as failure:
            raise self._lost(failure) from failure
        finally:
            for descriptor in descriptors:
                os.close(descriptor)

    def _introduce(self, settings: Settings) -> None:
        """Logs in, and says who this is (also so that the service does not take us for LMCache's `resp` client)."""
        if settings.password:
            user = [settings.username.encode()] if settings.username else []
            self.call(b"AUTH", *user, settings.password.encode())
        self.call(b"CLIENT", b"SETNAME", b"daxtier-lmcache")

    def _reply_of(self, line: bytes) -> Reply:
        kind = line[0]
        if kind == _INTEGER:
            return _integer(line)
        if kind == _BULK:
            return self._bulk(line)
        if kind == _ARRAY:
            return self._array(line)
        if kind == _STATUS:
            return line[1:-2]
        if kind == _ERROR:
            return ReplyError(line[1:-2].decode(errors="replace"))
        if kind == _NULL:
            return None
        raise ConnectionLost(f"not a RESP reply: {line[:40]!r}")

    def _bulk(self, header: bytes) -> Union[bytes, None]:
        length = _integer(header)
        if length < 0:
            return None
        if length > _MAX_BULK_BYTES:
            raise ConnectionLost(f"bulk string of {length} bytes, at most {_MAX_BULK_BYTES} are accepted")
        data = self._reader.read(length + 2)
        if data is None or len(data) != length + 2:
            raise self._lost(None)
        return data[:-2]

    def _array(self, header: bytes) -> Union[list, None]:
        """Integers are read right here: the addresses of a large batch are mostly those, and calls cost."""
        count = _integer(header)
        if count < 0:
            return None
        if count > _MAX_ARRAY_ITEMS:
            raise ConnectionLost(f"array of {count} items, at most {_MAX_ARRAY_ITEMS} are accepted")
        items: list[Reply] = []
        next_line, reply_of = self._line, self._reply_of
        for _ in range(count):
            line = next_line()
            items.append(_integer(line) if line[0] == _INTEGER else reply_of(line))
        return items

    def _line(self) -> bytes:
        line = self._reader.readline(_MAX_LINE_BYTES)
        if not line.endswith(b"\r\n"):
            raise self._lost(None) if len(line) < _MAX_LINE_BYTES else ConnectionLost("reply line too long")
        return line

    def _lost(self, failure: Union[OSError, None]) -> ConnectionLost:
        if isinstance(failure, BlockingIOError) or (failure is None and self._timed_out()):
            return ConnectionLost(f"no answer within {self._timeout:g} s")
        return ConnectionLost(str(failure) if failure else "closed by the service")

    def _timed_out(self) -> bool:
        """Whether a short read was a time-out: the peer has not closed."""
        try:
            return self._socket.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) != b""
        except BlockingIOError:
            return True
        except OSError:
            return False


def _connect(settings: Settings) -> socket.socket:
    if settings.unix_socket:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(settings.connection_timeout)
        try:
            connection.connect(settings.unix_socket)
        except BaseException:
            connection.close()
            raise
    else:
        connection = socket.create_connection((settings.host, settings.port), settings.connection_timeout)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    connection.setblocking(True)
    seconds = int(settings.request_timeout)
    limit = struct.pack("ll", seconds, max(1, int((settings.request_timeout - seconds) * 1e6)))
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
    return connection


def _integer(line: bytes) -> int:
    """The number in a line after its type byte."""
    try:
        return int(line[1:])
    except ValueError:
        raise ConnectionLost(f"not a number: {line[:40]!r}") from None
