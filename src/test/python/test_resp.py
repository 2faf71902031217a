import os
import socket
import threading
import unittest
from unittest import mock

from daxtier_lmcache.resp import Connection, ConnectionLost, ReplyError, encode
from daxtier_lmcache.settings import Settings

_HELLO = encode([b"CLIENT", b"SETNAME", b"daxtier-lmcache"])


class ConnectionTest(unittest.TestCase):
    """Against a listener that sends what the test says, byte for byte."""

    def setUp(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(self.listener.close)
        self.received = b""

    def connect(self, *replies: bytes, hang_up: bool = True, timeout: float = 5.0, **parameters) -> Connection:
        """A connection whose peer greets and then answers each request by one of `replies`."""

        def serve():
            peer, _ = self.listener.accept()
            with peer:
                for reply in (b"+OK\r\n",) * (2 if "password" in parameters else 1) + replies:
                    self.received = peer.recv(65536)
                    peer.sendall(reply)
                if not hang_up:
                    released.wait(20)

        released = threading.Event()
        self.addCleanup(released.set)
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        port = self.listener.getsockname()[1]
        connection = Connection(Settings.from_dict({"port": port, "request_timeout": timeout, **parameters}))
        self.addCleanup(connection.close)
        return connection

    def test_everyKindOfReply(self):
        connection = self.connect(b"*6\r\n:-7\r\n$3\r\na\r\n\r\n$-1\r\n*-1\r\n+OK\r\n*2\r\n_\r\n-ERR no\r\n")
        reply = connection.call(b"X")
        self.assertEqual(reply[:5], [-7, b"a\r\n", None, None, b"OK"])
        self.assertIsNone(reply[5][0])
        self.assertIsInstance(reply[5][1], ReplyError)

    def test_errorIsRaisedAndKeepsTheConnectionInStep(self):
        connection = self.connect(b"-ERR full\r\n", b":1\r\n")
        with self.assertRaisesRegex(ReplyError, "ERR full"):
            connection.call(b"X")
        self.assertEqual(connection.call(b"Y"), 1)

    def test_exchange_sendsAllBeforeItReads(self):
        connection = self.connect(b":1\r\n:2\r\n")
        self.assertEqual(connection.exchange([[b"A"], [b"B", b"c"]]), [1, 2])
        self.assertEqual(self.received, b"*1\r\n$1\r\nA\r\n*2\r\n$1\r\nB\r\n$1\r\nc\r\n")

    def test_login_comesFirst(self):
        self.connect(username="u", password="p")
        self.assertEqual(self.received, _HELLO)

    def test_peerCloses_isLost(self):
        for partial in (b"", b"$5\r\nab", b"*2\r\n:1\r\n", b":1"):
            with self.subTest(partial), self.assertRaisesRegex(ConnectionLost, "closed by the service"):
                self.connect(partial).call(b"X")

    def test_noAnswerInTime_isLost(self):
        for partial in (b"", b"$5\r\nab", b":1"):
            connection = self.connect(partial, hang_up=False, timeout=0.05)
            with self.subTest(partial), self.assertRaisesRegex(ConnectionLost, "no answer within 0.05 s"):
                connection.call(b"X")

    def test_noResp_isLost(self):
        for nonsense in (b"HTTP/1.1 400\r\n", b":x\r\n", b"$9999999999\r\n", b"*9999999999\r\n", b"+" + b"x" * 70000):
            with self.subTest(nonsense[:20]), self.assertRaises(ConnectionLost):
                self.connect(nonsense).call(b"X")

    def test_nobodyListens_saysWhereAndWhy(self):
        port = self.listener.getsockname()[1]
        self.listener.close()
        with self.assertRaisesRegex(ConnectionLost, f"cannot connect to 127.0.0.1:{port}: .*refused"):
            Connection(Settings.from_dict({"port": port}))

    def test_optionIsRefused_leavesNoSocket(self):
        refusing = mock.Mock(spec=socket.socket)
        refusing.setsockopt.side_effect = OSError("refused")
        with mock.patch("socket.create_connection", return_value=refusing):
            with self.assertRaisesRegex(ConnectionLost, "cannot connect to .*: refused"):
                Connection(Settings.from_dict({}))
        refusing.close.assert_called_once_with()

    def test_descriptorIsMissing_isLost(self):
        with self.assertRaisesRegex(ConnectionLost, "one descriptor"):
            self.connect(b"+OK\r\n").call_for_descriptor(b"DAX.MAP", b"0")

    def test_descriptorIsRefused(self):
        before = len(os.listdir("/proc/self/fd"))
        connection = self.connect(b"-ERR off\r\n")
        with self.assertRaisesRegex(ReplyError, "ERR off"):
            connection.call_for_descriptor(b"DAX.MAP", b"0")
        connection.close()
        self.assertLessEqual(len(os.listdir("/proc/self/fd")), before + 1)


if __name__ == "__main__":
    unittest.main()
