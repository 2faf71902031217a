package io.daxtier.slot;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

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
  }

  private final Map<String, Account> accounts = new HashMap<>();

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

  /** All of them, in no order. */
  List<SaltUsage> all() {
    return accounts.values().stream()
        .map(a -> new SaltUsage(a.salt, a.objects, a.objects, a.payloadBytes))
        .toList();
  }
}
