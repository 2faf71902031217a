package io.daxtier.slot;

import io.daxtier.device.DaxDevice;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Bytes on their way into or out of one slot inside the service. For one thread. The slot stays
 * what it is until {@link #close}.
 */
abstract sealed class Transfer implements AutoCloseable permits Borrow, Reservation {

  final SlotMetadata metadata;

  /** Whose transfer it is; null for the store's own moves. */
  final @Nullable Session session;

  final SlotTable table;
  final int slot;
  final long length;

  Transfer(
      SlotMetadata metadata, @Nullable Session session, SlotTable table, int slot, long length) {
    this.metadata = metadata;
    this.session = session;
    this.table = table;
    this.slot = slot;
    this.length = length;
  }

  /** Bytes of the object. */
  public final long length() {
    return length;
  }

  public final DaxDevice device() {
    return table.device;
  }

  /** A direct buffer over a part of the object's bytes. */
  public final ByteBuffer buffer(long offset, int lengthBytes) {
    Objects.checkFromIndexSize(offset, lengthBytes, length);
    return table.device.mapping().buffer(address() + offset, lengthBytes);
  }

  /**
   * Whether all the object's pages are still there. Tells a lost page from a broken socket after an
   * I/O error.
   */
  public final boolean isReadable() {
    return table.device.mapping().isReadable(address(), length);
  }

  /** Bytes from the start of the device. */
  final long address() {
    return metadata.address(slot);
  }

  @Override
  public abstract void close();
}
