"""The real service as a process of a test: started, stopped, killed and started again at the same address."""

import os
import signal
import socket
import subprocess
import tempfile

from daxtier_lmcache.resp import Connection, ConnectionLost, ReplyError
from daxtier_lmcache.settings import Settings
from lmcache_doubles import eventually

START_SECONDS = 120


class ServiceProcess:
    """Needs DAXTIER_JAVA and DAXTIER_JAR in the environment."""

    def __init__(self, slot_bytes: int, slots: int, properties: dict = {}) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.device = os.path.join(self._folder.name, "device")
        with open(self.device, "wb") as file:
            file.truncate(slot_bytes * slots)
        with socket.create_server(("127.0.0.1", 0)) as unused:
            self.port = unused.getsockname()[1]
        self.unix_socket = os.path.join(self._folder.name, "socket")
        given = {
            "dax.device-path": self.device,
            "dax.max-dax-size-gb": slot_bytes * slots / 1024**3,
            "dax.slot-bytes": slot_bytes,
            "dax.resp.port": self.port,
            "dax.resp.unix-socket": self.unix_socket,
            "dax.resp.share-devices": "true",
            "server.port": 0,
            **properties,
        }
        self._command = [os.environ["DAXTIER_JAVA"], "-XX:TieredStopAtLevel=1", "-jar", os.environ["DAXTIER_JAR"]]
        self._command += [f"--{name}={value}" for name, value in given.items()]
        self._log = os.path.join(self._folder.name, "log")
        self.start()

    def start(self) -> None:
        """Returns when it answers."""
        with open(self._log, "ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        eventually(self._answers, START_SECONDS)

    def signal(self, number: int) -> None:
        self._process.send_signal(number)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        self.signal(signal.SIGCONT)
        self.kill()
        self._folder.cleanup()

    def log(self) -> str:
        with open(self._log, encoding="utf-8") as file:
            return file.read()

    def call(self, *words: str):
        connection = Connection(Settings(port=self.port))
        try:
            return connection.call(*(word.encode() for word in words))
        finally:
            connection.close()

    def _answers(self) -> bool:
        if self._process.poll() is not None:
            raise AssertionError(f"the service ended: {self.log()[-2000:]}")
        try:
            return self.call("PING") == b"PONG"
        except (ConnectionLost, ReplyError):
            return False
