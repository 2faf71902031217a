package io.daxtier.resp;

import java.io.IOException;

/** Refuses keys that are too long. Thread-safe. */
record KeyLimit(int maxBytes, Answers answers) {

  /** Whether all keys from a word on fit; answers with an error if not. */
  boolean admits(Conversation talk, int from, int step) throws IOException {
    CommandFrame frame = talk.frame();
    for (int i = from; i < frame.size(); i += step) {
      if (!admits(talk, i)) {
        return false;
      }
    }
    return true;
  }

  /** Whether one key fits; answers with an error if not. */
  boolean admits(Conversation talk, int index) throws IOException {
    int length = talk.frame().length(index);
    if (length <= maxBytes) {
      return true;
    }
    answers.error(talk, sentence(length));
    return false;
  }

  String sentence(int length) {
    return "ERR key is too long: " + length + " bytes, the limit is " + maxBytes;
  }
}
