"""The fast path from a Python client that maps the device itself, beside a plain copy of the same bytes in this process.

    fastpath_bench.py SOCKET DEVICE

One command for a batch of 64 MiB. Copies are memoryview slices, one memcpy each. The plain copies go to and from the same slots. The two are
measured in random order. Prints Markdown tables.
"""

import mmap
import random
import socket
import statistics
import sys
import time

SIZES_MIB = (1, 4, 16, 64)
ROUNDS = 21
BATCH_BYTES = 64 << 20


class Peer:
    """One connection."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.input = self.socket.makefile("rb")

    def ask(self, *words):
        """All scalars of the reply, nested ones included."""
        words = [w.encode() if isinstance(w, str) else w for w in words]
        self.socket.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words))
        scalars = []
        self._read(scalars)
        return scalars

    def _read(self, scalars):
        line = self.input.readline()[:-2]
        kind, rest = line[:1], line[1:]
        if kind == b"*":
            for _ in range(int(rest)):
                self._read(scalars)
        elif kind == b"$":
            scalars.append(None if rest == b"-1" else self.input.readline()[:-2])
        elif kind == b"-":
            raise RuntimeError(line)
        else:
            scalars.append(rest)


def mapped(path):
    with open(path, "r+b") as file:
        return memoryview(mmap.mmap(file.fileno(), 0))


KEYS = [f"py{i}" for i in range(64)]


def reserve(peer, keys, length):
    return peer.ask("DAX.RESERVE", *(word for key in keys for word in (key, str(length))))


def all_good(peer, command, tokens):
    assert peer.ask(command, *tokens) == [b"1"] * len(tokens)


def batch(store, whole, peer, device, own):
    """Seconds to store or load all objects: with the two round trips to the service, or only the copies between them."""
    keys = KEYS[: BATCH_BYTES // len(own)]
    if not store:
        all_good(peer, "DAX.COMMIT", reserve(peer, keys, len(own))[2::3])
    begun = time.perf_counter()
    grants = reserve(peer, keys, len(own)) if store else peer.ask("DAX.LOOKUP", *keys)
    granted = time.perf_counter()
    scalars = 3 if store else 4
    for offset in map(int, grants[1::scalars]):
        if store:
            device[offset : offset + len(own)] = own
        else:
            own[:] = device[offset : offset + len(own)]
    copied = time.perf_counter()
    all_good(peer, "DAX.COMMIT" if store else "DAX.UNLOCK", grants[scalars - 1 :: scalars])
    ended = time.perf_counter()
    all_good(peer, "DAX.DEL", keys)
    return ended - begun if whole else copied - granted


def main():
    peer, device = Peer(sys.argv[1]), mapped(sys.argv[2])
    print("| op | size | fast path | memcpy | ratio |")
    print("|---|---|---|---|---|")
    for store in (True, False):
        for size_mib in SIZES_MIB:
            own = memoryview(bytearray(b"\x07" * (size_mib << 20)))
            seconds = {True: [], False: []}
            for _ in range(ROUNDS + 1):
                for whole in random.sample((True, False), 2):
                    seconds[whole].append(batch(store, whole, peer, device, own))
            fast, copy = (BATCH_BYTES / statistics.median(seconds[whole][1:]) / 1e9 for whole in (True, False))
            print(f"| {'store' if store else 'load'} | {size_mib} MiB | {fast:.2f} GB/s | {copy:.2f} GB/s | {fast / copy:.2f} |")


main()
