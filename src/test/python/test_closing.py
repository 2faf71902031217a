"""Closing: running copies end, queued tasks fail, nothing stays behind."""

import logging
import os
import tempfile
import threading
import unittest
from unittest import mock

from daxtier_lmcache.mapping import Mapping
from daxtier_lmcache.settings import Settings
from daxtier_lmcache.storing import Outcome
from daxtier_lmcache.tier import Tier

from fake_service import FakeService
from lmcache_doubles import WAIT_SECONDS, Awaited, MemoryObj, awaited, eventually, is_mapped_here, key, payload

LENGTH = 1000


class ClosingTest(unittest.TestCase):
    def setUp(self):
        logging.getLogger("daxtier_lmcache").setLevel(logging.CRITICAL)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.service = FakeService(folder.name)
        self.addCleanup(self.service.kill)
        self.tier = Tier(Settings.from_dict({**self.service.parameters, "num_load_workers": 1}))

    def close_in_background(self) -> threading.Thread:
        thread = threading.Thread(target=self.tier.close)
        thread.start()
        return thread

    def test_closeDuringALoad_waitsForItsLastByte(self):
        awaited(self.tier.store, [key(1)], [MemoryObj(payload(1, LENGTH))])
        real_read, copying, go_on = Mapping.read, threading.Event(), threading.Event()

        def read_slowly(*arguments):
            copying.set()
            self.assertTrue(go_on.wait(WAIT_SECONDS))
            real_read(*arguments)

        with mock.patch.object(Mapping, "read", read_slowly):
            running, queued = Awaited(), Awaited()
            buffer = MemoryObj(bytes(LENGTH))
            self.tier.load([key(1)], [buffer], running)
            self.assertTrue(copying.wait(WAIT_SECONDS))
            self.tier.load([key(1)], [MemoryObj(bytes(LENGTH))], queued)
            closing = self.close_in_background()
            eventually(lambda: not self.tier.status()["is_healthy"])
            self.assertTrue(closing.is_alive())
            self.assertEqual(buffer.content(), bytes(LENGTH))
            go_on.set()
            closing.join(WAIT_SECONDS)
        self.assertFalse(closing.is_alive())
        self.assertEqual((running.get(), buffer.content()), ([True], payload(1, LENGTH)))
        self.assertEqual(queued.get(), [False])

    def test_closeDuringAStore_waitsAndCommits(self):
        real_write, copying, go_on = Mapping.write, threading.Event(), threading.Event()

        def write_slowly(*arguments):
            copying.set()
            self.assertTrue(go_on.wait(WAIT_SECONDS))
            return real_write(*arguments)

        with mock.patch.object(Mapping, "write", write_slowly):
            done = Awaited()
            self.tier.store([key(1)], [MemoryObj(payload(1, LENGTH))], done)
            self.assertTrue(copying.wait(WAIT_SECONDS))
            closing = self.close_in_background()
            eventually(lambda: not self.tier.status()["is_healthy"])
            go_on.set()
            closing.join(WAIT_SECONDS)
        self.assertEqual(done.get(), [Outcome.STORED])
        self.assertEqual(self.service.reservation_count, 0)

    def test_afterClose_nothingIsLeft(self):
        awaited(self.tier.store, [key(1)], [MemoryObj(payload(1, LENGTH))])
        awaited(self.tier.lookup, [key(1)])
        self.tier.close()
        eventually(lambda: not self.service.sessions)
        self.assertEqual(self.service.lock_count, 0)
        self.assertFalse(is_mapped_here(self.service.paths[0]))
        self.assertEqual([t.name for t in threading.enumerate() if t.name.startswith("daxtier-")], [])

    def test_openAndClose_leaksNoDescriptor(self):
        self.tier.close()
        eventually(lambda: not self.service.sessions)
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(20):
            Tier(Settings.from_dict(self.service.parameters)).close()
        eventually(lambda: len(os.listdir("/proc/self/fd")) <= before)

    def test_closeWithoutService(self):
        self.service.kill()
        eventually(lambda: not self.tier.status()["is_healthy"])
        self.tier.close()


if __name__ == "__main__":
    unittest.main()
