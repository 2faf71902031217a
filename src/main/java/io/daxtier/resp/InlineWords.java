package io.daxtier.resp;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Splits an inline command into words by Redis's rules: blanks separate, double quotes keep them
 * and know {@code \n \r \t \b \a \xHH}, single quotes know {@code \'} only.
 */
final class InlineWords {

  private final byte[] line;
  private final int length;
  private int at;

  private InlineWords(byte[] line, int length) {
    this.line = line;
    this.length = length;
  }

  static List<byte[]> split(byte[] line, int length) throws ProtocolException {
    InlineWords words = new InlineWords(line, length);
    List<byte[]> result = new ArrayList<>();
    words.skipBlanks();
    while (words.at < length) {
      result.add(words.next());
      words.skipBlanks();
    }
    return result;
  }

  private void skipBlanks() {
    while (at < length && isBlank(line[at])) {
      at++;
    }
  }

  private byte[] next() throws ProtocolException {
    ByteArrayOutputStream word = new ByteArrayOutputStream();
    while (at < length && !isBlank(line[at])) {
      byte b = line[at++];
      if (b == '"' || b == '\'') {
        quoted(b, word);
      } else {
        word.write(b);
      }
    }
    return word.toByteArray();
  }

  private void quoted(byte quote, ByteArrayOutputStream word) throws ProtocolException {
    while (at < length) {
      byte b = line[at++];
      if (b == quote) {
        if (at < length && !isBlank(line[at])) {
          break;
        }
        return;
      }
      if (b == '\\' && quote == '"' && at < length) {
        word.write(escaped());
      } else if (b == '\\' && quote == '\'' && at < length && line[at] == '\'') {
        word.write(line[at++]);
      } else {
        word.write(b);
      }
    }
    throw new ProtocolException("unbalanced quotes in request");
  }

  private int escaped() {
    byte b = line[at++];
    if (b == 'x' && at + 1 < length) {
      int high = Character.digit(line[at], 16);
      int low = Character.digit(line[at + 1], 16);
      if (high >= 0 && low >= 0) {
        at += 2;
        return (high << 4) | low;
      }
    }
    return switch (b) {
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'b' -> '\b';
      case 'a' -> 7;
      default -> b;
    };
  }

  private static boolean isBlank(byte b) {
    return b == ' ' || (b >= '\t' && b <= '\r') || b == 0;
  }
}
