"""A double of the service for what the real one does only by accident: losing locks, stalling, dying in mid-reply."""

from __future__ import annotations

import array
from collections import OrderedDict
import itertools
import os
import secrets
import socket
import threading
from typing import Callable, Optional

OK = object()
ERROR = type("Error", (str,), {})
RAW = type("Raw", (bytes,), {})  # sent as it is


class FakeService:
    """Speaks the commands that the plugin uses; every command may be intercepted by the test.

    One lock guards everything; objects live in a real file, so that clients can map it.
    """

    def __init__(
        self, folder: str, slot_bytes: int = 64 * 1024, slots: int = 16, unix: bool = False, share: bool = False,
        password: str = "", devices: int = 1,
    ) -> None:  # fmt: skip
        self.slot_bytes, self.slots, self.share, self.password = slot_bytes, slots, share, password
        self.path_shown: Optional[str] = None
        self.paths = [os.path.join(folder, f"device{i}") for i in range(devices)]
        for path in self.paths:
            with open(path, "wb") as file:
                file.truncate(slot_bytes * slots)
        self.unix_socket = os.path.join(folder, "socket") if unix else ""
        self.guard = threading.RLock()
        self.before: dict[bytes, Callable[[], None]] = {}
        self.answers: dict[bytes, object] = {}
        self.commands: list[list[bytes]] = []
        self.port = 0
        self._epochs = itertools.count(1)
        self.start()

    @property
    def parameters(self) -> dict:
        return {"unix_socket": self.unix_socket} if self.unix_socket else {"port": self.port}

    def start(self) -> None:
        """Comes up empty, at the same address as before, with a new epoch."""
        self.epoch = next(self._epochs)
        self.objects: OrderedDict[bytes, tuple[int, int, int]] = OrderedDict()
        self.pins: dict[tuple[int, int], int] = {}
        self.free = [(d, s) for s in range(self.slots) for d in range(len(self.paths))]
        self.sessions: set[_Session] = set()
        self._listener = socket.socket(socket.AF_UNIX if self.unix_socket else socket.AF_INET)
        if self.unix_socket:
            if os.path.exists(self.unix_socket):
                os.unlink(self.unix_socket)
            self._listener.bind(self.unix_socket)
        else:
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._listener.bind(("127.0.0.1", self.port))
            self.port = self._listener.getsockname()[1]
        self._listener.listen()
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def kill(self) -> None:
        """Dies with all its connections."""
        if self._listener.fileno() >= 0:
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
        for session in list(self.sessions):
            session.hang_up()

    def drop_locks(self) -> None:
        """As a forced removal does it."""
        with self.guard:
            for session in self.sessions:
                session.locks.clear()

    @property
    def lock_count(self) -> int:
        with self.guard:
            return sum(len(session.locks) for session in self.sessions)

    @property
    def reservation_count(self) -> int:
        with self.guard:
            return sum(len(session.reservations) for session in self.sessions)

    def overwrite(self, key: bytes, data: bytes) -> None:
        """Puts other bytes where the object lies."""
        device, slot, _ = self.objects[key]
        self.put(device, slot, data)

    def put(self, device: int, slot: int, data: bytes) -> None:
        with open(self.paths[device], "r+b") as file:
            file.seek(slot * self.slot_bytes)
            file.write(data)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            session = _Session(self, connection)
            with self.guard:
                self.sessions.add(session)
            threading.Thread(target=session.serve, daemon=True).start()


