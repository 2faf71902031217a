"""What the tier does when the service, the network or a device fails it: misses, soon, and never a wrong byte."""

import logging
import tempfile
import threading
import unittest
from unittest import mock

from daxtier_lmcache import keeper, mapping
from daxtier_lmcache.mapping import Mapping
from daxtier_lmcache.payload import PayloadLost
from daxtier_lmcache.session import SessionLost
from daxtier_lmcache.settings import Settings
from daxtier_lmcache.storing import Outcome
from daxtier_lmcache.tier import Tier

from fake_service import ERROR, RAW, FakeService
from lmcache_doubles import WAIT_SECONDS, Awaited, MemoryObj, awaited, eventually, key, payload

KEY = b"test/model@01000100@0@" + b"%064x" % 1
LENGTH = 1000


class FaultTest(unittest.TestCase):
    def setUp(self):
        logging.getLogger("daxtier_lmcache").setLevel(logging.CRITICAL)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def start(self, request_timeout: float = 5.0, plugin: dict = {}, **service) -> Tier:
        self.service = FakeService(self.folder, **service)
        self.addCleanup(self.service.kill)
        tier = Tier(Settings.from_dict({**self.service.parameters, "request_timeout": request_timeout, **plugin}))
        self.addCleanup(tier.close)
        return tier

    def store(self, tier: Tier, number: int = 1) -> Outcome:
        return awaited(tier.store, [key(number)], [MemoryObj(payload(number, LENGTH))])[0]

    def lookup(self, tier: Tier, number: int = 1) -> bool:
        return awaited(tier.lookup, [key(number)])[0]

    def load(self, tier: Tier, number: int = 1) -> bool:
        """Whether it was a hit, of which the bytes must then be right."""
        buffer = MemoryObj(bytes(LENGTH))
        is_loaded = awaited(tier.load, [key(number)], [buffer])[0]
        if is_loaded:
            self.assertEqual(buffer.content(), payload(number, LENGTH))
        return is_loaded

    # Locks

    def test_lockOfALookupLostDuringTheCopy_isAMiss(self):
        tier = self.start()
        self.store(tier)
        self.assertTrue(self.lookup(tier))
        self.service.before[b"DAX.RENEW"] = self.service.drop_locks
        self.assertFalse(self.load(tier))
        self.service.before.clear()
        self.assertTrue(self.load(tier), "the next load takes a lock of its own")

    def test_ownLockLostDuringTheCopy_isAMiss(self):
        tier = self.start()
        self.store(tier)
        self.service.before[b"DAX.UNLOCK"] = self.service.drop_locks
        self.assertFalse(self.load(tier))

    def test_bytesOverwrittenDuringTheCopy_areNotReported(self):
        tier = self.start()
        self.store(tier)
        real_read = Mapping.read

        def read_late(*arguments):
            self.service.drop_locks()
            self.service.overwrite(KEY, b"somebody else's bytes")
            real_read(*arguments)

        with mock.patch.object(Mapping, "read", read_late):
            self.assertFalse(self.load(tier))

    def test_unlockDuringALoad_waitsForIt(self):
        tier = self.start()
        self.store(tier)
        self.lookup(tier)
        real_read = Mapping.read

        def read_late(*arguments):
            tier.unlock([key(1)])
            awaited(tier.lookup, [])  # the one lookup worker has done the unlock before
            self.assertEqual(self.service.lock_count, 1)
            real_read(*arguments)

        with mock.patch.object(Mapping, "read", read_late):
            self.assertTrue(self.load(tier))
        self.assertEqual(self.service.lock_count, 0)

    # Writes

    def test_commitRefused_isAFailureAndGivesTheSlotBack(self):
        tier = self.start()
        self.service.answers[b"DAX.COMMIT"] = [0]
        self.assertEqual(self.store(tier), Outcome.FAILED)
        eventually(lambda: self.service.reservation_count == 0)
        self.assertIn(b"DAX.ABORT", [words[0] for words in self.service.commands])

    def test_sessionEndsInMidCopy_theWriterStopsAtTheNextPiece(self):
        tier = self.start(slot_bytes=1 << 20)
        real_write = Mapping.write
        pieces = []

        def write_watched(mapped, offset, length, source, may_go_on):
            def ask():
                pieces.append(1)
                if len(pieces) == 2:
                    self.service.kill()
                    eventually(lambda: not tier.status()["is_healthy"])
                return may_go_on()

            return real_write(mapped, offset, length, source, ask)

        with mock.patch.object(mapping, "COPY_PIECE_BYTES", 4096), mock.patch.object(Mapping, "write", write_watched):
            self.assertEqual(awaited(tier.store, [key(1)], [MemoryObj(bytes(1 << 20))]), [Outcome.FAILED])
        self.assertEqual(len(pieces), 2)

    def test_noAnswerWhileACopyRuns_theConnectionOutlivesTheCopy(self):
        """Closing would free the reserved slot under the writer."""
        tier = self.start(request_timeout=0.2)
        self.store(tier, 2)
        real_write = Mapping.write
        copying, go_on = threading.Event(), threading.Event()

        def write_slowly(*arguments):
            copying.set()
            self.assertTrue(go_on.wait(WAIT_SECONDS))
            return real_write(*arguments)

        with mock.patch.object(Mapping, "write", write_slowly):
            done = Awaited()
            tier.store([key(1)], [MemoryObj(payload(1, LENGTH))], done)
            self.assertTrue(copying.wait(WAIT_SECONDS))
            stalled = threading.Event()
            self.service.before[b"DAX.LOOKUP"] = lambda: stalled.wait(WAIT_SECONDS)
            self.assertFalse(self.lookup(tier, 2))
            self.service.before.clear()
            stalled.set()
            eventually(lambda: tier.status()["reconnects"] == 1)
            self.assertEqual(self.service.reservation_count, 1)
            go_on.set()
            self.assertEqual(done.get(), [Outcome.FAILED])
        eventually(lambda: self.service.reservation_count == 0)

    # The service

    def test_restart_isFoundAgainAndNothingOldIsUsed(self):
        for options in ({}, {"unix": True, "share": True}):
            with self.subTest(options):
                tier = self.start(**options)
                self.store(tier)
                self.lookup(tier)
                old_epoch = tier.status()["epoch"]
                self.service.kill()
                eventually(lambda: not tier.status()["is_healthy"])
                self.assertFalse(self.load(tier))
                self.service.start()
                eventually(lambda: tier.status()["is_healthy"])
                self.assertNotEqual(tier.status()["epoch"], old_epoch)
                self.service.commands.clear()
                tier.unlock([key(1)])
                self.assertFalse(self.lookup(tier))
                self.assertFalse(self.load(tier))
                self.assertNotIn(b"DAX.RENEW", [words[0] for words in self.service.commands])
                self.assertNotIn(b"DAX.UNLOCK", [words[0] for words in self.service.commands])
                self.assertEqual(tier.status()["locked_key_count"], 0)
                self.assertEqual(self.store(tier), Outcome.STORED)
                self.assertTrue(self.load(tier))

    def test_noService_everythingFailsAtOnceUntilItIsThere(self):
        self.service = FakeService(self.folder)
        self.service.kill()
        tier = Tier(Settings.from_dict(self.service.parameters))
        self.addCleanup(tier.close)
        self.assertEqual(self.store(tier), Outcome.FAILED)
        self.assertEqual((self.lookup(tier), self.load(tier)), (False, False))
        self.assertEqual((tier.delete([key(1)]), tier.usage()), ([False], None))
        self.assertIn("refused", tier.status()["last_failure"])
        self.service.start()
        self.addCleanup(self.service.kill)
        eventually(lambda: tier.status()["is_healthy"])
        self.assertEqual(self.store(tier), Outcome.STORED)

    def test_serviceHangs_operationsFailInTimeAndComeBack(self):
        tier = self.start(request_timeout=0.2)
        self.store(tier)
        for command, operation in (
            (b"DAX.LOOKUP", self.lookup),
            (b"DAX.UNLOCK", self.load),
            (b"DAX.RESERVE", lambda tier: self.store(tier, 2) is Outcome.STORED),
            (b"DAX.COMMIT", lambda tier: self.store(tier, 3) is Outcome.STORED),
            (b"DAX.DEL", lambda tier: tier.delete([key(1)])[0]),
        ):
            with self.subTest(command):
                stalled = threading.Event()
                self.service.before[command] = lambda: stalled.wait(WAIT_SECONDS)
                self.assertFalse(operation(tier))
                self.service.before.clear()
                stalled.set()
                eventually(lambda: tier.status()["is_healthy"])

    def test_serviceHangsAtARefresh_theSessionIsReplaced(self):
        tier = self.start(request_timeout=0.2)
        stalled = threading.Event()
        self.service.before[b"DAX.INFO"] = lambda: stalled.wait(WAIT_SECONDS)
        with self.assertRaises(SessionLost):
            tier._keeper.session().devices.refresh()
        self.service.before.clear()
        stalled.set()
        eventually(lambda: tier.status()["is_healthy"])
        self.assertEqual(self.store(tier), Outcome.STORED)

    def test_nonsenseOrErrors_areFailures(self):
        tier = self.start()
        self.store(tier)
        for command, operations in (
            (b"DAX.LOOKUP", [self.lookup, self.load]),
            (b"DAX.RESERVE", [lambda tier: self.store(tier, 2) is Outcome.STORED]),
        ):
            for answer in (b"nonsense", [], [b"x", b"y"], [[]], [[1]], 7, ERROR("ERR no")):
                for operation in operations:
                    with self.subTest(f"{command} {answer}"):
                        eventually(lambda: tier.status()["is_healthy"])
                        self.service.answers[command] = answer
                        self.assertFalse(operation(tier))
                        self.service.answers.clear()
        eventually(lambda: tier.status()["is_healthy"])
        self.assertTrue(self.load(tier))

    def test_garbledValue_losesItsConnectionAndNoMore(self):
        tier = self.start(plugin={"map_devices": False})
        self.store(tier)
        for garbled in (b"$x", b"$", b"$-2", b"$1_0", b"$ 5", b":5", b"$%d" % (LENGTH + 1), b"$1\r\nab"):
            with self.subTest(garbled):
                self.service.answers[b"GET"] = RAW(garbled + b"\r\n")
                with self.assertRaises(PayloadLost):
                    tier._keeper.session().payload.load(KEY, memoryview(bytearray(LENGTH)))
                self.service.answers.clear()
                self.assertTrue(self.load(tier))

    def test_nonsenseAboutTheDevices_isNoSessionUntilItEnds(self):
        devices = [7, [7], [[0]], [[0, 1, 2, 3]]]
        for nonsense in (b"nonsense", 7, [], [b"epoch", 1], *([b"epoch", 1, lines] for lines in devices)):
            with self.subTest(nonsense):
                self.service = FakeService(self.folder)
                self.addCleanup(self.service.kill)
                self.service.answers[b"DAX.INFO"] = nonsense
                tier = Tier(Settings.from_dict(self.service.parameters))
                self.addCleanup(tier.close)
                self.assertFalse(tier.status()["is_healthy"])
                self.service.answers.clear()
                eventually(lambda: tier.status()["is_healthy"])
                self.assertEqual(self.store(tier), Outcome.STORED)

    def test_nonsenseAtARefresh_theSessionIsReplaced(self):
        with mock.patch.object(keeper, "REFRESH_SECONDS", 0.01):
            tier = self.start()
            self.service.answers[b"DAX.INFO"] = 7
            eventually(lambda: not tier.status()["is_healthy"])
            self.service.answers.clear()
            eventually(lambda: tier.status()["is_healthy"])
        self.assertEqual(self.store(tier), Outcome.STORED)

    def test_callerInterruptedInMidReply_theSessionIsReplaced(self):
        tier = self.start()
        self.store(tier)
        session = tier._keeper.session()
        with mock.patch.object(session._connection, "read_replies", side_effect=KeyboardInterrupt):
            with self.assertRaises(KeyboardInterrupt):
                tier.delete([key(2)])
        eventually(lambda: tier.status()["reconnects"] == 1)
        self.assertTrue(self.load(tier), "not the deletion's reply")

    def test_addressOutsideOfTheDevice_isNeverTouched(self):
        tier = self.start()
        self.store(tier)
        for address in ([0, 1 << 40, LENGTH, b"t"], [0, -4096, LENGTH, b"t"], [9, 0, LENGTH, b"t"]):
            with self.subTest(address):
                self.service.answers[b"DAX.LOOKUP"] = [address]
                self.load(tier)  # by GET, or a miss
                self.service.answers.clear()


if __name__ == "__main__":
    unittest.main()
