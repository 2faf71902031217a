"""The life of a load task: borrow or take the locks, copy out, and believe only what was locked to the end."""

from __future__ import annotations

import logging
from typing import Any, Callable, Optional, Sequence

from .keys import encode_keys
from .locks import Lock, LockTable
from .parts import Transfer, in_parts
from .payload import PayloadLost
from .resp import ReplyError
from .session import Address, Session, SessionLost
from .workers import WorkerPool

log = logging.getLogger(__name__)


class LoadJob:
    """One load task; runs on the load workers and calls `done` exactly once, whatever happens.

    A key that a lookup has locked is read under that lock, and the lock stays for the unlock that follows: after the
    copy DAX.RENEW says whether it still holds. Any other key is locked here and unlocked after the copy: DAX.UNLOCK
    says the same. An object counts as loaded only if the answer is yes.
    """

    def __init__(
        self,
        session: Callable[[], Session],
        pool: WorkerPool,
        locks: LockTable,
        keys: Sequence[Any],
        objects: Sequence[Any],
        done: Callable[[list[bool]], None],
    ) -> None:
        self._current_session = session
        self._pool = pool
        self._locks = locks
        self._keys = keys
        self._objects = objects
        self._done = done
        self._session: Optional[Session] = None
        self._transfers: list[Transfer] = []
        self._borrowed: dict[int, Lock] = {}
        self._own: dict[int, Address] = {}
        self._loaded = [False] * len(keys)

    def run(self) -> None:
        try:
            self._session = self._current_session()
            self._transfers = self._locate(self._session)
        except SessionLost as lost:
            log.debug("load failed: %s", lost)
        except Exception:
            log.exception("load failed")
        in_parts(self._pool, self._transfers, self._copy, self._finish)

    def _locate(self, session: Session) -> list[Transfer]:
        keys = encode_keys(self._keys)
        borrowed = self._locks.borrow(session, keys)
        self._borrowed = {index: lock for index, lock in enumerate(borrowed) if lock is not None}
        unlocked = [index for index, lock in enumerate(borrowed) if lock is None]
        found = session.lookup([keys[index] for index in unlocked])
        self._own = {index: address for index, address in zip(unlocked, found) if address is not None}
        addresses = {index: lock.address for index, lock in self._borrowed.items()} | self._own
        transfers = []
        for index, address in sorted(addresses.items()):
            buffer = self._objects[index]
            if address.length <= buffer.get_size():
                mapping = session.devices.mapping_for(address.device_id, address.offset, address.length)
                transfers.append(Transfer(index, keys[index], buffer, address.length, address, mapping))
        return transfers

    def _copy(self, transfer: Transfer) -> None:
        try:
            if transfer.mapping is not None:
                if self._session.is_alive:
                    transfer.mapping.read(transfer.address.offset, transfer.length, transfer.buffer.data_ptr)
                    transfer.is_copied = True
            else:
                target = transfer.view(transfer.buffer.get_size())
                self._loaded[transfer.index] = self._session.payload.load(transfer.key, target) is not None
        except (PayloadLost, ReplyError) as failure:
            log.debug("load of %s failed: %s", transfer.key, failure)
        except Exception:
            log.exception("load of %s failed", transfer.key)

    def _finish(self) -> None:
        try:
            if self._session is not None:
                self._settle(self._session)
        except (SessionLost, ReplyError) as failure:
            log.debug("a copy could not be confirmed: %s", failure)
        except Exception:
            log.exception("a copy could not be confirmed")
        finally:
            self._done(self._loaded)

    def _settle(self, session: Session) -> None:
        copied = {transfer.index for transfer in self._transfers if transfer.is_copied}
        renewing = [index for index in self._borrowed if index in copied]
        try:
            kept, given_back = session.settle(
                [self._borrowed[index].address.token for index in renewing],
                [address.token for address in self._own.values()],
            )
            for index, has_held in [*zip(renewing, kept), *zip(self._own, given_back)]:
                if index in copied:
                    self._loaded[index] = has_held
            self._locks.forget([self._borrowed[index] for index, has_held in zip(renewing, kept) if not has_held])
        finally:
            given_back_meanwhile = self._locks.end_borrow(list(self._borrowed.values()))
        session.unlock(given_back_meanwhile)
