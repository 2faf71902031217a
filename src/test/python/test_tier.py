"""The tier against the double of the service, by every way to the bytes."""

import tempfile
import unittest

from fake_service import FakeService
from tier_contract import TierContract


class _WithFakeService(TierContract):
    slot_bytes, slots = 64 * 1024, 16
    service_options: dict = {}
    plugin_options: dict = {}

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        slots = self.slots // self.service_options.get("devices", 1)
        self.service = FakeService(folder.name, self.slot_bytes, slots, **self.service_options)
        self.addCleanup(self.service.kill)
        self.parameters = {**self.service.parameters, **self.plugin_options}
        super().setUp()

    def lock_count(self) -> int:
        return self.service.lock_count


class TcpWithPathTest(_WithFakeService, unittest.TestCase):
    pass


class TwoDevicesTest(_WithFakeService, unittest.TestCase):
    service_options = {"devices": 2}


class UnixSocketWithPathTest(_WithFakeService, unittest.TestCase):
    service_options = {"unix": True}


class UnixSocketWithDescriptorTest(_WithFakeService, unittest.TestCase):
    service_options = {"unix": True, "share": True}


class WithoutMappingTest(_WithFakeService, unittest.TestCase):
    plugin_options = {"map_devices": False}
    is_mapped = False


class WithPasswordTest(_WithFakeService, unittest.TestCase):
    service_options = {"password": "secret"}
    plugin_options = {"password": "secret", "num_load_workers": 3, "num_store_workers": 2, "num_lookup_workers": 2}


if __name__ == "__main__":
    unittest.main()
