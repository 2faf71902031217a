package io.daxtier.slot;

/**
 * The address of a locked object or a reserved slot, for a client that maps the device.
 *
 * @param deviceId the device
 * @param offset bytes from the start of the device
 * @param length bytes of the object
 * @param token gives the lock or reservation back; good once, only for the session that got it
 */
public record Grant(int deviceId, long offset, long length, String token) implements GrantResult {}
