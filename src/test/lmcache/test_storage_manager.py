"""LMCache's storage manager over the tier: a write leaves L1 for L2, a prefetch brings it back, eviction deletes it."""

import argparse
import json
import unittest

import torch
from lmcache.v1.distributed.api import GroupedObjectKeys, MemoryLayoutDesc, PrefetchTaskSpec
from lmcache.v1.distributed.config import EvictionConfig, L1ManagerConfig, L1MemoryManagerConfig, StorageManagerConfig
from lmcache.v1.distributed.l2_adapters.config import parse_args_to_l2_adapters_config
from lmcache.v1.distributed.storage_manager import StorageManager

from lmcache_doubles import eventually
from lmcache_objects import PORT, WAIT_SECONDS, configs, key, service

LENGTH = 2 << 20
LAYOUT = MemoryLayoutDesc(shapes=[torch.Size([LENGTH])], dtypes=[torch.uint8])
RESP = {"type": "resp", "host": "127.0.0.1", "port": PORT}


def pattern(number: int) -> torch.Tensor:
    return (torch.arange(LENGTH, dtype=torch.int64) * 7 + number).to(torch.uint8)


class StorageManagerTest(unittest.TestCase):
    def open(self, adapters) -> StorageManager:
        service("FLUSHALL")
        memory = L1MemoryManagerConfig(size_in_bytes=16 * LENGTH, use_lazy=False, shm_name="")
        manager = StorageManager(
            StorageManagerConfig(
                l1_manager_config=L1ManagerConfig(memory_config=memory),
                eviction_config=EvictionConfig(eviction_policy="noop"),
                l2_adapter_config=adapters,
                store_policy="skip_l1",
            )
        )
        self.addCleanup(manager.close)
        return manager

    def write(self, manager, numbers):
        keys = [key(number) for number in numbers]
        reserved = manager.reserve_write(keys, LAYOUT)
        for number in numbers:
            reserved[key(number)].raw_data[:LENGTH].copy_(pattern(number))
        manager.finish_write(keys)
        del reserved
        eventually(lambda: manager.report_status()["l1_manager"]["total_object_count"] == 0)

    def read(self, manager, numbers) -> int:
        """Prefetches, compares every byte of what came, and returns how many that were."""
        keys = [key(number) for number in numbers]
        handle = manager.submit_prefetch_task(PrefetchTaskSpec([GroupedObjectKeys(keys, 0, LAYOUT)]))
        self.assertTrue(manager.wait_prefetch_status(handle, timeout=WAIT_SECONDS))
        hits = manager.query_prefetch_status(handle).l2_hit_cells[0].popcount()
        if hits:
            with manager.read_prefetched_results(keys[:hits]) as objects:
                for number, found in zip(numbers, objects):
                    self.assertTrue(torch.equal(found.raw_data[:LENGTH], pattern(number)))
                del found, objects
            manager.finish_read_prefetched(keys[:hits])
        return hits

    def round_trip(self, adapters):
        manager = self.open(adapters)
        self.write(manager, range(5))
        self.assertEqual(service("DBSIZE"), 5)
        self.assertEqual(self.read(manager, range(5)), 5)
        self.assertEqual(self.read(manager, [3, 99, 4]), 1)  # a prefix: what lies behind the hole is unlocked again
        eventually(lambda: service("DAX.SESSIONS") == [])
        return manager

    def test_roundTripThroughThePlugin_leavesNoLock(self):
        manager = self.round_trip(configs())
        adapter = manager.l2_adapters()[0][1]
        self.assertEqual(adapter.report_status()["locked_key_count"], 0)
        adapter.delete([key(number) for number in range(5)])
        self.assertEqual((service("DBSIZE"), adapter.get_usage().total_bytes_used), (0, 0))
        self.assertEqual(self.read(manager, [0]), 0)

    def test_roundTripThroughResp(self):
        manager = self.round_trip(parse_args_to_l2_adapters_config(argparse.Namespace(l2_adapter=[json.dumps(RESP)])))
        manager.l2_adapters()[0][1].delete([key(number) for number in range(5)])
        self.assertEqual(service("DBSIZE"), 0)

    def test_lruOfLMCache_deletesThroughThePlugin(self):
        adapters = configs(max_capacity_gb=4 * (16 << 20) / (1 << 30))
        adapters.adapters[0].eviction_config = EvictionConfig("LRU", trigger_watermark=0.9, eviction_ratio=0.5)
        manager = self.open(adapters)
        self.write(manager, range(4))
        eventually(lambda: service("DBSIZE") == 2)
        eventually(lambda: manager.l2_adapters()[0][1].get_usage().usage_fraction == 0.5)


if __name__ == "__main__":
    unittest.main()
