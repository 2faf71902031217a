"""LMCache's own objects for tests: adapters from JSON, keys, buffers in one L1 arena, tasks that are waited for."""

import argparse
import os
import select

import torch
from lmcache.v1.distributed.api import ObjectKey
from lmcache.v1.distributed.l2_adapters import create_l2_adapter
from lmcache.v1.distributed.l2_adapters.config import parse_args_to_l2_adapters_config
from lmcache.v1.memory_management import MemoryFormat, MemoryObjMetadata, TensorMemoryObj

from daxtier_lmcache.resp import Connection
from daxtier_lmcache.settings import Settings

WAIT_SECONDS = 30
SOCKET = os.environ["DAXTIER_SOCKET"]
PORT = int(os.environ["DAXTIER_PORT"])


def configs(**parameters):
    """What LMCache makes of the plugin's --l2-adapter JSON."""
    import json

    spec = {
        "type": "plugin", "module_path": "daxtier_lmcache", "class_name": "DaxtierL2Adapter",
        "adapter_params": {"unix_socket": SOCKET, **parameters},
    }  # fmt: skip
    return parse_args_to_l2_adapters_config(argparse.Namespace(l2_adapter=[json.dumps(spec)]))


def open_adapter(**parameters):
    return create_l2_adapter(configs(**parameters).adapters[0])


def key(number: int, salt: str = "") -> ObjectKey:
    return ObjectKey(number.to_bytes(32, "big"), "test/model", 0x01000100, 0, salt)


def buffer(length: int, fill: int = 0) -> TensorMemoryObj:
    data = (torch.arange(length, dtype=torch.int64) * 31 + fill).to(torch.uint8) if fill else torch.zeros(length, dtype=torch.uint8)
    metadata = MemoryObjMetadata(
        shape=torch.Size([length]), dtype=torch.uint8, address=0, phy_size=length, fmt=MemoryFormat.KV_2LTD, ref_count=1
    )
    return TensorMemoryObj(raw_data=data, metadata=metadata, parent_allocator=None)


def service(*words: str):
    """One command to the service."""
    connection = Connection(Settings(port=PORT))
    try:
        return connection.call(*(word.encode() for word in words))
    finally:
        connection.close()


def signalled(descriptor: int) -> None:
    """Waits for an event as LMCache's controllers do."""
    poller = select.poll()
    poller.register(descriptor, select.POLLIN)
    assert poller.poll(WAIT_SECONDS * 1000), "no event"
    os.eventfd_read(descriptor)


def bits(bitmap, count: int) -> list:
    return [bitmap.test(index) for index in range(count)]


def store(adapter, keys, objects):
    task = adapter.submit_store_task(keys, objects)
    signalled(adapter.get_store_event_fd())
    results = adapter.pop_completed_store_tasks()
    assert list(results) == [task], results
    return results[task]


def lookup(adapter, keys) -> list:
    task = adapter.submit_lookup_and_lock_task(keys, {})
    signalled(adapter.get_lookup_and_lock_event_fd())
    bitmap = adapter.query_lookup_and_lock_result(task)
    assert adapter.query_lookup_and_lock_result(task) is None, "a result is handed out once"
    return bits(bitmap, len(keys))


def load(adapter, keys, objects) -> list:
    task = adapter.submit_load_task(keys, objects)
    signalled(adapter.get_load_event_fd())
    bitmap = adapter.query_load_result(task)
    assert adapter.query_load_result(task) is None, "a result is handed out once"
    return bits(bitmap, len(keys))
