"""Reads RESP replies from a stream of bytes."""

from __future__ import annotations

from itertools import chain, islice
from typing import Any, Callable, Iterator, NoReturn, Optional, Protocol, Union

Reply = Union[None, bool, int, float, bytes, list, "ReplyError"]

_MAX_LINE_BYTES = 64 * 1024
_MAX_BULK_BYTES = 512 * 1024 * 1024
_MAX_ARRAY_ITEMS = 1024 * 1024

_LINE_END = b"\r\n"
_INTEGER, _BULK, _ARRAY, _SET, _MAP, _PUSH, _ATTRIBUTE, _VERBATIM, _BULK_ERROR = b":$*~%>|=!"


class ConnectionLost(Exception):
    """The peer closed, did not answer in time, or spoke no RESP; the connection is of no more use."""


class ReplyError(Exception):
    """The service answered with an error; the connection is still in step."""


class Source(Protocol):
    """What the reader needs of a socket."""

    def recv(self, size: int, /) -> bytes: ...

    def recv_into(self, target: memoryview, /) -> int: ...


class ReplyReader:
    """The replies that a source sends. Not thread-safe; after an exception it is of no more use.

    What has arrived is split at its line ends in one call and then walked line by line: in Python it is the calls
    that cost. A bulk string that contains line ends is joined again and cut off by its length.

    Reads RESP2 and RESP3. A map is a list of keys and values in turn, as in RESP2; attributes and pushes are skipped;
    RESP3's streamed strings and aggregates are refused.
    """

    def __init__(self, source: Source, piece_bytes: int) -> None:
        """Receives up to `piece_bytes` ahead of what is asked for; those `read_into` has to copy once more."""
        self._source = source
        self._piece_bytes = piece_bytes
        self._arrived: Iterator[bytes] = iter(())  # the lines that nobody has read
        self._rest = b""  # what came after them
        self._lines = chain.from_iterable(self._batches())

    def replies(self, count: int) -> list[Reply]:
        """The next replies. Errors are returned, not raised."""
        try:
            return self._items(count)
        except RecursionError as failure:
            raise ConnectionLost("a reply is nested too deeply") from failure

    def line(self) -> bytes:
        """The next line, without its end."""
        return next(self._lines)

    def read_into(self, target: memoryview) -> None:
        """Fills `target` with the next bytes: those that have arrived, the others straight from the source."""
        arrived = self._unread()
        done = min(len(arrived), len(target))
        target[:done] = arrived[:done]
        self._rest = arrived[done:]
        while done < len(target):
            done += self._source.recv_into(target[done:]) or _closed()

    def _batches(self) -> Iterator[Iterator[bytes]]:
        """The lines of the stream, as many at a time as have arrived."""
        while True:
            if _LINE_END not in self._rest:
                if len(self._rest) > _MAX_LINE_BYTES:
                    raise ConnectionLost("reply line too long")
                self._rest += self._source.recv(self._piece_bytes) or _closed()
            *lines, self._rest = self._rest.split(_LINE_END)
            self._arrived = iter(lines)
            yield self._arrived

    def _unread(self, *lines: bytes) -> bytes:
        """These lines and what has arrived after them, as it came."""
        return _LINE_END.join([*lines, *self._arrived, self._rest])

    def _items(self, count: int) -> list[Reply]:
        items: list[Reply] = []
        line = b""
        try:
            for line in islice(self._lines, count):
                kind = line[0]
                if kind == _INTEGER:  # most of a large reply
                    items.append(int(line[1:]))
                elif kind == _BULK:
                    items.append(self._bulk(line))
                elif kind == _ARRAY:
                    items.append(self._array(line))
                else:
                    items.append(self._other(line))
        except (ValueError, LookupError) as failure:
            raise ConnectionLost(f"not a RESP reply: {line[:40]!r}") from failure
        return items

    def _bulk(self, header: bytes) -> Optional[bytes]:
        length = int(header[1:])
        if length == -1:
            return None
        if not 0 <= length <= _MAX_BULK_BYTES:
            raise ConnectionLost(f"bulk string of {length} bytes, at most {_MAX_BULK_BYTES} are accepted")
        if length < _MAX_LINE_BYTES:
            data = next(self._lines)
            if len(data) == length:
                return data
            self._rest = self._unread(data)
        whole = memoryview(bytearray(length + len(_LINE_END)))
        self.read_into(whole)
        if whole[length:] != _LINE_END:
            raise ValueError("no line end where the bulk string should end")
        return bytes(whole[:length])

    def _array(self, header: bytes, items_each: int = 1) -> Optional[list[Reply]]:
        count = int(header[1:])
        if count == -1:
            return None
        if not 0 <= count <= _MAX_ARRAY_ITEMS:
            raise ConnectionLost(f"array of {count} items, at most {_MAX_ARRAY_ITEMS} are accepted")
        return self._items(count * items_each)

    def _other(self, line: bytes) -> Reply:
        kind = line[0]
        if kind == _SET:
            return self._array(line)
        if kind == _MAP:
            return self._array(line, items_each=2)
        if kind in (_PUSH, _ATTRIBUTE):
            self._array(line, items_each=1 if kind == _PUSH else 2)
            return self._items(1)[0]  # it belongs to what follows
        if kind == _VERBATIM:
            return (self._bulk(line) or b"")[len("txt:") :]
        if kind == _BULK_ERROR:
            return _error(self._bulk(line) or b"")
        return _SCALARS[kind](line[1:])


def _error(text: bytes) -> ReplyError:
    return ReplyError(text.decode(errors="replace"))


def _closed() -> NoReturn:
    raise ConnectionLost("closed by the service")


_SCALARS: dict[int, Callable[[bytes], Any]] = {
    ord("+"): bytes,
    ord("-"): _error,
    ord("_"): lambda _: None,
    ord("#"): {b"t": True, b"f": False}.__getitem__,
    ord(","): float,
    ord("("): int,
}
