package io.daxtier.resp;

import io.daxtier.slot.ObjectKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The words of one command, packed into one array; reused for the connection's next command. A
 * value that is to go straight into a slot is not here: the frame says its length and where it
 * stands ({@link #VALUE_INDEX}). For the connection's thread.
 *
 * <p>What a large command needs beyond the base is taken from the {@link ArgumentBudget}; if that
 * is exhausted the rest of the command is dropped and {@link #refusal} says so.
 */
final class CommandFrame {

  /** Where SET's value stands. */
  static final int VALUE_INDEX = 2;

  private static final int BASE_BYTES = 2048;
  private static final int BASE_WORDS = 16;

  private final ArgumentBudget budget;
  private byte[] bytes = new byte[BASE_BYTES];
  private int[] ends = new int[BASE_WORDS];
  private int count;
  private long taken;
  private int declared;
  private long valueLength = -1;
  private @Nullable String refusal;

  CommandFrame(ArgumentBudget budget) {
    this.budget = budget;
  }

  /** Empties the frame for a command of {@code words} words and gives large memory back. */
  void clear(int words) {
    count = 0;
    declared = words;
    valueLength = -1;
    refusal = null;
    if (taken > 0) {
      bytes = new byte[BASE_BYTES];
      ends = new int[BASE_WORDS];
      budget.giveBack(taken);
      taken = 0;
    }
  }

  /** Words the peer announced, the value included. */
  int size() {
    return declared;
  }

  /** Words read so far. */
  int read() {
    return count;
  }

  /** Whether a value waits in the channel to be received. */
  boolean hasPendingValue() {
    return valueLength >= 0;
  }

  /** Length of the value that waits, or of the inline one. */
  long valueLength() {
    return valueLength >= 0 ? valueLength : length(VALUE_INDEX);
  }

  /** Why the command cannot be run although it was read to its end; null if it can. */
  @Nullable String refusal() {
    return refusal;
  }

  void refuse(String why) {
    if (refusal == null) {
      refusal = why;
    }
  }

  int length(int index) {
    return ends[index] - start(index);
  }

  byte[] bytes(int index) {
    return Arrays.copyOfRange(bytes, start(index), ends[index]);
  }

  ObjectKey key(int index) {
    return ObjectKey.of(bytes(index));
  }

  /** The word as text, one character a byte. */
  String text(int index) {
    return new String(bytes, start(index), length(index), StandardCharsets.ISO_8859_1);
  }

  /** The word as a view, for copying. */
  ByteBuffer view(int index) {
    return ByteBuffer.wrap(bytes, start(index), length(index));
  }

  /** Whether the word is this one, whatever its case. */
  boolean is(int index, String upperCase) {
    int start = start(index);
    if (length(index) != upperCase.length()) {
      return false;
    }
    for (int i = 0; i < upperCase.length(); i++) {
      int b = bytes[start + i];
      if ((b >= 'a' && b <= 'z' ? b - 32 : b) != upperCase.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** Whether the word has an {@code @}, as all of LMCache's keys do. */
  boolean hasAtSign(int index) {
    if (index >= count) {
      return false;
    }
    for (int i = start(index); i < ends[index]; i++) {
      if (bytes[i] == '@') {
        return true;
      }
    }
    return false;
  }

  /** Makes room for a word and its bytes; null if there is none, the word is then empty. */
  @Nullable ByteBuffer append(int lengthBytes) {
    int start = count == 0 ? 0 : ends[count - 1];
    boolean fits =
        refusal == null && ensureWords(count + 1) && ensureBytes((long) start + lengthBytes);
    if (!fits) {
      refuse("ERR command is too large: its words do not fit into the memory set aside for them");
      if (count < ends.length) {
        ends[count++] = start;
      }
      return null;
    }
    ends[count++] = start + lengthBytes;
    return ByteBuffer.wrap(bytes, start, lengthBytes);
  }

  /** Leaves the place of the value empty. */
  void appendValue(long lengthBytes) {
    append(0);
    valueLength = lengthBytes;
  }

  private int start(int index) {
    return index == 0 ? 0 : ends[index - 1];
  }

  private boolean ensureWords(int needed) {
    if (needed <= ends.length) {
      return true;
    }
    int length = Math.max(needed, Math.min(ends.length * 2, declared));
    int counted = ends.length == BASE_WORDS ? 0 : ends.length;
    if (!take((long) (length - counted) * Integer.BYTES)) {
      return false;
    }
    ends = Arrays.copyOf(ends, length);
    return true;
  }

  private boolean ensureBytes(long needed) {
    if (needed <= bytes.length) {
      return true;
    }
    long length = Math.max(needed, bytes.length * 2L);
    long counted = bytes.length == BASE_BYTES ? 0 : bytes.length;
    if (length > Integer.MAX_VALUE - 8 || !take(length - counted)) {
      return false;
    }
    bytes = Arrays.copyOf(bytes, (int) length);
    return true;
  }

  private boolean take(long more) {
    if (!budget.tryTake(more)) {
      return false;
    }
    taken += more;
    return true;
  }
}
