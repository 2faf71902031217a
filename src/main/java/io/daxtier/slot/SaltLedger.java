package io.daxtier.slot;

import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Usage per {@code cache_salt}, exact: an account is charged when an object is published and
 * credited when it is retired. Accounts without objects are forgotten. Guarded by the lock of
 * {@link SlotMetadata}.
 */
final class SaltLedger {

  /** What the objects of one salt use. */
  static final class Account {
    final String salt;
    long objects;
    long payloadBytes;

    Account(String salt) {
      this.salt = salt;
    }

    SaltUsage usage() {
      return new SaltUsage(salt, objects, objects, payloadBytes);
    }
  }

  /** Concurrent only so that a walk over it may let go of the lock. */
  private final Map<String, Account> accounts = new ConcurrentHashMap<>();

  /** Charges an object about to be published. */
  Account charge(ObjectKey key, long lengthBytes) {
    Account account = accounts.computeIfAbsent(CacheSalt.of(key.bytes()), Account::new);
    account.objects++;
    account.payloadBytes += lengthBytes;
    return account;
  }

  void credit(StoredObject object) {
    Account account = object.salt;
    account.objects--;
    account.payloadBytes -= object.length;
    if (account.objects == 0) {
      accounts.remove(account.salt);
    }
  }

  /** A walk over all of them, in no order; it goes on while they come and go between its steps. */
  Iterator<Account> walk() {
    return accounts.values().iterator();
  }
}
