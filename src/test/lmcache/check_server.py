"""Reads the logs of `lmcache bench server` and of the server: `check_server.py CLIENT_LOG SERVER_LOG`.

Every request must have been stored, dropped from L1, prefetched from L2 and retrieved with the right checksum.
"""

import re
import sys

REQUESTS, CHUNKS = 3, 4


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        client = file.read()
    with open(sys.argv[2], encoding="utf-8") as file:
        server = file.read()
    passed = re.findall(r"checksum[ _]ok\D+(\d+)", client, re.IGNORECASE)
    assert passed == [str(REQUESTS)], client[-2000:]
    prefetches = re.findall(rf"{CHUNKS}/{CHUNKS} retained keys \(0 L1, {CHUNKS} L2\)", server)
    assert len(prefetches) == REQUESTS, server[-2000:]
    assert "Traceback" not in server, server[server.index("Traceback") :][:2000]
    print(f"   {REQUESTS} requests of {CHUNKS} chunks stored, prefetched from L2 and verified")


if __name__ == "__main__":
    main()
