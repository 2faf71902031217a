"""The locks that lookups took for LMCache and that its unlocks will give back."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
import threading
from typing import Optional, Sequence

from .session import Address, Session


@dataclass(eq=False, slots=True)
class Lock:
    """One reference that one lookup took. Its fields are guarded by the table."""

    key: bytes
    address: Address
    session: Session
    taken: float
    readers: int = 0
    is_given_back: bool = False


class LockTable:
    """Every lock by its key. Thread-safe.

    Two lookups of a key are two locks, and each unlock gives one back: the newest that no load is reading, else the
    newest, which then stays until that load ends. A load only borrows a lock and leaves it to the unlock that
    follows, unless the service says that it was lost. Locks of an ended session count no more: they ended with it.
    """

    def __init__(self, lifetime_seconds: float) -> None:
        self._lifetime = lifetime_seconds
        self._guard = threading.Lock()
        self._by_key: dict[bytes, list[Lock]] = {}
        self._by_age: OrderedDict[Lock, None] = OrderedDict()

    def __len__(self) -> int:
        """How many keys are locked, however often each."""
        return len(self._by_key)

    def add(self, session: Session, keys: Sequence[bytes], addresses: Sequence[Optional[Address]], now: float) -> None:
        """Remembers what a lookup found at the time `now` (monotonic, seconds)."""
        with self._guard:
            for key, address in zip(keys, addresses):
                if address is not None:
                    lock = Lock(key, address, session, now)
                    self._by_key.setdefault(key, []).append(lock)
                    self._by_age[lock] = None

    def borrow(self, session: Session, keys: Sequence[bytes]) -> list[Optional[Lock]]:
        """For each key its newest lock, which stays until it is returned, or None."""
        with self._guard:
            found = [self._newest(session, key) for key in keys]
            for lock in found:
                if lock is not None:
                    lock.readers += 1
            return found

    def end_borrow(self, locks: Sequence[Lock]) -> list[bytes]:
        """Returns what was borrowed; the tokens in the answer were given back meanwhile and are to be unlocked."""
        with self._guard:
            for lock in locks:
                lock.readers -= 1
            return [lock.address.token for lock in locks if lock.is_given_back and not lock.readers and self._drop(lock)]

    def forget(self, locks: Sequence[Lock]) -> None:
        """The service said that these are lost."""
        with self._guard:
            for lock in locks:
                self._drop(lock)

    def give_back(self, session: Session, keys: Sequence[bytes]) -> list[bytes]:
        """One lock less for each key; the tokens in the answer are to be unlocked. Unlocked keys are ignored."""
        tokens = []
        with self._guard:
            for key in keys:
                lock = self._newest(session, key, idle_first=True)
                if lock is None:
                    continue
                lock.is_given_back = True
                if not lock.readers:
                    self._drop(lock)
                    tokens.append(lock.address.token)
        return tokens

    def expire(self, session: Session, now: float) -> list[bytes]:
        """Drops locks that nobody gave back in time and those of ended sessions; the tokens are to be unlocked."""
        tokens = []
        with self._guard:
            while self._by_age:
                oldest = next(iter(self._by_age))
                is_ours = oldest.session is session
                if is_ours and (oldest.readers or now - oldest.taken < self._lifetime):
                    break
                self._drop(oldest)
                if is_ours:
                    tokens.append(oldest.address.token)
        return tokens

    def _newest(self, session: Session, key: bytes, idle_first: bool = False) -> Optional[Lock]:
        newest = None
        for lock in reversed(self._by_key.get(key, ())):
            if lock.session is session and not lock.is_given_back:
                if not lock.readers or not idle_first:
                    return lock
                newest = newest or lock
        return newest

    def _drop(self, lock: Lock) -> bool:
        """Takes the lock out; False if it is out already."""
        if lock not in self._by_age:
            return False
        del self._by_age[lock]
        locks = self._by_key[lock.key]
        locks.remove(lock)
        if not locks:
            del self._by_key[lock.key]
        return True
