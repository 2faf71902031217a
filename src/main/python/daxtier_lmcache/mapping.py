"""A device's bytes in this process: one shared mapping, and the copies between it and LMCache's buffers."""

from __future__ import annotations

import ctypes
import mmap
import os
import stat
import threading
from typing import Callable
import weakref

COPY_PIECE_BYTES = 16 * 1024 * 1024
"""A writer asks between two pieces whether it still may: so soon it stops when the service has gone."""

_POPULATE_BYTES = 2 * 1024 * 1024
_MADV_POPULATE_WRITE = 23
_MAP_FAILED = ctypes.c_void_p(-1).value

_libc = ctypes.CDLL(None, use_errno=True)
_libc.mmap.restype = ctypes.c_void_p
_libc.mmap.argtypes = (
    ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long,
)  # fmt: skip
_libc.munmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t)
_libc.madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)


class MappingError(Exception):
    """The device cannot be mapped; the message says why."""


class Mapping:
    """A device mapped read-write. Thread-safe.

    Whoever copies holds a reference; the memory is unmapped when the last reference goes. mmap is called directly
    and not through the `mmap` module, which would keep a duplicate of the descriptor, and with it the device, open.
    """

    def __init__(self, descriptor: int, size_bytes: int) -> None:
        """Maps `size_bytes`, rounded down to the device's alignment; the descriptor stays the caller's."""
        self.length = _mappable_length(descriptor, size_bytes)
        address = _libc.mmap(
            None, self.length, mmap.PROT_READ | mmap.PROT_WRITE, mmap.MAP_SHARED, descriptor, 0
        )
        if address == _MAP_FAILED:
            error = ctypes.get_errno()
            raise MappingError(f"mmap of {self.length} bytes: {os.strerror(error)}")
        self._address = address
        self._populated: set[int] = set()
        self._populate_works = True
        self._guard = threading.Lock()
        unmap = weakref.finalize(self, _libc.munmap, address, self.length)
        unmap.atexit = False  # a daemon thread may still be copying then

    @classmethod
    def of_path(cls, path: str, size_bytes: int) -> Mapping:
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except OSError as failure:
            raise MappingError(f"open: {failure.strerror}") from failure
        try:
            return cls(descriptor, size_bytes)
        finally:
            os.close(descriptor)

    def holds(self, offset: int, length: int) -> bool:
        return offset >= 0 and length >= 0 and offset + length <= self.length

    def read(self, offset: int, length: int, target: int) -> None:
        """Copies out to the address `target`, without the interpreter lock."""
        self._check(offset, length)
        ctypes.memmove(target, self._address + offset, length)

    def peek(self, offset: int, length: int) -> bytes:
        """A copy of a few bytes."""
        self._check(offset, length)
        return ctypes.string_at(self._address + offset, length)

    def write(self, offset: int, length: int, source: int, may_go_on: Callable[[], bool]) -> bool:
        """Copies in from the address `source`; False if `may_go_on` said no before the end."""
        self._check(offset, length)
        self._populate(offset, length)
        for start in range(0, length, COPY_PIECE_BYTES):
            if not may_go_on():
                return False
            piece = min(COPY_PIECE_BYTES, length - start)
            ctypes.memmove(self._address + offset + start, source + start, piece)
        return True

    def _check(self, offset: int, length: int) -> None:
        if not self.holds(offset, length):
            raise ValueError(f"[{offset}, {offset + length}) is outside of the {self.length} mapped bytes")

    def _populate(self, offset: int, length: int) -> None:
        """Makes the page tables in one call instead of one fault a page, the first time a part is written."""
        granules = range(offset // _POPULATE_BYTES, -(-(offset + length) // _POPULATE_BYTES))
        with self._guard:
            fresh = [granule for granule in granules if granule not in self._populated]
            self._populated.update(fresh)
        if fresh and self._populate_works:
            start = fresh[0] * _POPULATE_BYTES
            end = min((fresh[-1] + 1) * _POPULATE_BYTES, self.length)
            if _libc.madvise(self._address + start, end - start, _MADV_POPULATE_WRITE) != 0:
                self._populate_works = False  # a kernel before 5.14: faults do it page by page


def _mappable_length(descriptor: int, size_bytes: int) -> int:
    """What may be mapped of `size_bytes`: the kernel would map more than there is, and kill at the first touch."""
    status = os.fstat(descriptor)
    if stat.S_ISREG(status.st_mode):
        available, alignment = status.st_size, 1
    elif stat.S_ISCHR(status.st_mode):
        folder = f"/sys/dev/char/{os.major(status.st_rdev)}:{os.minor(status.st_rdev)}"
        available, alignment = _number(f"{folder}/size"), _number(f"{folder}/align")
    else:
        raise MappingError("neither a character device nor a regular file")
    length = size_bytes - size_bytes % alignment
    if not 0 < length <= available:
        raise MappingError(f"{available} bytes long, the service says {size_bytes}")
    return length


def _number(path: str) -> int:
    try:
        with open(path, encoding="ascii") as file:
            return int(file.read())
    except (OSError, ValueError) as failure:
        raise MappingError(f"cannot read {path}: {failure}") from failure
