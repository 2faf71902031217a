"""The fast path from a Python client that maps the device itself, beside a plain copy of the same bytes in this process.

    fastpath_bench.py SOCKET DEVICE SCRATCH

One command for a batch of 16. Copies are memoryview slices, one memcpy each. The two are measured in turns. Prints Markdown tables.
"""

import mmap
import socket
import statistics
import sys
import time

SIZES_MIB = (1, 4, 16, 64)
ROUNDS = 9
OBJECTS = 16
SLOT_BYTES = 64 << 20  # the plain copies have their objects as far apart, for the same luck in the caches


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


KEYS = [f"py{i}" for i in range(OBJECTS)]


def stores(peer, device, own):
    begun = time.perf_counter()
    grants = peer.ask("DAX.RESERVE", *(word for key in KEYS for word in (key, str(len(own)))))
    for offset in map(int, grants[1::3]):
        device[offset : offset + len(own)] = own
    assert peer.ask("DAX.COMMIT", *grants[2::3]) == [b"1"] * OBJECTS
    return time.perf_counter() - begun


def loads(peer, device, own):
    begun = time.perf_counter()
    grants = peer.ask("DAX.LOOKUP", *KEYS)
    for offset in map(int, grants[1::4]):
        own[:] = device[offset : offset + len(own)]
    assert peer.ask("DAX.UNLOCK", *grants[3::4]) == [b"1"] * OBJECTS
    return time.perf_counter() - begun


def copies(store, scratch, own):
    begun = time.perf_counter()
    for i in range(OBJECTS):
        part = scratch[i * SLOT_BYTES : i * SLOT_BYTES + len(own)]
        if store:
            part[:] = own
        else:
            own[:] = part
    return time.perf_counter() - begun


def main():
    peer, device, scratch = Peer(sys.argv[1]), mapped(sys.argv[2]), mapped(sys.argv[3])
    print("| op | size | fast path | memcpy | ratio |")
    print("|---|---|---|---|---|")
    for size_mib in SIZES_MIB:
        own = memoryview(bytearray(b"\x07" * (size_mib << 20)))
        seconds = {"store": [], "load": [], "copy in": [], "copy out": []}
        for _ in range(ROUNDS + 1):
            seconds["store"].append(stores(peer, device, own))
            seconds["copy in"].append(copies(True, scratch, own))
            seconds["load"].append(loads(peer, device, own))
            seconds["copy out"].append(copies(False, scratch, own))
            assert peer.ask("DAX.DEL", *KEYS) == [b"1"] * OBJECTS
        rate = {k: len(own) * OBJECTS / statistics.median(v[1:]) / 1e9 for k, v in seconds.items()}
        for op, copy in (("store", "copy in"), ("load", "copy out")):
            print(f"| {op} | {size_mib} MiB | {rate[op]:.2f} GB/s | {rate[copy]:.2f} GB/s | {rate[op] / rate[copy]:.2f} |")


main()
