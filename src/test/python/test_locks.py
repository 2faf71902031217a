import unittest

from daxtier_lmcache.locks import LockTable
from daxtier_lmcache.session import Address


class LockTableTest(unittest.TestCase):
    def setUp(self):
        self.session = object()
        self.table = LockTable(lifetime_seconds=300)
        self.tokens = iter(range(1000))

    def lock(self, *keys, session=None, now=0.0):
        """What a lookup of `keys` does; returns the tokens."""
        addresses = [Address(0, 0, 1, b"token %d" % next(self.tokens)) for _ in keys]
        self.table.add(session or self.session, keys, addresses, now)
        return [address.token for address in addresses]

    def test_twoLookups_twoUnlocks(self):
        first, second = self.lock(b"a") + self.lock(b"a")
        self.assertEqual(len(self.table), 1)
        self.assertEqual(self.table.give_back(self.session, [b"a"]), [second])
        self.assertEqual(len(self.table), 1)
        self.assertEqual(self.table.give_back(self.session, [b"a"]), [first])
        self.assertEqual(len(self.table), 0)
        self.assertEqual(self.table.give_back(self.session, [b"a"]), [])

    def test_keyTwiceInOneLookup_twoReferences(self):
        self.assertEqual(len(self.table.give_back(self.session, [b"a"])), 0)
        self.assertCountEqual(self.lock(b"a", b"a"), self.table.give_back(self.session, [b"a", b"a", b"a"]))

    def test_missesAreNotLocked(self):
        self.table.add(self.session, [b"a"], [None], 0.0)
        self.assertEqual((len(self.table), self.table.borrow(self.session, [b"a"])), (0, [None]))

    def test_unlockWhileBorrowed_waitsForTheLoad(self):
        (token,) = self.lock(b"a")
        (lock,) = self.table.borrow(self.session, [b"a"])
        self.assertEqual(self.table.give_back(self.session, [b"a"]), [])
        self.assertEqual(self.table.borrow(self.session, [b"a"]), [None])
        self.assertEqual(self.table.end_borrow([lock]), [token])
        self.assertEqual(len(self.table), 0)

    def test_unlockOfAnotherLookup_leavesTheBorrowedLock(self):
        older, newer = self.lock(b"a") + self.lock(b"a")
        (lock,) = self.table.borrow(self.session, [b"a"])
        self.assertEqual(lock.address.token, newer)
        self.assertEqual(self.table.give_back(self.session, [b"a"]), [older])
        self.assertEqual(self.table.end_borrow([lock]), [])
        self.assertEqual(self.table.give_back(self.session, [b"a"]), [newer])

    def test_sameKeyTwiceInOneLoad_isUnlockedOnce(self):
        (token,) = self.lock(b"a")
        locks = self.table.borrow(self.session, [b"a", b"a"])
        self.table.give_back(self.session, [b"a"])
        self.assertEqual(self.table.end_borrow(locks), [token])

    def test_forgottenWhileGivenBack_isNotUnlockedAgain(self):
        self.lock(b"a")
        locks = self.table.borrow(self.session, [b"a"])
        self.table.give_back(self.session, [b"a"])
        self.table.forget(locks)
        self.assertEqual(self.table.end_borrow(locks), [])

    def test_newSession_doesNotUseOldTokens(self):
        self.lock(b"a")
        new = object()
        self.assertEqual(self.table.borrow(new, [b"a"]), [None])
        self.assertEqual(self.table.give_back(new, [b"a"]), [])
        self.assertEqual(self.table.expire(new, 1.0), [])
        self.assertEqual(len(self.table), 0)

    def test_expiry_dropsOnlyTheOldAndUnread(self):
        (leaked,) = self.lock(b"a", now=0.0)
        self.lock(b"b", now=100.0)
        self.assertEqual(self.table.expire(self.session, 299.0), [])
        self.assertEqual(self.table.expire(self.session, 300.0), [leaked])
        locks = self.table.borrow(self.session, [b"b"])
        self.assertEqual(self.table.expire(self.session, 999.0), [])
        self.table.end_borrow(locks)
        self.assertEqual(len(self.table.expire(self.session, 999.0)), 1)


if __name__ == "__main__":
    unittest.main()
