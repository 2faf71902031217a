"""The tier as LMCache needs it, without LMCache: store, look up and lock, load, unlock, delete, in the background."""

from __future__ import annotations

from functools import partial
import logging
import time
from typing import Any, Callable, NamedTuple, Optional, Sequence

from .keys import encode_keys
from .keeper import SessionKeeper
from .loading import LoadJob
from .locks import LockTable
from .resp import ReplyError
from .session import SessionLost
from .settings import Settings
from .storing import Outcome, StoreJob
from .workers import WorkerPool

log = logging.getLogger(__name__)


class Usage(NamedTuple):
    """What the service says of all its clients' objects together, in bytes of occupied slots."""

    used_bytes: int
    capacity_bytes: int


class Tier:
    """A client of one Daxtier service. Thread-safe.

    Keys are LMCache's `ObjectKey`s and buffers its `MemoryObj`s (of which only `get_size`, `data_ptr` and
    `byte_array` are used). Every operation ends in bounded time and calls its `done` exactly once; without a session
    it fails at once: a failed store, a miss.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._keeper = SessionKeeper(settings)
        self._locks = LockTable(settings.lock_timeout)
        self._store_pool = WorkerPool("store", settings.num_store_workers)
        self._lookup_pool = WorkerPool("lookup", settings.num_lookup_workers)
        self._load_pool = WorkerPool("load", settings.num_load_workers)
        self._keeper.start()

    @property
    def slot_bytes(self) -> int:
        """Of the service; 0 while it has never been reached."""
        return self._keeper.slot_bytes

    def store(self, keys: Sequence[Any], buffers: Sequence[Any], done: Callable[[list[Outcome]], None]) -> None:
        job = StoreJob(self._keeper.session, self._store_pool, keys, buffers, done)
        self._store_pool.submit(job.run)

    def load(self, keys: Sequence[Any], buffers: Sequence[Any], done: Callable[[list[bool]], None]) -> None:
        job = LoadJob(self._keeper.session, self._load_pool, self._locks, keys, buffers, done)
        self._load_pool.submit(job.run)

    def lookup(self, keys: Sequence[Any], done: Callable[[list[bool]], None]) -> None:
        """Locks what is found, until as many `unlock`s."""
        self._lookup_pool.submit(partial(self._lookup, keys, done))

    def unlock(self, keys: Sequence[Any]) -> None:
        self._lookup_pool.submit(partial(self._unlock, keys))

    def delete(self, keys: Sequence[Any]) -> list[bool]:
        """Deletes what is not locked, and says what that was. Waits for the service."""
        try:
            return self._keeper.session().delete(encode_keys(keys))
        except (SessionLost, ReplyError) as failure:
            log.debug("delete failed: %s", failure)
            return [False] * len(keys)

    def usage(self) -> Optional[Usage]:
        """None while the service cannot be reached. Waits for it."""
        try:
            lines = self._keeper.session().command(b"INFO", b"memory").decode().splitlines()
            fields = dict(line.split(":", 1) for line in lines if ":" in line)
            return Usage(int(fields["used_memory"]), int(fields["maxmemory"]))
        except (SessionLost, ReplyError) as failure:
            log.debug("no usage: %s", failure)
            return None

    def status(self) -> dict[str, Any]:
        """A snapshot for people and probes; asks nobody."""
        return {
            "is_healthy": self._keeper.is_connected,
            "address": self.settings.address,
            "last_failure": self._keeper.last_failure,
            "reconnects": self._keeper.reconnects,
            "locked_key_count": len(self._locks),
            **self._keeper.device_status(),
        }

    def close(self) -> None:
        """Lets running copies end and what is queued fail, then ends the session. Call it once."""
        self._keeper.stop_serving()
        for pool in (self._lookup_pool, self._load_pool, self._store_pool):
            pool.close()
        self._keeper.close()

    def _lookup(self, keys: Sequence[Any], done: Callable[[list[bool]], None]) -> None:
        found = [False] * len(keys)
        try:
            session = self._keeper.session()
            now = time.monotonic()
            session.unlock(self._locks.expire(session, now))
            encoded = encode_keys(keys)
            addresses = session.lookup(encoded)
            self._locks.add(session, encoded, addresses, now)
            found = [address is not None for address in addresses]
        except SessionLost as lost:
            log.debug("lookup failed: %s", lost)
        except Exception:
            log.exception("lookup failed")
        finally:
            done(found)

    def _unlock(self, keys: Sequence[Any]) -> None:
        try:
            session = self._keeper.session()
            session.unlock(self._locks.give_back(session, encode_keys(keys)))
        except SessionLost:
            pass  # the locks ended with the session
