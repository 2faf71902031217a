package io.daxtier.reconfigure;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** A backend that is nothing like DAX: it takes any fields and flips a switch. */
final class FakeBackend implements ReconfigurableBackend {

  private final String name;
  private final List<Call> calls = Collections.synchronizedList(new ArrayList<>());
  private volatile boolean ready = true;

  record Call(String operation, Map<String, JsonNode> fields) {}

  FakeBackend(String name) {
    this.name = name;
  }

  List<Call> calls() {
    return List.copyOf(calls);
  }

  void setReady(boolean ready) {
    this.ready = ready;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<String> supportedOperations() {
    return List.of("flip");
  }

  @Override
  public Object status() {
    return Map.of("flips", calls.size());
  }

  @Override
  public boolean isReady() {
    return ready;
  }

  @Override
  public Reconfiguration prepare(String operation, Payload payload) {
    if (operation.equals("strict")) {
      String word = payload.text("word");
      payload.requireNothingElse();
      return () -> Map.of("word", word);
    }
    Map<String, JsonNode> fields = payload.fields();
    return () -> {
      calls.add(new Call(operation, fields));
      if (operation.equals("fill")) {
        throw new ReconfigureException(507, "no active destination DAX capacity");
      }
      return Map.of("status", "ok", "operation", operation);
    };
  }
}
