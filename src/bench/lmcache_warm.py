"""Lets the service's JIT compile what is measured: `lmcache_warm.py UNIX_SOCKET`. Leaves nothing stored."""

import sys

from daxtier_lmcache.session import Session
from daxtier_lmcache.settings import Settings

ROUNDS, BATCH = 2000, 16


def main() -> None:
    session = Session(Settings(unix_socket=sys.argv[1]), complain=print, on_lost=lambda: None)
    keys = [b"warm@%08x@0@%064x" % (1, number) for number in range(BATCH)]
    for _ in range(ROUNDS):
        session.commit([address.token for address in session.reserve(keys, [1024] * BATCH)])
        tokens = [address.token for address in session.lookup(keys)]
        session.settle(tokens, [])
        session.unlock(tokens)
        session.delete(keys)
    for _ in range(ROUNDS):
        session.command(b"SET", keys[0], bytes(64 * 1024))
        session.command(b"EXISTS", keys[0])
        session.command(b"GET", keys[0])
        session.command(b"DEL", keys[0])
    session.close()


if __name__ == "__main__":
    main()
