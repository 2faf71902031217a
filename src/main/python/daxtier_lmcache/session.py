"""One session with the service: the control connection, on which every lock and reservation of ours lives."""

from __future__ import annotations

from itertools import zip_longest
import threading
from typing import Callable, NamedTuple, NoReturn, Optional, Sequence, TypeVar, Union

from .devices import Devices
from .payload import PayloadChannel
from .resp import Connection, ConnectionLost, Reply, ReplyError
from .settings import Settings

T = TypeVar("T")

BATCH_KEYS = 4096
"""The most keys or tokens that the service takes in one command."""


class SessionLost(Exception):
    """There is no session (any more): its locks and reservations are gone, whatever was in flight has failed."""


class Address(NamedTuple):
    """Where an object lies, and the token that stands for the lock or the reservation on it."""

    device_id: int
    offset: int
    length: int
    token: bytes


EXISTS = "exists"
"""Instead of an address: the key is stored already."""

NO_ROOM = "no room"
"""Instead of an address: no slot is free and none can be made free."""

Reservation = Union[Address, str]


class Session:
    """A control connection, shared by all threads: one holds it for one round trip at a time.

    Locks and reservations end with the connection. The service then gives reserved slots to others, so the
    connection outlives the copies into them: `begin_writing` and `end_writing` count those, and a session that is
    lost or closed meanwhile closes its connection when the last one ends.
    """

    def __init__(self, settings: Settings, complain: Callable[[str], None], on_lost: Callable[[], None]) -> None:
        """`complain` tells the operator, once; `on_lost` is called, in any thread, when the session is over."""
        self.complain = complain
        self._on_lost = on_lost
        self._connection = Connection(settings)
        self._exchange = threading.Lock()  # held for a round trip; guards the connection
        self._state = threading.Lock()  # guards what follows; never held over I/O; may be taken within _exchange
        self._lost: Optional[str] = None
        self._writers = 0
        self.payload = PayloadChannel(settings)
        self.devices = Devices(self, settings.map_devices, complain)
        try:
            self.devices.refresh()
        except BaseException:
            self.close()
            raise

    @property
    def is_unix(self) -> bool:
        return self._connection.is_unix

    @property
    def is_alive(self) -> bool:
        return self._lost is None

    @property
    def failure(self) -> Optional[str]:
        """Why the session is over, or None."""
        return self._lost

    def fileno(self) -> int:
        """The connection's descriptor, for `poll` only; -1 once closed."""
        return self._connection.fileno()

    # Objects

    def lookup(self, keys: Sequence[bytes]) -> list[Optional[Address]]:
        """Locks the objects and says where they are; None for a miss."""
        return [Address._make(reply) if reply is not None else None for reply in self._batched(b"DAX.LOOKUP", keys)]

    def reserve(self, keys: Sequence[bytes], lengths: Sequence[int]) -> list[Reservation]:
        """A slot for each object; a length above `slot_bytes` is an error for all of them."""
        pairs = [word for key, length in zip(keys, lengths) for word in (key, b"%d" % length)]
        replies = self._batched(b"DAX.RESERVE", pairs, words_per_item=2)
        return [_reservation(reply, length) for reply, length in zip(replies, lengths)]

    def commit(self, tokens: Sequence[bytes]) -> list[bool]:
        return [reply == 1 for reply in self._batched(b"DAX.COMMIT", tokens)]

    def abort(self, tokens: Sequence[bytes]) -> None:
        self._batched(b"DAX.ABORT", tokens)

    def unlock(self, tokens: Sequence[bytes]) -> list[bool]:
        """Gives the locks back; True where a lock had held to this moment."""
        return [reply == 1 for reply in self._batched(b"DAX.UNLOCK", tokens)]

    def settle(self, keep: Sequence[bytes], give_back: Sequence[bytes]) -> tuple[list[bool], list[bool]]:
        """Asks in one round trip which locks have held to this moment, renewing some and giving back others."""
        kept: list[bool] = []
        given_back: list[bool] = []
        for renewing, unlocking in zip_longest(_slices(keep), _slices(give_back), fillvalue=()):
            commands = [(name, *tokens) for name, tokens in ((b"DAX.RENEW", renewing), (b"DAX.UNLOCK", unlocking)) if tokens]
            replies = [reply == 1 for answer in self._round_trip(commands) for reply in answer]
            kept += replies[: len(renewing)]
            given_back += replies[len(renewing) :]
        return kept, given_back

    def delete(self, keys: Sequence[bytes]) -> list[bool]:
        return [reply == 1 for reply in self._batched(b"DAX.DEL", keys)]

    # Commands

    def command(self, *words: bytes) -> Reply:
        """Any other command; raises ReplyError if the service refuses it."""
        return self._in_step(lambda connection: connection.call(*words))

    def descriptor(self, device_id: int) -> int:
        """The device's descriptor; the caller closes it."""
        return self._in_step(lambda connection: connection.call_for_descriptor(b"DAX.MAP", b"%d" % device_id))

    # Life

    def begin_writing(self) -> None:
        with self._state:
            if self._lost is not None:
                raise SessionLost(self._lost)
            self._writers += 1

    def end_writing(self) -> None:
        with self._state:
            self._writers -= 1
        self._close_if_over()

    def lose(self, reason: str) -> None:
        """Marks the session as over; nothing more is asked on it. Idempotent."""
        with self._state:
            if self._lost is not None:
                return
            self._lost = reason
        self._close_if_over()
        self.devices.let_go()
        self._on_lost()

    def close(self) -> None:
        self.lose("closed by the plugin")

    def _close_if_over(self) -> None:
        with self._state:
            if self._lost is None or self._writers:
                return
        with self._exchange:
            self._connection.close()
        self.payload.close()

    def _batched(self, name: bytes, words: Sequence[bytes], words_per_item: int = 1) -> list:
        """A command on any number of items, one round trip for every `BATCH_KEYS` of them."""
        replies = []
        for batch in _slices(words, BATCH_KEYS * words_per_item):
            try:
                answer = self._round_trip([(name, *batch)])[0]
            except ReplyError as refusal:
                if replies:  # what the earlier batches locked or reserved has no owner any more: end it
                    self._protest(f"{name.decode()} was refused half-way: {refusal}")
                raise
            if len(answer) * words_per_item != len(batch):
                self._protest(f"{name.decode()} answered {len(answer)} items to {len(batch)} words")
            replies += answer
        return replies

    def _round_trip(self, commands: Sequence[Sequence[bytes]]) -> list[list]:
        answers = self._in_step(lambda connection: connection.exchange(commands))
        for answer in answers:
            if isinstance(answer, ReplyError):
                raise answer
            if not isinstance(answer, list):
                self._protest(f"{commands[0][0].decode()} answered no array")
        return answers

    def _in_step(self, action: Callable[[Connection], T]) -> T:
        try:
            with self._exchange:
                if self._lost is not None:
                    raise SessionLost(self._lost)
                return action(self._connection)
        except ConnectionLost as failure:
            self.lose(str(failure))
            raise SessionLost(str(failure)) from failure
        except (ReplyError, SessionLost):
            raise
        except BaseException:  # the next caller would read the rest of this one's replies
            self.lose("interrupted in mid-reply")
            raise

    def _protest(self, message: str) -> NoReturn:
        self.lose(message)
        raise SessionLost(message)


def _reservation(reply: Reply, length: int) -> Reservation:
    if reply is None:
        return NO_ROOM
    if isinstance(reply, bytes):
        return EXISTS
    device_id, offset, token = reply
    return Address(device_id, offset, length, token)


def _slices(words: Sequence[bytes], step: int = BATCH_KEYS) -> list[Sequence[bytes]]:
    return [words[start : start + step] for start in range(0, len(words), step)]
