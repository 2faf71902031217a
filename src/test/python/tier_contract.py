"""What every service, real or not, and every way to its bytes must do for a tier; see LMCache's behaviour table."""

from __future__ import annotations

import logging
import random
import threading

from daxtier_lmcache.settings import Settings
from daxtier_lmcache.storing import Outcome
from daxtier_lmcache.tier import Tier

from lmcache_doubles import MemoryObj, awaited, eventually, key, payload

STORED, EXISTED, FAILED = Outcome.STORED, Outcome.EXISTED, Outcome.FAILED


class TierContract:
    """Mixed into a TestCase that has `parameters`, `slot_bytes`, `slots` and `lock_count()` of an empty service."""

    is_mapped = True

    def open_tier(self, **parameters) -> Tier:
        tier = Tier(Settings.from_dict({**self.parameters, **parameters}))
        self.addCleanup(tier.close)
        return tier

    def setUp(self):
        logging.getLogger("daxtier_lmcache").setLevel(logging.CRITICAL)
        self.tier = self.open_tier()

    def store(self, *numbers: int, length: int = 1000) -> list[Outcome]:
        return awaited(self.tier.store, [key(n) for n in numbers], [MemoryObj(payload(n, length)) for n in numbers])

    def lookup(self, *numbers: int) -> list[bool]:
        return awaited(self.tier.lookup, [key(n) for n in numbers])

    def unlock(self, *numbers: int) -> None:
        """Returns when the service has the locks back."""
        expected = self.lock_count() - len(numbers)
        self.tier.unlock([key(n) for n in numbers])
        eventually(lambda: self.lock_count() <= max(0, expected))

    def load(self, *numbers: int, length: int = 1000) -> tuple[list[bool], list[bytes]]:
        buffers = [MemoryObj(bytes(length)) for _ in numbers]
        loaded = awaited(self.tier.load, [key(n) for n in numbers], buffers)
        return loaded, [buffer.content() for buffer in buffers]

    def test_devicesAreMappedAsExpected(self):
        devices = self.tier.status()["devices"]
        self.assertTrue(devices)
        self.assertEqual([device["is_mapped"] for device in devices], [self.is_mapped] * len(devices))

    def test_load_fillsHitsAndLeavesMisses(self):
        self.assertEqual(self.store(0, 2), [STORED, STORED])
        self.assertEqual(self.lookup(0, 1, 2), [True, False, True])
        loaded, contents = self.load(0, 1, 2)
        self.assertEqual(loaded, [True, False, True])
        self.assertEqual(contents, [payload(0, 1000), bytes(1000), payload(2, 1000)])
        self.unlock(0, 2)
        self.assertEqual(self.lock_count(), 0)

    def test_load_withoutLookup_worksAndLeavesNoLock(self):
        self.store(1)
        self.assertEqual(self.load(1), ([True], [payload(1, 1000)]))
        self.assertEqual(self.lock_count(), 0)

    def test_twoLookups_twoUnlocksUntilDelete(self):
        self.store(1)
        self.lookup(1)
        self.lookup(1)
        self.assertEqual((self.tier.status()["locked_key_count"], self.lock_count()), (1, 2))
        self.assertEqual(self.tier.delete([key(1)]), [False])
        self.unlock(1)
        self.assertEqual(self.tier.delete([key(1)]), [False])
        self.unlock(1)
        self.assertEqual(self.tier.delete([key(1), key(2)]), [True, False])
        self.assertEqual(self.load(1)[0], [False])

    def test_unlockOfUnlockedKeys_isIgnored(self):
        self.store(1)
        self.unlock(1, 1, 7)
        self.assertEqual(self.lookup(1), [True])
        self.unlock(1)
        self.assertEqual(self.lock_count(), 0)

    def test_lockedKey_canBeLoadedAgainAndAgain(self):
        self.store(1)
        self.lookup(1)
        for _ in range(3):
            self.assertEqual(self.load(1), ([True], [payload(1, 1000)]))
        self.assertEqual(self.lock_count(), 1)

    def test_storeAgain_keepsTheOldBytes(self):
        self.store(1)
        self.assertEqual(awaited(self.tier.store, [key(1)], [MemoryObj(b"x" * 1000)]), [EXISTED])
        self.assertEqual(self.load(1)[1], [payload(1, 1000)])

    def test_fullTier_failsTheRestAndKeepsTheFirst(self):
        numbers = range(self.slots + 1)
        outcomes = self.store(*numbers)
        self.assertEqual(sorted(o.value for o in outcomes), ["failed"] + ["stored"] * self.slots)
        usage = self.tier.usage()
        self.assertEqual(usage.used_bytes, usage.capacity_bytes)
        self.assertEqual(usage.capacity_bytes, self.slots * self.slot_bytes)
        self.assertEqual(sum(self.load(*numbers)[0]), self.slots)
        self.assertEqual(sum(self.tier.delete([key(n) for n in numbers])), self.slots)
        self.assertEqual(self.tier.usage().used_bytes, 0)

    def test_tooLargeOrEmpty_failsAlone(self):
        objects = [MemoryObj(payload(n, length)) for n, length in enumerate((1000, self.slot_bytes + 1, 0, self.slot_bytes))]
        self.assertEqual(awaited(self.tier.store, [key(n) for n in range(4)], objects), [STORED, FAILED, FAILED, STORED])
        self.assertEqual(self.load(3, length=self.slot_bytes), ([True], [payload(3, self.slot_bytes)]))

    def test_loadBuffer_largerIsFilledInFront_smallerIsLeftAlone(self):
        self.store(1)
        self.assertEqual(self.load(1, length=1500), ([True], [payload(1, 1000) + bytes(500)]))
        self.assertEqual(self.load(1, length=999), ([False], [bytes(999)]))
        self.assertEqual(self.lock_count(), 0)

    def test_mixedSizesInOneTask(self):
        lengths = [1, 4096, self.slot_bytes, 17, self.slot_bytes - 1]
        keys = [key(n) for n in range(5)]
        sources = [MemoryObj(payload(n, length)) for n, length in enumerate(lengths)]
        self.assertEqual(awaited(self.tier.store, keys, sources), [STORED] * 5)
        targets = [MemoryObj(bytes(length)) for length in lengths]
        self.assertEqual(awaited(self.tier.load, keys, targets), [True] * 5)
        self.assertEqual([t.content() for t in targets], [s.content() for s in sources])

    def test_sameKeyTwiceInOneStore_bothSucceed(self):
        self.assertNotIn(FAILED, self.store(1, 1))
        self.assertEqual(self.load(1, 1), ([True, True], [payload(1, 1000)] * 2))
        self.assertEqual(self.tier.usage().used_bytes, self.slot_bytes)

    def test_nothing(self):
        self.assertEqual((self.store(), self.lookup(), self.load()), ([], [], ([], [])))
        self.assertEqual(self.tier.delete([]), [])

    def test_batchAboveTheLimitOfOneCommand(self):
        self.store(0)
        numbers = [0] * 5000
        self.assertEqual(self.lookup(*numbers), [True] * 5000)
        self.assertEqual(self.lock_count(), 5000)
        self.unlock(*numbers)
        self.assertEqual(self.lock_count(), 0)

    def test_closedTier_leavesNoLock(self):
        self.store(1)
        other = Tier(Settings.from_dict(self.parameters))
        awaited(other.lookup, [key(1)])
        self.assertEqual(self.lock_count(), 1)
        other.close()
        eventually(lambda: self.lock_count() == 0)

    def test_manyThreads_neverAWrongByte(self):
        seed = random.randrange(2**32)
        failures: list[str] = []

        def work(worker: int) -> None:
            rng = random.Random(seed + worker)
            for _ in range(150):
                number = rng.randrange(2 * self.slots)
                action = rng.randrange(5)
                length = 1 + number * self.slot_bytes // (2 * self.slots)
                if action == 0:
                    awaited(self.tier.store, [key(number)], [MemoryObj(payload(number, length))])
                elif action == 1:
                    self.tier.delete([key(number)])
                else:
                    found = action == 2 or awaited(self.tier.lookup, [key(number)])[0]
                    buffer = MemoryObj(bytes(length))
                    if awaited(self.tier.load, [key(number)], [buffer])[0] and buffer.content() != payload(number, length):
                        failures.append(f"{number}, seed {seed}")
                    if found and action != 2:
                        self.tier.unlock([key(number)])

        threads = [threading.Thread(target=work, args=(worker,)) for worker in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])
        eventually(lambda: (self.lock_count(), self.tier.status()["locked_key_count"]) == (0, 0))
