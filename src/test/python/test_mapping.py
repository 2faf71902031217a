import ctypes
import os
import tempfile
import unittest

from daxtier_lmcache import mapping
from daxtier_lmcache.mapping import Mapping, MappingError

MIB = 1024 * 1024


class MappingTest(unittest.TestCase):
    def setUp(self):
        self.file = tempfile.NamedTemporaryFile()
        self.addCleanup(self.file.close)
        self.file.truncate(4 * MIB)

    def lines_of_maps(self):
        with open("/proc/self/maps", encoding="utf-8") as maps:
            return sum(self.file.name in line for line in maps)

    def test_writeThenRead_throughTheFile(self):
        mapped = Mapping.of_path(self.file.name, 4 * MIB)
        data = os.urandom(3 * MIB)
        source = ctypes.create_string_buffer(data, len(data))
        self.assertTrue(mapped.write(MIB // 2, len(data), ctypes.addressof(source), lambda: True))
        self.file.seek(MIB // 2)
        self.assertEqual(self.file.read(len(data)), data)
        target = ctypes.create_string_buffer(len(data))
        mapped.read(MIB // 2, len(data), ctypes.addressof(target))
        self.assertEqual(target.raw, data)
        self.assertEqual(mapped.peek(MIB // 2, 10), data[:10])

    def test_outside_isRefused(self):
        mapped = Mapping.of_path(self.file.name, 4 * MIB)
        for offset, length in ((4 * MIB, 1), (4 * MIB - 1, 2), (-1, 1), (0, -1)):
            self.assertFalse(mapped.holds(offset, length))
            with self.assertRaises(ValueError):
                mapped.peek(offset, length)

    def test_writerStops_betweenTwoPieces(self):
        mapped = Mapping.of_path(self.file.name, 4 * MIB)
        source = ctypes.create_string_buffer(b"\x01" * 4 * MIB, 4 * MIB)
        answers = iter([True, False])
        self.addCleanup(setattr, mapping, "COPY_PIECE_BYTES", mapping.COPY_PIECE_BYTES)
        mapping.COPY_PIECE_BYTES = MIB
        self.assertFalse(mapped.write(0, 4 * MIB, ctypes.addressof(source), lambda: next(answers)))
        self.assertEqual((mapped.peek(MIB - 1, 1), mapped.peek(MIB, 1)), (b"\x01", b"\x00"))

    def test_noLongerReferenced_isUnmappedAndHoldsNoDescriptor(self):
        before = len(os.listdir("/proc/self/fd"))
        mapped = Mapping.of_path(self.file.name, 4 * MIB)
        self.assertEqual((self.lines_of_maps(), len(os.listdir("/proc/self/fd"))), (1, before))
        del mapped
        self.assertEqual(self.lines_of_maps(), 0)

    def test_fileTooShort_isRefusedBeforeItKills(self):
        with self.assertRaisesRegex(MappingError, "4194304 bytes long, the service says 4194305"):
            Mapping.of_path(self.file.name, 4 * MIB + 1)

    def test_whatCannotBeMapped_saysWhy(self):
        for path, reason in (
            ("/nonexistent", "No such file"),
            ("/tmp", "Is a directory"),
            ("/dev/null", "cannot read /sys/dev/char/1:3/size"),
        ):
            with self.subTest(path), self.assertRaisesRegex(MappingError, reason):
                Mapping.of_path(path, MIB)


if __name__ == "__main__":
    unittest.main()
