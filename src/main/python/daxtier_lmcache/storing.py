"""The life of a store task: reserve slots for all objects, copy them in, commit."""

from __future__ import annotations

import enum
import logging
from typing import Any, Callable, Optional, Sequence

from .keys import encode_keys
from .parts import Transfer, in_parts
from .payload import PayloadLost
from .resp import ReplyError
from .session import EXISTS, Address, Session, SessionLost
from .workers import WorkerPool

log = logging.getLogger(__name__)


class Outcome(enum.Enum):
    STORED = "stored"
    EXISTED = "existed"
    FAILED = "failed"


class StoreJob:
    """One store task; runs on the store workers and calls `done` exactly once, whatever happens."""

    def __init__(
        self,
        session: Callable[[], Session],
        pool: WorkerPool,
        keys: Sequence[Any],
        objects: Sequence[Any],
        done: Callable[[list[Outcome]], None],
    ) -> None:
        self._current_session = session
        self._pool = pool
        self._keys = keys
        self._objects = objects
        self._done = done
        self._session: Optional[Session] = None
        self._transfers: list[Transfer] = []
        self._held: set[bytes] = set()  # tokens of reservations that are neither committed nor aborted
        self._outcomes = [Outcome.FAILED] * len(keys)

    def run(self) -> None:
        try:
            session = self._current_session()
            session.begin_writing()
            self._session = session
            self._transfers = self._reserve(session)
        except SessionLost as lost:
            log.debug("store failed: %s", lost)
        except Exception:
            log.exception("store failed")
        in_parts(self._pool, self._transfers, self._copy, self._finish)

    def _reserve(self, session: Session) -> list[Transfer]:
        slot_bytes = session.devices.slot_bytes
        transfers = [
            Transfer(index, key, buffer, buffer.get_size())
            for index, (key, buffer) in enumerate(zip(encode_keys(self._keys), self._objects))
        ]
        fitting = [transfer for transfer in transfers if 0 < transfer.length <= slot_bytes]
        if len(fitting) < len(transfers):
            session.complain(f"objects that are empty or larger than a slot ({slot_bytes} bytes) are not stored")
        if not session.devices.mapped_ids():
            return fitting
        reservations = session.reserve([t.key for t in fitting], [t.length for t in fitting])
        reserved = []
        for transfer, reservation in zip(fitting, reservations):
            if isinstance(reservation, Address):
                transfer.address = reservation
                self._held.add(reservation.token)
                reserved.append(transfer)
            elif reservation == EXISTS:
                self._outcomes[transfer.index] = Outcome.EXISTED
        self._find_mappings(session, reserved)
        return reserved

    def _find_mappings(self, session: Session, reserved: Sequence[Transfer]) -> None:
        """Gives up the slots on devices that are not mapped here: those objects go over the connection."""
        unreachable = []
        for transfer in reserved:
            device_id, offset, length, token = transfer.address
            transfer.mapping = session.devices.mapping_for(device_id, offset, length)
            if transfer.mapping is None:
                transfer.address = None
                unreachable.append(token)
        session.abort(unreachable)
        self._held.difference_update(unreachable)

    def _copy(self, transfer: Transfer) -> None:
        try:
            if transfer.mapping is not None:
                session = self._session
                transfer.is_copied = transfer.mapping.write(
                    transfer.address.offset, transfer.length, transfer.buffer.data_ptr, lambda: session.is_alive
                )
            elif self._session.payload.store(transfer.key, transfer.view(transfer.length)):
                self._outcomes[transfer.index] = Outcome.STORED
            else:
                self._outcomes[transfer.index] = Outcome.EXISTED
        except (PayloadLost, ReplyError) as failure:
            log.debug("store of %s failed: %s", transfer.key, failure)
        except Exception:
            log.exception("store of %s failed", transfer.key)

    def _finish(self) -> None:
        try:
            if self._session is not None:
                self._commit(self._session)
        except (SessionLost, ReplyError) as failure:
            log.debug("commit failed: %s", failure)
        except Exception:
            log.exception("commit failed")
        finally:
            if self._session is not None:
                self._session.end_writing()
            self._done(self._outcomes)

    def _commit(self, session: Session) -> None:
        copied = [t for t in self._transfers if t.address is not None and t.is_copied]
        results = session.commit([t.address.token for t in copied])
        for transfer, is_stored in zip(copied, results):
            if is_stored:
                self._outcomes[transfer.index] = Outcome.STORED
                self._held.discard(transfer.address.token)
        # An expired reservation keeps its slot until we say that we write no more.
        session.abort(list(self._held))
