"""What the tier needs of LMCache's types, made of the standard library."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
import queue
import threading
import time
from typing import Any, Callable

WAIT_SECONDS = 20


@dataclass(frozen=True)
class ObjectKey:
    chunk_hash: bytes
    model_name: str = "test/model"
    kv_rank: int = 0x01000100
    object_group_id: int = 0
    cache_salt: str = ""


def key(number: int, salt: str = "") -> ObjectKey:
    return ObjectKey(number.to_bytes(32, "big"), cache_salt=salt)


class MemoryObj:
    """A buffer with an address, as LMCache's L1 hands it out."""

    def __init__(self, data: bytes) -> None:
        self._memory = (ctypes.c_ubyte * len(data)).from_buffer_copy(data)

    @property
    def data_ptr(self) -> int:
        return ctypes.addressof(self._memory)

    @property
    def byte_array(self) -> memoryview:
        return memoryview(self._memory)

    def get_size(self) -> int:
        return len(self._memory)

    def content(self) -> bytes:
        return bytes(self._memory)


def payload(number: int, length: int) -> bytes:
    """Bytes that tell which object they belong to, wherever one looks."""
    stamp = b"<%d>" % number
    return (stamp * (length // len(stamp) + 1))[:length]


class Awaited:
    """A `done` whose argument a test waits for."""

    def __init__(self) -> None:
        self._results: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def __call__(self, result: Any) -> None:
        self._results.put(result)

    def get(self) -> Any:
        return self._results.get(timeout=WAIT_SECONDS)


def awaited(operation: Callable[..., None], *arguments: Any) -> Any:
    """Runs an operation of the tier and returns what it gave to `done`."""
    done = Awaited()
    operation(*arguments, done)
    return done.get()


def eventually(condition: Callable[[], bool], seconds: float = WAIT_SECONDS) -> None:
    """Waits for what happens in another thread or process."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("it did not happen in time")
        threading.Event().wait(0.005)


def is_mapped_here(path: str) -> bool:
    with open("/proc/self/maps", encoding="utf-8") as maps:
        return any(path in line for line in maps)
