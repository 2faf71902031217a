import random
import threading
import unittest

from daxtier_lmcache.parts import SMALLEST_PART_BYTES, Transfer, in_parts, split
from daxtier_lmcache.workers import WorkerPool


def transfers(*lengths):
    return [Transfer(index, b"k%d" % index, None, length) for index, length in enumerate(lengths)]


class SplitTest(unittest.TestCase):
    def test_small_staysWhole(self):
        self.assertEqual(len(split(transfers(1000, 1000), 4)), 1)

    def test_nothing(self):
        self.assertEqual(split([], 4), [])

    def test_equalSizes_equalParts(self):
        parts = split(transfers(*[SMALLEST_PART_BYTES] * 8), 4)
        self.assertEqual([[t.index for t in part] for part in parts], [[0, 1], [2, 3], [4, 5], [6, 7]])

    def test_anySizes_everyTransferOnceAndInOrder(self):
        seed = random.randrange(2**32)
        rng = random.Random(seed)
        for _ in range(500):
            sizes = [rng.choice((1, 4096, 1 << 20, 64 << 20)) for _ in range(rng.randrange(1, 40))]
            parts = split(transfers(*sizes), rng.randrange(1, 9))
            self.assertEqual([t.index for part in parts for t in part], list(range(len(sizes))), f"seed {seed}")


class InPartsTest(unittest.TestCase):
    def test_thenComesOnceAfterAllParts(self):
        pool = WorkerPool("test", 4)
        self.addCleanup(pool.close)
        done, finished, threads = [], threading.Event(), set()
        meet = threading.Barrier(4)

        def work(transfer):
            meet.wait(20)  # only passes when four workers are at it at once
            threads.add(threading.current_thread().name)
            done.append(transfer.index)

        def then():
            self.assertEqual(len(done), 4)
            finished.set()

        items = transfers(*[SMALLEST_PART_BYTES] * 4)
        pool.submit(lambda: in_parts(pool, items, work, then))
        self.assertTrue(finished.wait(20))
        self.assertEqual((sorted(done), len(threads)), ([0, 1, 2, 3], 4))

    def test_nothingToDo_stillThen(self):
        called = []
        pool = WorkerPool("test", 1)
        in_parts(pool, [], lambda transfer: None, lambda: called.append(1))
        pool.close()
        self.assertEqual(called, [1])


if __name__ == "__main__":
    unittest.main()
