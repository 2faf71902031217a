"""Sends one RESP command: `command.py PORT WORD...`. Prints the reply as JSON; an error goes to standard error."""

import json
import sys

from daxtier_lmcache.resp import Connection, ConnectionLost, ReplyError
from daxtier_lmcache.settings import Settings


def main() -> None:
    try:
        connection = Connection(Settings(port=int(sys.argv[1])))
        reply = connection.call(*(word.encode() for word in sys.argv[2:]))
    except (ConnectionLost, ReplyError) as failure:
        sys.exit(str(failure))
    print(json.dumps(reply, default=lambda data: data.decode(errors="replace")))


if __name__ == "__main__":
    main()