class _Session:
    def __init__(self, service: FakeService, connection: socket.socket) -> None:
        self.service = service
        self.connection = connection
        self.locks: dict[bytes, tuple] = {}
        self.reservations: dict[bytes, tuple] = {}

    def hang_up(self) -> None:
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def serve(self) -> None:
        reader = self.connection.makefile("rb")
        try:
            while line := reader.readline():
                words = []
                for _ in range(int(line[1:])):
                    length = int(reader.readline()[1:])
                    words.append(reader.read(length + 2)[:-2])
                self._answer(words)
        except (OSError, ValueError):
            pass
        finally:
            with self.service.guard:
                self.service.sessions.discard(self)
                self.service.free += [(device, slot) for _, device, slot, _ in self.reservations.values()]
            self.connection.close()

    def _answer(self, words: list[bytes]) -> None:
        name = words[0].upper()
        hook = self.service.before.get(name)
        if hook is not None:
            hook()
        with self.service.guard:
            self.service.commands.append(words)
            if name in self.service.answers:
                reply = self.service.answers[name]
            else:
                handler = getattr(self, "_" + name.decode().replace(".", "_").lower())
                reply = handler(*words[1:])
        if reply is not None or name != b"DAX.MAP":
            self.connection.sendall(_encode(reply))

    def _auth(self, *words: bytes) -> object:
        return OK if words[-1].decode() == self.service.password else ERROR("WRONGPASS invalid password")

    def _client(self, *_: bytes) -> object:
        return OK

    def _info(self, *_: bytes) -> bytes:
        used = self.service.slots * len(self.service.paths) - len(self.service.free)
        capacity = self.service.slots * len(self.service.paths) * self.service.slot_bytes
        return b"# Memory\r\nused_memory:%d\r\nmaxmemory:%d\r\n" % (used * self.service.slot_bytes, capacity)

    def _set(self, key: bytes, data: bytes, *options: bytes) -> object:
        service = self.service
        if b"NX" in options and key in service.objects:
            return None
        if not service.free:
            return ERROR("OOM no free slot")
        device, slot = service.free.pop(0)
        service.put(device, slot, data)
        self._del(key)
        service.objects[key] = (device, slot, len(data))
        return OK

    def _get(self, key: bytes) -> Optional[bytes]:
        if key not in self.service.objects:
            return None
        device, slot, length = self.service.objects[key]
        with open(self.service.paths[device], "rb") as file:
            file.seek(slot * self.service.slot_bytes)
            return file.read(length)

    def _del(self, *keys: bytes) -> int:
        gone = [self.service.objects.pop(key) for key in keys if key in self.service.objects]
        self.service.free += [(device, slot) for device, slot, _ in gone]
        return len(gone)

    def _dax_info(self) -> list:
        shown = self.service.path_shown
        size = self.service.slots * self.service.slot_bytes
        devices = [[i, (shown or path).encode(), size, b"active"] for i, path in enumerate(self.service.paths)]
        return [b"epoch-%d" % self.service.epoch, self.service.slot_bytes, devices]

    def _dax_map(self, device: bytes) -> Optional[object]:
        if not self.service.share:
            return ERROR("ERR sharing of devices is off")
        descriptor = os.open(self.service.paths[int(device)], os.O_RDWR)
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [descriptor]))]
        self.connection.sendmsg([b"+OK\r\n"], rights)
        os.close(descriptor)
        return None

    def _dax_reserve(self, *words: bytes) -> object:
        pairs = [(words[i], int(words[i + 1])) for i in range(0, len(words), 2)]
        if len(pairs) > 4096 or any(length > self.service.slot_bytes for _, length in pairs):
            return ERROR("ERR invalid length")
        return [self._reserve(key, length) for key, length in pairs]

    def _reserve(self, key: bytes, length: int) -> Optional[object]:
        if key in self.service.objects:
            return b"EXISTS"
        if not self.service.free:
            return None
        device, slot = self.service.free.pop(0)
        token = secrets.token_hex(8).encode()
        self.reservations[token] = (key, device, slot, length)
        return [device, slot * self.service.slot_bytes, token]

    def _dax_commit(self, *tokens: bytes) -> list:
        return [int(self._commit(token)) for token in tokens]

    def _commit(self, token: bytes) -> bool:
        reservation = self.reservations.pop(token, None)
        if reservation is None:
            return False
        key, device, slot, length = reservation
        if key in self.service.objects:
            self.service.free.append((device, slot))
        else:
            self.service.objects[key] = (device, slot, length)
        return True

    def _dax_abort(self, *tokens: bytes) -> list:
        aborted = [self.reservations.pop(token, None) for token in tokens]
        self.service.free += [(r[1], r[2]) for r in aborted if r is not None]
        return [int(reservation is not None) for reservation in aborted]

    def _dax_lookup(self, *keys: bytes) -> list:
        return [self._lookup(key) for key in keys]

    def _lookup(self, key: bytes) -> Optional[list]:
        found = self.service.objects.get(key)
        if found is None:
            return None
        token = secrets.token_hex(8).encode()
        self.locks[token] = (key, found)
        device, slot, length = found
        return [device, slot * self.service.slot_bytes, length, token]

    def _dax_renew(self, *tokens: bytes) -> list:
        return [int(token in self.locks) for token in tokens]

    def _dax_unlock(self, *tokens: bytes) -> list:
        return [int(self.locks.pop(token, None) is not None) for token in tokens]

    def _dax_del(self, *keys: bytes) -> list:
        locked = {key for session in self.service.sessions for key, _ in session.locks.values()}
        return [0 if key in locked else self._del(key) for key in keys]


def _encode(reply: object) -> bytes:
    if reply is OK:
        return b"+OK\r\n"
    if reply is None:
        return b"$-1\r\n"
    if isinstance(reply, ERROR):
        return b"-%b\r\n" % reply.encode()
    if isinstance(reply, RAW):
        return reply
    if isinstance(reply, int):
        return b":%d\r\n" % reply
    if isinstance(reply, bytes):
        return b"$%d\r\n%b\r\n" % (len(reply), reply)
    return b"*%d\r\n" % len(reply) + b"".join(_encode(item) for item in reply)
