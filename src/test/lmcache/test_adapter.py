"""The plugin as LMCache sees it: every promise of the L2 adapter interface, with LMCache's own types."""

import os
import threading
import unittest

import torch
from lmcache.v1.distributed.internal_api import L2AdapterListener
from lmcache.v1.distributed.l2_adapters.config import L2AdapterConfigBase

import daxtier_lmcache
from lmcache_doubles import eventually
from lmcache_objects import buffer, configs, key, load, lookup, open_adapter, service, store

SLOT = 16 << 20


class Recorder(L2AdapterListener):
    def __init__(self):
        self.events = []

    def on_l2_keys_stored(self, keys, sizes):
        self.events.append(("stored", list(keys), list(sizes)))

    def on_l2_keys_accessed(self, keys):
        self.events.append(("accessed", list(keys)))

    def on_l2_keys_deleted(self, keys):
        self.events.append(("deleted", list(keys)))


class AdapterTest(unittest.TestCase):
    def setUp(self):
        service("FLUSHALL")
        self.adapter = open_adapter()
        self.addCleanup(self.adapter.close)
        self.recorder = Recorder()
        self.adapter.register_listener(self.recorder)

    def locked(self):
        return self.adapter.report_status()["locked_key_count"]

    def unlocked(self):
        return self.locked() == 0 and service("DAX.SESSIONS") == []

    def test_loadedByLMCache_withItsConfigClass(self):
        self.assertIsInstance(self.adapter, daxtier_lmcache.DaxtierL2Adapter)
        self.assertTrue(issubclass(daxtier_lmcache.DaxtierL2AdapterConfig, L2AdapterConfigBase))
        self.assertIn("unix_socket", daxtier_lmcache.DaxtierL2AdapterConfig.help())
        with self.assertRaisesRegex(ValueError, "port must be"):
            open_adapter(port=0)
        self.assertTrue(self.adapter.report_status()["devices"][0]["is_mapped"])

    def test_eventChannelsAreDistinct(self):
        adapter = self.adapter
        channels = {adapter.get_store_event_fd(), adapter.get_lookup_and_lock_event_fd(), adapter.get_load_event_fd()}
        self.assertEqual(len(channels), 3)

    def test_storeLookupLoadUnlock_withEvents(self):
        keys = [key(0), key(1), key(2)]
        result = store(self.adapter, [keys[0], keys[2]], [buffer(SLOT, 3), buffer(1000, 5)])
        self.assertEqual((result.is_successful(), result.bytes_transferred()), (True, SLOT + 1000))
        self.assertEqual(lookup(self.adapter, keys), [True, False, True])
        targets = [buffer(SLOT), buffer(SLOT), buffer(1000)]
        self.assertEqual(load(self.adapter, keys, targets), [True, False, True])
        for target, expected in zip(targets, (buffer(SLOT, 3), buffer(SLOT), buffer(1000, 5))):
            self.assertTrue(torch.equal(target.raw_data, expected.raw_data))
        self.adapter.submit_unlock([keys[0], keys[2]])
        eventually(self.unlocked)
        self.assertEqual(
            self.recorder.events,
            [("stored", [keys[0], keys[2]], [SLOT, SLOT]), ("accessed", [keys[0], keys[2]])],
        )

    def test_storeAgain_succeedsKeepsTheBytesAndCountsOnce(self):
        store(self.adapter, [key(1, "alice")], [buffer(1000, 3)])
        again = store(self.adapter, [key(1, "alice")], [buffer(1000, 9)])
        self.assertEqual((again.is_successful(), again.bytes_transferred()), (True, 0))
        target = buffer(1000)
        self.assertEqual(load(self.adapter, [key(1, "alice")], [target]), [True])
        self.assertTrue(torch.equal(target.raw_data, buffer(1000, 3).raw_data))
        self.assertEqual(dict(self.adapter.get_usage().bytes_by_cache_salt), {"alice": SLOT})
        self.assertEqual(len([e for e in self.recorder.events if e[0] == "stored"]), 2)

    def test_usagePerSalt(self):
        keys = [key(1, "alice"), key(2, "alice"), key(3, "bob")]
        store(self.adapter, keys, [buffer(100, n + 1) for n in range(3)])
        usage = self.adapter.get_usage()
        self.assertEqual(usage.total_bytes_used, 3 * SLOT)
        self.assertEqual(usage.total_capacity_bytes, 1 << 30)
        self.assertEqual(dict(usage.bytes_by_cache_salt), {"alice": 2 * SLOT, "bob": SLOT})
        self.adapter.delete(keys[:2])
        self.assertEqual(dict(self.adapter.get_usage().bytes_by_cache_salt), {"bob": SLOT})
        self.assertEqual(self.adapter.get_usage().total_bytes_used, SLOT)

    def test_deleteWaitsForEveryUnlock(self):
        store(self.adapter, [key(1)], [buffer(100, 1)])
        self.assertEqual(lookup(self.adapter, [key(1)]), [True])
        self.assertEqual(lookup(self.adapter, [key(1)]), [True])
        for _ in range(2):
            self.assertEqual(self.locked(), 1)
            self.adapter.delete([key(1)])
            self.assertEqual([e for e in self.recorder.events if e[0] == "deleted"], [])
            self.adapter.submit_unlock([key(1)])
            lookup(self.adapter, [])  # the lookup worker has done the unlock before
        self.adapter.delete([key(1), key(7)])
        self.assertEqual(self.recorder.events[-1], ("deleted", [key(1)]))

    def test_deleteOfAKeyThatAnotherStored_doesNotUnderflow(self):
        other = open_adapter()
        store(other, [key(1)], [buffer(100, 1)])
        other.close()
        self.adapter.delete([key(1)])
        self.assertEqual(self.recorder.events, [("deleted", [key(1)])])
        self.assertEqual(self.adapter.get_usage().total_bytes_used, 0)

    def test_oneFailingKey_failsTheTaskAndKeepsTheOthers(self):
        result = store(self.adapter, [key(1), key(2)], [buffer(SLOT + 1, 1), buffer(100, 2)])
        self.assertEqual((result.is_successful(), int(result)), (False, -1))
        self.assertEqual(self.recorder.events, [("stored", [key(2)], [SLOT])])
        self.assertEqual(load(self.adapter, [key(2)], [buffer(100)]), [True])

    def test_lengthMismatch_isAnErrorAtSubmit(self):
        with self.assertRaises(ValueError):
            self.adapter.submit_store_task([key(1)], [])
        with self.assertRaises(ValueError):
            self.adapter.submit_load_task([key(1)], [])

    def test_narrowedBuffer_storesOnlyItsUsedPart(self):
        narrowed = buffer(1000, 1)
        narrowed.set_used_size(400)
        store(self.adapter, [key(1)], [narrowed])
        target = buffer(1000)
        self.assertEqual(load(self.adapter, [key(1)], [target]), [True])
        self.assertTrue(torch.equal(target.raw_data[:400], buffer(1000, 1).raw_data[:400]))
        self.assertEqual(int(target.raw_data[400:].sum()), 0)

    def test_manyTasksInFlight_eachHasItsResult(self):
        count = 40
        tasks = [self.adapter.submit_store_task([key(n)], [buffer(4096, n + 1)]) for n in range(count)]
        results = {}
        eventually(lambda: results.update(self.adapter.pop_completed_store_tasks()) or len(results) == count)
        self.assertEqual(set(results), set(tasks))
        targets = [buffer(4096) for _ in range(count)]
        loads = [self.adapter.submit_load_task([key(n)], [targets[n]]) for n in range(count)]
        loaded = {}

        def collect():
            for task in loads:
                bitmap = self.adapter.query_load_result(task)
                if bitmap is not None:
                    loaded[task] = bitmap.popcount()
            return len(loaded) == count

        eventually(collect)
        self.assertEqual(sum(loaded.values()), count)
        for n, target in enumerate(targets):
            self.assertTrue(torch.equal(target.raw_data, buffer(4096, n + 1).raw_data))
        status = self.adapter.report_status()
        self.assertEqual([status[f"inflight_{kind}_tasks"] for kind in ("store", "lookup", "load")], [0, 0, 0])

    def test_close_waitsForALoad_andEndsEverything(self):
        keys = [key(n) for n in range(8)]
        store(self.adapter, keys, [buffer(SLOT, n + 1) for n in range(8)])
        lookup(self.adapter, keys)
        channels = [
            self.adapter.get_store_event_fd(), self.adapter.get_lookup_and_lock_event_fd(), self.adapter.get_load_event_fd(),
        ]  # fmt: skip
        targets = [buffer(SLOT) for _ in keys]
        task = self.adapter.submit_load_task(keys, targets)
        self.adapter.close()
        self.adapter.close()
        loaded = self.adapter.query_load_result(task)
        for n, target in enumerate(targets):
            if loaded.test(n):
                self.assertTrue(torch.equal(target.raw_data, buffer(SLOT, n + 1).raw_data))
        for channel in channels:
            with self.assertRaises(OSError):
                os.fstat(channel)
        for submit in (
            lambda: self.adapter.submit_store_task([], []),
            lambda: self.adapter.submit_lookup_and_lock_task([], {}),
            lambda: self.adapter.submit_load_task([], []),
        ):
            with self.assertRaises(RuntimeError):
                submit()
        self.adapter.submit_unlock(keys)
        self.adapter.delete(keys)
        self.assertFalse(self.adapter.report_status()["is_healthy"])
        eventually(lambda: service("DAX.SESSIONS") == [])
        self.assertEqual([t.name for t in threading.enumerate() if t.name.startswith("daxtier-")], [])

    def test_globalEviction_onlyWithACapacity(self):
        self.assertFalse(self.adapter.supports_global_eviction)
        limited = open_adapter(max_capacity_gb=0.5)
        self.addCleanup(limited.close)
        self.assertTrue(limited.supports_global_eviction)
        self.assertEqual(limited.get_usage().total_capacity_bytes, 1 << 29)

    def test_configOfAnotherName_isParsed(self):
        self.assertEqual(len(configs().adapters), 1)


if __name__ == "__main__":
    unittest.main()
