package io.daxtier.resp;

import io.daxtier.device.DaxDevice;
import io.daxtier.memory.DaxMemoryException;
import io.daxtier.memory.UnixSocketPeer;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * DAX.MAP id [RO]: hands a device's descriptor to a client on the Unix socket, so that it needs no
 * access to the device node. Thread-safe.
 */
final class DescriptorCommand implements CommandSpec.Handler {

  private static final System.Logger LOG = System.getLogger(DescriptorCommand.class.getName());

  private final Tier tier;

  DescriptorCommand(Tier tier) {
    this.tier = tier;
  }

  CommandSpec spec() {
    return new CommandSpec("dax.map", -2, "dax", "Sends a device's descriptor.", 0, this);
  }

  @Override
  public void run(Conversation talk) throws IOException {
    CommandFrame frame = talk.frame();
    boolean readOnly = frame.size() == 3 && frame.is(2, "RO");
    OptionalLong id = Numbers.parse(frame.text(1));
    if (frame.size() > 3 || (frame.size() == 3 && !readOnly)) {
      talk.replies().error(Sentences.SYNTAX);
    } else if (id.isEmpty()) {
      talk.replies().error(Sentences.NOT_AN_INTEGER);
    } else if (!talk.client().overUnixSocket) {
      talk.replies().error("ERR DAX.MAP works on the Unix socket only");
    } else if (!tier.options().shareDevices()) {
      talk.replies().error("ERR DAX.MAP is switched off (dax.resp.share-devices)");
    } else {
      Optional<DaxDevice> device = usable(id.getAsLong());
      if (device.isEmpty()) {
        talk.replies().error("ERR no usable device " + id.getAsLong());
      } else {
        send(talk, device.get(), readOnly);
      }
    }
  }

  private Optional<DaxDevice> usable(long id) {
    return tier.registry().devices().stream()
        .filter(d -> d.id() == id && d.state().isUsable())
        .findFirst();
  }

  private static void send(Conversation talk, DaxDevice device, boolean readOnly)
      throws IOException {
    talk.replies().flush();
    ByteBuffer payload = ByteBuffer.wrap("+OK\r\n".getBytes(StandardCharsets.US_ASCII));
    try {
      UnixSocketPeer.sendDescriptor(talk.channel(), device.mapping(), readOnly, payload);
    } catch (DaxMemoryException e) {
      LOG.log(Level.WARNING, "DAX.MAP of " + talk.client().peer + " refused: " + e.getMessage());
      talk.replies().error("ERR device " + device.id() + " cannot be opened for another process");
    }
  }
}
