"""LMCache's L2 adapter interface over the tier; the only module that needs LMCache (0.5.0 to 0.5.6)."""

from __future__ import annotations

from contextlib import contextmanager
import itertools
import threading
from types import MappingProxyType
from typing import Any, Iterator, Optional, Union

from lmcache.logging import init_logger
from lmcache.v1.distributed.internal_api import L2StoreResult
from lmcache.v1.distributed.l2_adapters.base import AdapterUsage, L2AdapterInterface
from lmcache.v1.distributed.l2_adapters.config import L2AdapterConfigBase
from lmcache.v1.platform import create_event_notifier

try:
    from lmcache.lmcache_native import Bitmap
except ImportError:  # before 0.5.5
    from lmcache.native_storage_ops import Bitmap

from .settings import Settings
from .storing import Outcome
from .tier import Tier
from .workers import Completions

init_logger(__package__)  # our modules log where LMCache does

_GIB = 1024**3


class DaxtierL2AdapterConfig(L2AdapterConfigBase):
    """`adapter_params` of the plugin, checked."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.settings = settings

    @classmethod
    def from_dict(cls, d: dict[str, Any]) -> DaxtierL2AdapterConfig:
        return cls(Settings.from_dict(d))

    @classmethod
    def help(cls) -> str:
        return Settings.help()


class DaxtierL2Adapter(L2AdapterInterface):
    """Daxtier as an L2 adapter of LMCache. Thread-safe.

    Sizes: LMCache's accounting is told `slot_bytes` for a key that was stored, as LMCache's own `dax` adapter does it,
    but 0 for a key that was there already, so that usage per salt stays right. A store's byte count, which drives
    the throughput metrics, is what was copied.
    """

    def __init__(self, config: Union[DaxtierL2AdapterConfig, dict[str, Any]], l1_memory_desc: Any = None) -> None:
        settings = config.settings if isinstance(config, DaxtierL2AdapterConfig) else Settings.from_dict(config)
        super().__init__(max_capacity_bytes=int(settings.max_capacity_gb * _GIB))
        self._state = threading.Lock()
        self._is_closed = False
        task_ids = itertools.count()
        self._stores: Completions[L2StoreResult] = Completions(task_ids, create_event_notifier())
        self._lookups: Completions[Bitmap] = Completions(task_ids, create_event_notifier())
        self._loads: Completions[Bitmap] = Completions(task_ids, create_event_notifier())
        self._tier = Tier(settings)

    def get_store_event_fd(self) -> int:
        return self._stores.notifier.fileno()

    def get_lookup_and_lock_event_fd(self) -> int:
        return self._lookups.notifier.fileno()

    def get_load_event_fd(self) -> int:
        return self._loads.notifier.fileno()

    # Tasks

    def submit_store_task(self, keys: list, objects: list) -> int:
        _check_lengths(keys, objects)
        with self._open():
            task_id = self._stores.begin()
            self._tier.store(keys, objects, lambda outcomes: self._stored(task_id, keys, objects, outcomes))
            return task_id

    def pop_completed_store_tasks(self) -> dict[int, L2StoreResult]:
        return self._stores.take_all()

    def submit_lookup_and_lock_task(self, keys: list, *_layout: Any) -> int:
        """`_layout` is a hint that changed its type in 0.5.3 and that this adapter does not need."""
        with self._open():
            task_id = self._lookups.begin()
            self._tier.lookup(keys, lambda found: self._lookups.end(task_id, _bitmap(found)))
            return task_id

    def query_lookup_and_lock_result(self, task_id: int) -> Optional[Bitmap]:
        return self._lookups.take(task_id)

    def submit_unlock(self, keys: list) -> None:
        with self._state:
            if not self._is_closed:  # else the locks have ended with the session
                self._tier.unlock(keys)

    def submit_load_task(self, keys: list, objects: list) -> int:
        _check_lengths(keys, objects)
        with self._open():
            task_id = self._loads.begin()
            self._tier.load(keys, objects, lambda loaded: self._loaded(task_id, keys, loaded))
            return task_id

    def query_load_result(self, task_id: int) -> Optional[Bitmap]:
        return self._loads.take(task_id)

    # Management

    def delete(self, keys: list) -> None:
        """Deletes what nobody has locked; listeners hear of the keys that went."""
        if self._is_closed or not keys:
            return
        deleted = [key for key, was_deleted in zip(keys, self._tier.delete(keys)) if was_deleted]
        if deleted:
            self._notify_keys_deleted(deleted, self._counted_sizes(len(deleted)))

    def get_usage(self) -> AdapterUsage:
        """All clients' objects, as the service counts them; per salt, what this process stored and deleted.

        The capacity is `max_capacity_gb` if that is set, else the service's. Without the service: what this process
        knows itself.
        """
        own = super().get_usage()
        usage = None if self._is_closed else self._tier.usage()
        if usage is None:
            return own
        return AdapterUsage(
            total_bytes_used=usage.used_bytes,
            total_capacity_bytes=own.total_capacity_bytes or usage.capacity_bytes,
            bytes_by_cache_salt=MappingProxyType(dict(own.bytes_by_cache_salt)),
        )

    def report_status(self) -> dict[str, Any]:
        status = self._tier.status()
        return {
            **status,
            "is_healthy": status["is_healthy"] and not self._is_closed,
            "type": "daxtier",
            "inflight_store_tasks": len(self._stores),
            "inflight_lookup_tasks": len(self._lookups),
            "inflight_load_tasks": len(self._loads),
        }

    def close(self) -> None:
        """Waits for running copies, fails what is queued, ends the session (and with it all locks). Idempotent."""
        with self._state:
            if self._is_closed:
                return
            self._is_closed = True
        self._tier.close()
        for completions in (self._stores, self._lookups, self._loads):
            completions.notifier.close()

    @contextmanager
    def _open(self) -> Iterator[None]:
        """Keeps `close` away while a task is submitted."""
        with self._state:
            if self._is_closed:
                raise RuntimeError("DaxtierL2Adapter is closed")
            yield

    def _stored(self, task_id: int, keys: list, objects: list, outcomes: list[Outcome]) -> None:
        present = [(key, outcome) for key, outcome in zip(keys, outcomes) if outcome is not Outcome.FAILED]
        copied = sum(o.get_size() for o, outcome in zip(objects, outcomes) if outcome is Outcome.STORED)
        sizes = [self._tier.slot_bytes if outcome is Outcome.STORED else 0 for _, outcome in present]

        def announce() -> None:
            if present:
                self._notify_keys_stored([key for key, _ in present], sizes)

        self._stores.end(task_id, L2StoreResult(len(present) == len(keys), copied), announce)

    def _loaded(self, task_id: int, keys: list, loaded: list[bool]) -> None:
        def announce() -> None:
            if any(loaded):
                self._notify_keys_accessed([key for key, is_loaded in zip(keys, loaded) if is_loaded])

        self._loads.end(task_id, _bitmap(loaded), announce)

    def _counted_sizes(self, count: int) -> list[int]:
        """What to take off LMCache's accounting for deleted keys: nothing if others stored them."""
        size = self._tier.slot_bytes
        return [size if count * size <= self._total_bytes_used else 0] * count


def _check_lengths(keys: list, objects: list) -> None:
    if len(keys) != len(objects):
        raise ValueError(f"{len(keys)} keys but {len(objects)} objects")


def _bitmap(bits: list[bool]) -> Bitmap:
    bitmap = Bitmap(len(bits))
    for index, is_set in enumerate(bits):
        if is_set:
            bitmap.set(index)
    return bitmap
