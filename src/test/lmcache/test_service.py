"""The tier against the real service: what it must do, and what it must survive."""

import logging
import signal
import threading
import unittest

from daxtier_lmcache.settings import Settings
from daxtier_lmcache.storing import Outcome
from daxtier_lmcache.tier import Tier

from lmcache_doubles import MemoryObj, awaited, eventually, is_mapped_here, key, payload
from service_process import ServiceProcess
from tier_contract import TierContract


class _WithService(TierContract):
    slot_bytes, slots = 1 << 20, 64

    @classmethod
    def setUpClass(cls):
        cls.service = ServiceProcess(cls.slot_bytes, cls.slots)
        cls.addClassCleanup(cls.service.close)

    def setUp(self):
        self.service.call("FLUSHALL")
        super().setUp()

    def lock_count(self) -> int:
        return sum(session[2] for session in self.service.call("DAX.SESSIONS"))


class UnixSocketTest(_WithService, unittest.TestCase):
    @property
    def parameters(self):
        return {"unix_socket": self.service.unix_socket}


class TcpTest(_WithService, unittest.TestCase):
    @property
    def parameters(self):
        return {"port": self.service.port}


class WithoutMappingTest(_WithService, unittest.TestCase):
    is_mapped = False

    @property
    def parameters(self):
        return {"port": self.service.port, "map_devices": False}


class SurvivalTest(unittest.TestCase):
    slot_bytes, slots = 1 << 20, 16

    @classmethod
    def setUpClass(cls):
        logging.getLogger("daxtier_lmcache").setLevel(logging.CRITICAL)
        cls.service = ServiceProcess(cls.slot_bytes, cls.slots, {"dax.lock-timeout": "2s"})
        cls.addClassCleanup(cls.service.close)

    def open(self, **parameters) -> Tier:
        given = {"unix_socket": self.service.unix_socket, "request_timeout": 1.0, **parameters}
        tier = Tier(Settings.from_dict(given))
        self.addCleanup(tier.close)
        eventually(lambda: tier.status()["is_healthy"])
        return tier

    def store(self, tier: Tier, number: int) -> Outcome:
        return awaited(tier.store, [key(number)], [MemoryObj(payload(number, self.slot_bytes))])[0]

    def load(self, tier: Tier, number: int) -> bool:
        """Whether it was a hit, of which every byte must then be right."""
        buffer = MemoryObj(bytes(self.slot_bytes))
        is_hit = awaited(tier.load, [key(number)], [buffer])[0]
        if is_hit:
            self.assertEqual(buffer.content(), payload(number, self.slot_bytes))
        return is_hit

    def under_load(self, tier: Tier, disturb) -> None:
        """Stores, looks up, loads and deletes in other threads while `disturb` does its worst; no wrong byte."""
        over, failures = threading.Event(), []

        def work(worker: int) -> None:
            number = worker
            try:
                while not over.is_set():
                    number = (number * 7 + 3) % (2 * self.slots)
                    self.store(tier, number)
                    awaited(tier.lookup, [key(number)])
                    self.load(tier, number)
                    tier.unlock([key(number)])
                    tier.delete([key((number + 5) % (2 * self.slots))])
            except BaseException as failure:
                failures.append(failure)

        threads = [threading.Thread(target=work, args=(worker,)) for worker in range(3)]
        for thread in threads:
            thread.start()
        try:
            disturb()
        finally:
            over.set()
            for thread in threads:
                thread.join()
        self.assertEqual(failures, [])

    def test_killedAndStartedAgainUnderLoad(self):
        for parameters in ({}, {"unix_socket": "", "port": self.service.port}):
            with self.subTest(parameters):
                tier = self.open(**parameters)
                epoch = tier.status()["epoch"]

                def kill_and_start():
                    eventually(lambda: any(self.load(tier, number) for number in range(2 * self.slots)))
                    self.service.kill()
                    eventually(lambda: not tier.status()["is_healthy"])
                    eventually(lambda: not is_mapped_here(self.service.device))
                    self.service.start()
                    eventually(lambda: tier.status()["is_healthy"])
                    eventually(lambda: any(self.load(tier, number) for number in range(2 * self.slots)))

                self.under_load(tier, kill_and_start)
                self.assertNotEqual(tier.status()["epoch"], epoch)
                eventually(lambda: self.service.call("DAX.SESSIONS") == [])

    def test_stoppedAndContinued_nothingHangs(self):
        tier = self.open()
        self.store(tier, 1)

        def stop_and_continue():
            self.service.signal(signal.SIGSTOP)
            eventually(lambda: not tier.status()["is_healthy"])
            self.assertFalse(self.load(tier, 1))
            self.service.signal(signal.SIGCONT)
            eventually(lambda: tier.status()["is_healthy"])

        self.under_load(tier, stop_and_continue)
        self.assertNotEqual(self.store(tier, 1), Outcome.FAILED)
        self.assertTrue(self.load(tier, 1))

    def test_expiredLock_isAMissOnceAndThenAHit(self):
        tier = self.open()
        self.assertNotEqual(self.store(tier, 1), Outcome.FAILED)
        awaited(tier.lookup, [key(1)])
        eventually(lambda: self.service.call("DAX.SESSIONS") == [])
        self.assertFalse(self.load(tier, 1))
        self.assertTrue(self.load(tier, 1))
        self.assertEqual(tier.status()["locked_key_count"], 0)

    def test_forgottenLookups_areForgottenHereToo(self):
        tier = self.open(lock_timeout=0.01)
        self.assertNotEqual(self.store(tier, 1), Outcome.FAILED)
        awaited(tier.lookup, [key(1)])
        eventually(lambda: awaited(tier.lookup, []) == [] and tier.status()["locked_key_count"] == 0)
        self.assertEqual(self.service.call("DAX.SESSIONS"), [])


if __name__ == "__main__":
    unittest.main()
