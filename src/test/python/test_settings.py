import os
import unittest
from unittest import mock

from daxtier_lmcache.settings import Settings


class SettingsTest(unittest.TestCase):
    def test_defaults(self):
        settings = Settings.from_dict({})
        self.assertEqual((settings.address, settings.map_devices), ("127.0.0.1:6380", True))
        self.assertEqual((settings.num_store_workers, settings.num_lookup_workers), (1, 1))
        self.assertEqual(settings.num_load_workers, min(4, os.cpu_count()))
        self.assertEqual((settings.request_timeout, settings.connection_timeout), (5.0, 5.0))
        self.assertEqual((settings.lock_timeout, settings.max_capacity_gb), (300.0, 0.0))

    def test_everyParameterIsTakenAndExplained(self):
        given = {
            "unix_socket": "/run/daxtier.sock", "host": "kv", "port": 7000, "username": "u", "password": "p",
            "map_devices": False, "num_store_workers": 2, "num_lookup_workers": 3, "num_load_workers": 4,
            "connection_timeout": 1, "request_timeout": 2, "lock_timeout": 3, "max_capacity_gb": 4,
        }  # fmt: skip
        self.assertEqual(set(given), set(Settings.__dataclass_fields__))
        settings = Settings.from_dict(given)
        for name, value in given.items():
            self.assertEqual(getattr(settings, name), value, name)
            self.assertIn(f"{name} (", Settings.help())
        self.assertEqual(settings.address, "/run/daxtier.sock")

    def test_wrongValuesAreNamed(self):
        for given, message in (
            ({"port": 0}, "port must be an integer from 1 to 65535"),
            ({"port": "6380"}, "port must be an integer from 1 to 65535"),
            ({"host": " "}, "host must be a non-empty string"),
            ({"unix_socket": 1}, "unix_socket must be a string"),
            ({"map_devices": "false"}, "map_devices must be true or false"),
            ({"num_load_workers": True}, "num_load_workers must be an integer from 1 to 256"),
            ({"request_timeout": 0}, "request_timeout must be a positive number"),
            ({"lock_timeout": float("nan")}, "lock_timeout must be a positive number"),
            ({"request_timeout": 1e19}, "request_timeout must be a positive number of seconds, at most 31536000"),
            ({"connection_timeout": 10**400}, "connection_timeout must be a positive number of seconds"),
            ({"max_capacity_gb": -1}, "max_capacity_gb must be a non-negative number"),
            ({"username": "u"}, "username needs a password"),
        ):
            with self.subTest(given), self.assertRaisesRegex(ValueError, message):
                Settings.from_dict(given)

    def test_unknownParameterIsNamed(self):
        with self.assertRaisesRegex(ValueError, "unknown parameter 'prot'; known are .*port"):
            Settings.from_dict({"prot": 6380})

    def test_credentialsFromTheEnvironmentAreNeverShown(self):
        with mock.patch.dict(os.environ, DAXTIER_USERNAME="u", DAXTIER_PASSWORD="secret"):
            settings = Settings.from_dict({})
        self.assertEqual((settings.username, settings.password), ("u", "secret"))
        self.assertNotIn("secret", repr(settings))


if __name__ == "__main__":
    unittest.main()
