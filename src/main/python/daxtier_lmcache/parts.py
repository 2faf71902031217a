"""Cuts a task's transfers into parts that several workers do at the same time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, Callable, Optional, Sequence

from .mapping import Mapping
from .session import Address
from .workers import Countdown, WorkerPool

SMALLEST_PART_BYTES = 2 * 1024 * 1024
"""Below this a copy is over sooner than another thread has woken up."""


@dataclass
class Transfer:
    """One object between LMCache's buffer and the tier: through a mapping, or over the connection if there is none."""

    index: int
    key: bytes
    buffer: Any
    length: int
    address: Optional[Address] = None
    mapping: Optional[Mapping] = None
    is_copied: bool = False

    def view(self, length: int) -> memoryview:
        """The first bytes of the buffer."""
        return memoryview(self.buffer.byte_array).cast("B")[:length]


def in_parts(
    pool: WorkerPool, transfers: Sequence[Transfer], work: Callable[[Transfer], None], then: Callable[[], None]
) -> None:
    """Does `work` for every transfer on up to all workers of the pool, this one included, and `then` once after them.

    `work` must not raise.
    """
    parts = split(transfers, pool.count)
    if not parts:
        then()
        return
    countdown = Countdown(len(parts), then)
    for part in parts[1:]:
        pool.submit(partial(_do, part, work, countdown))
    _do(parts[0], work, countdown)


def split(transfers: Sequence[Transfer], most: int) -> list[list[Transfer]]:
    """At most `most` runs of about the same number of bytes, in order."""
    total = sum(transfer.length for transfer in transfers)
    count = max(1, min(most, total // SMALLEST_PART_BYTES))
    parts: list[list[Transfer]] = [[] for _ in range(count)]
    before = 0
    for transfer in transfers:
        middle = before + transfer.length // 2
        parts[min(count - 1, middle * count // max(1, total))].append(transfer)
        before += transfer.length
    return [part for part in parts if part]


def _do(part: Sequence[Transfer], work: Callable[[Transfer], None], countdown: Countdown) -> None:
    try:
        for transfer in part:
            work(transfer)
    finally:
        countdown.part_done()
