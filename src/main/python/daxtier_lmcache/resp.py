"""A small RESP2 client: one connection, one request at a time, every wait bounded."""

from __future__ import annotations

import os
import socket
import struct
from typing import Sequence, Union

from .replies import ConnectionLost, Reply, ReplyError, ReplyReader
from .settings import Settings

_RECEIVE_BYTES = 64 * 1024


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

    def __init__(self, settings: Settings, receive_bytes: int = _RECEIVE_BYTES) -> None:
        """`receive_bytes` is how much is received at once; what `read_into` is for should not be among it."""
        try:
            self._socket = _connect(settings)
        except OSError as failure:
            raise ConnectionLost(f"cannot connect to {settings.address}: {failure}") from failure
        self._timeout = settings.request_timeout
        self._reader = ReplyReader(self._socket, receive_bytes)
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
        return self.read_replies(len(commands))

    def send(self, *pieces: Union[bytes, memoryview]) -> None:
        try:
            for piece in pieces:
                self._socket.sendall(piece)
        except OSError as failure:
            raise self._lost(failure) from failure

    def read_replies(self, count: int) -> list[Reply]:
        """Errors are returned, not raised."""
        try:
            return self._reader.replies(count)
        except OSError as failure:
            raise self._lost(failure) from failure

    def read_line(self) -> bytes:
        """The next line without its CRLF."""
        try:
            return self._reader.line()
        except OSError as failure:
            raise self._lost(failure) from failure

    def read_into(self, target: memoryview) -> None:
        """Fills `target` with the next bytes of the stream."""
        try:
            self._reader.read_into(target)
        except OSError as failure:
            raise self._lost(failure) from failure

    def call_for_descriptor(self, *words: bytes) -> int:
        """One command whose `+OK` brings a file descriptor (SCM_RIGHTS); the caller closes it.

        Reads the socket past the reader, which has nothing between requests and would drop the descriptor.
        """
        self.send(encode(words))
        reply, descriptors = b"", []
        try:
            while not reply.endswith(b"\r\n"):
                data, received, _, _ = socket.recv_fds(self._socket, _RECEIVE_BYTES, 4, socket.MSG_CMSG_CLOEXEC)
                descriptors += received
                if not data:
                    raise ConnectionLost("closed by the service")
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

    def _lost(self, failure: OSError) -> ConnectionLost:
        is_late = isinstance(failure, BlockingIOError)
        return ConnectionLost(f"no answer within {self._timeout:g} s" if is_late else str(failure))


def _connect(settings: Settings) -> socket.socket:
    if settings.unix_socket:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    else:
        connection = socket.create_connection((settings.host, settings.port), settings.connection_timeout)
    try:
        if settings.unix_socket:
            connection.settimeout(settings.connection_timeout)
            connection.connect(settings.unix_socket)
        else:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        connection.setblocking(True)
        seconds = int(settings.request_timeout)
        limit = struct.pack("ll", seconds, max(1, int((settings.request_timeout - seconds) * 1e6)))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
    except BaseException:
        connection.close()
        raise
    return connection
