import unittest

from daxtier_lmcache.keys import encode_key

from lmcache_doubles import ObjectKey


class KeyStringTest(unittest.TestCase):
    """The strings of the LMCache contract, 1.1."""

    def test_unsalted(self):
        key = ObjectKey(bytes([0, 1, 30, 31]), "meta-llama/Llama-3.1-8B-Instruct", 0x01000100)
        self.assertEqual(encode_key(key), b"meta-llama/Llama-3.1-8B-Instruct@01000100@0@00011e1f")

    def test_salted_wideRankAndGroup(self):
        key = ObjectKey(bytes([0, 1, 2, 3]), "m", 0x100FF00FF, 26, "tenant é x")
        self.assertEqual(encode_key(key), "m@100ff00ff@1a@00010203@tenant é x".encode())


if __name__ == "__main__":
    unittest.main()
