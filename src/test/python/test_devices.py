"""Which devices the tier maps, which it believes, and what it does without."""

import logging
import os
import tempfile
import unittest

from daxtier_lmcache import devices
from daxtier_lmcache.settings import Settings
from daxtier_lmcache.storing import Outcome
from daxtier_lmcache.tier import Tier

from fake_service import ERROR, FakeService
from lmcache_doubles import MemoryObj, awaited, eventually, is_mapped_here, key, payload

LENGTH = 1000


class DevicesTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.service = None

    def serve(self, **options) -> FakeService:
        self.service = FakeService(self.folder, **options)
        self.addCleanup(self.service.kill)
        return self.service

    def open(self) -> Tier:
        tier = Tier(Settings.from_dict(self.service.parameters))
        self.addCleanup(tier.close)
        return tier

    def assert_works(self, tier: Tier, number: int = 1):
        self.assertEqual(awaited(tier.store, [key(number)], [MemoryObj(payload(number, LENGTH))]), [Outcome.STORED])
        self.assertEqual(awaited(tier.lookup, [key(number)]), [True])
        buffer = MemoryObj(bytes(LENGTH))
        self.assertEqual(awaited(tier.load, [key(number)], [buffer]), [True])
        self.assertEqual(buffer.content(), payload(number, LENGTH))
        tier.unlock([key(number)])
        eventually(lambda: self.service.lock_count == 0)

    def mapped(self, tier: Tier) -> list[bool]:
        return [device["is_mapped"] for device in tier.status()["devices"]]

    def used_commands(self) -> set[bytes]:
        return {words[0] for words in self.service.commands}

    def test_pathOfAnotherDevice_isNeverWrittenTo(self):
        """The service is on another host, where this path is another memory."""
        stranger = os.path.join(self.folder, "stranger")
        with open(stranger, "wb") as file:
            file.write(b"precious" * (64 * 1024 * 16 // 8))
        self.serve().path_shown = stranger
        with self.assertLogs("daxtier_lmcache", logging.WARNING) as logs:
            tier = self.open()
            self.assert_works(tier)
        self.assertEqual(self.mapped(tier), [False])
        self.assertIn("is not the service's device on this host: using SET and GET", logs.output[0])
        with open(stranger, "rb") as file:
            self.assertEqual(set(file.read().split(b"precious")), {b""})

    def test_pathThatIsNotThere_saysSoOnceAndWorks(self):
        self.serve().path_shown = "/nonexistent/dax0.0"
        with self.assertLogs("daxtier_lmcache", logging.WARNING) as logs:
            tier = self.open()
            for number in range(3):
                self.assert_works(tier, number)
            self.service.kill()
            eventually(lambda: not tier.status()["is_healthy"])
            self.service.start()
            eventually(lambda: tier.status()["is_healthy"])
            self.assert_works(tier)
        said = [line for line in logs.output if "cannot map /nonexistent/dax0.0 (open: No such file" in line]
        self.assertEqual(len(said), 1)
        self.assertLessEqual({b"SET", b"GET"}, self.used_commands())

    def test_descriptorOverTheSocket_needsNoPathAndNoProof(self):
        self.serve(unix=True, share=True).path_shown = "/nonexistent/dax0.0"
        tier = self.open()
        self.assert_works(tier)
        self.assertEqual(self.mapped(tier), [True])
        self.assertNotIn(b"SET", self.used_commands())
        self.assertNotIn(b"GET", self.used_commands())

    def test_proof_leavesNothingBehind(self):
        tier = self.serve(devices=2) and self.open()
        self.assertEqual(self.mapped(tier), [True, True])
        self.assertEqual((tier.usage().used_bytes, self.service.lock_count), (0, 0))

    def test_fullTier_isMappedAsSoonAsThereIsRoomForAProof(self):
        self.serve(slots=2)
        first = self.open()
        for number in (1, 2):
            self.assert_works(first, number)
        self.addCleanup(setattr, devices, "_PROOF_INTERVAL_SECONDS", devices._PROOF_INTERVAL_SECONDS)
        devices._PROOF_INTERVAL_SECONDS = 0.0
        second = self.open()
        self.assertEqual(self.mapped(second), [False])
        buffer = MemoryObj(bytes(LENGTH))
        self.assertEqual(awaited(second.load, [key(1)], [buffer]), [True])
        self.assertEqual(buffer.content(), payload(1, LENGTH))
        self.assertEqual(first.delete([key(2)]), [True])
        self.assertEqual(awaited(second.load, [key(1)], [buffer]), [True])
        self.assertEqual(self.mapped(second), [True])

    def test_deviceGrown_isMappedAgain(self):
        self.serve(slots=2, unix=True, share=True)
        tier = self.open()
        self.assert_works(tier, 1)
        self.assert_works(tier, 2)
        with self.service.guard:
            os.truncate(self.service.paths[0], 4 * self.service.slot_bytes)
            self.service.slots = 4
            self.service.free += [(0, 2), (0, 3)]
        self.service.commands.clear()
        self.assert_works(tier, 3)
        self.assertIn(b"DAX.MAP", self.used_commands())
        self.assertNotIn(b"SET", self.used_commands())

    def test_deviceAdded_isMapped_deviceRemoved_isUnmapped(self):
        self.serve(unix=True, share=True, devices=2)
        both = self.service.paths
        self.service.paths, self.service.free = both[:1], []
        tier = self.open()
        self.assertEqual(self.mapped(tier), [True])
        self.service.paths = both
        self.service.free = [(1, slot) for slot in range(16)]
        self.assert_works(tier)
        self.assertEqual(self.mapped(tier), [True, True])
        self.service.answers[b"DAX.INFO"] = [b"epoch-1", 65536, [[1, both[1].encode(), 1 << 20, b"active"]]]
        tier._keeper.session().devices.refresh()
        self.assertEqual([is_mapped_here(path) for path in both], [False, True])

    def test_noAnswerAboutANewDevice_failsTheStoreAndKeepsNoSlot(self):
        self.serve(unix=True, share=True, devices=2)
        both = self.service.paths
        self.service.paths, self.service.free = both[:1], []
        tier = self.open()
        self.service.paths = both
        self.service.free = [(1, slot) for slot in range(16)]
        self.service.answers[b"DAX.INFO"] = ERROR("ERR no")
        with self.assertLogs("daxtier_lmcache", logging.ERROR):
            self.assertEqual(awaited(tier.store, [key(1)], [MemoryObj(payload(1, LENGTH))]), [Outcome.FAILED])
        self.assertEqual(self.service.reservation_count, 0)
        self.service.answers.clear()
        self.assert_works(tier)

    def test_failedDevice_isLetGo(self):
        self.serve()
        tier = self.open()
        info = [b"epoch-1", 65536, [[0, self.service.paths[0].encode(), 1 << 20, b"failed"]]]
        self.service.answers[b"DAX.INFO"] = info
        tier._keeper.session().devices.refresh()
        self.assertEqual(tier.status()["devices"], [])
        self.assertFalse(is_mapped_here(self.service.paths[0]))


if __name__ == "__main__":
    unittest.main()
